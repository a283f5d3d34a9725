"""Wall 3 for plans: a partner sees its own once they were proposed; a plan's parts belong to the plan's partner."""

from django.db import migrations
from django.db.migrations.operations import RunSQL

from partners.core.walls import policy, same_program

MINE = "program_id = (SELECT prm_program()) AND ((SELECT prm_partner()) IS NULL OR (partner_id = (SELECT prm_partner())"


def part(table: str) -> RunSQL:
    """The wall of a plan's part: seen by the partner when the plan is (the inner query meets the plan's wall)."""
    return policy(table, f"{MINE} AND EXISTS (SELECT 1 FROM plans_plan plan WHERE plan.id = plan_id)))")


def same_partner(table: str) -> RunSQL:
    """A part's partner is its plan's, held by the database, so that the walls can trust the column."""
    return RunSQL(
        sql=f"""
        ALTER TABLE {table} ADD CONSTRAINT {table}_plan_same_partner
            FOREIGN KEY (plan_id, partner_id) REFERENCES plans_plan (id, partner_id)
            DEFERRABLE INITIALLY IMMEDIATE;
        """,
        reverse_sql=f"ALTER TABLE {table} DROP CONSTRAINT {table}_plan_same_partner;",
    )


PARTS = ("plans_milestone", "plans_commitment", "plans_checkin")


class Migration(migrations.Migration):
    dependencies = [("plans", "0001_start"), ("partners", "0002_walls")]

    operations = [
        policy("plans_plan", f"{MINE} AND proposed_at IS NOT NULL))"),
        *(part(table) for table in PARTS),
        same_program("plans_plan", "partner_id", "partners_partner"),
        *(same_program(table, "plan_id", "plans_plan") for table in PARTS),
        *(same_program(table, "partner_id", "partners_partner") for table in PARTS),
        RunSQL(
            sql="CREATE UNIQUE INDEX plans_plan_id_and_partner ON plans_plan (id, partner_id);",
            reverse_sql="DROP INDEX plans_plan_id_and_partner;",
        ),
        *(same_partner(table) for table in PARTS),
    ]
