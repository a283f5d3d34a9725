"""Every model belongs to a program, and the database enforces what the model says."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

from partners.core.records import ProgramOwned, ScopedManager, TenantRow
from tests.support.database import owner_connection

REPOSITORY = Path(__file__).resolve().parent.parent.parent
FLOORS = ["partners", "deals", "plans", "prm"]

# Models without a program, and why.
NOT_TENANT = {
    "partners.Program": "is the tenant; shows the program in force and those the person has a seat in",
    "partners.User": "a person may have seats in several programs",
}
# Policies written by hand, because people must find their seat before a program is chosen.
OWN_POLICY = {"partners.Seat"}
# ``partners.core.walls.STAFF`` as PostgreSQL repeats it, without blanks and brackets.
_STAFF = "SELECTCASEWHENprm_partnerISNULLTHEN1ELSENULL::integerENDISNOTNULL"


def ours() -> list[type[models.Model]]:
    return [model for floor in FLOORS for model in apps.get_app_config(floor).get_models()]


def tenants() -> list[type[TenantRow]]:
    return [model for model in ours() if issubclass(model, TenantRow)]


def test_the_walk_finds_models() -> None:
    assert len(tenants()) >= 20


def test_every_model_is_tenant_owned_or_excused() -> None:
    loose = {model._meta.label for model in ours() if not issubclass(model, TenantRow)}
    assert loose == set(NOT_TENANT)


@pytest.mark.parametrize("model", tenants(), ids=lambda model: model._meta.label)
def test_the_scoped_manager_is_the_only_ordinary_one(model: type[TenantRow]) -> None:
    assert isinstance(model._base_manager, ScopedManager)
    assert isinstance(model._default_manager, ScopedManager)
    assert not model._meta.get_field("program").null
    if issubclass(model, ProgramOwned):
        assert any(
            isinstance(constraint, models.UniqueConstraint) and constraint.fields == ("program", "public_id")
            for constraint in model._meta.constraints
        )


def test_every_tenant_table_has_its_wall(db: None) -> None:
    with owner_connection() as connection:
        rows = connection.execute(
            "SELECT c.relname, c.relrowsecurity, p.qual, p.with_check FROM pg_class c"
            " LEFT JOIN pg_policies p ON p.tablename = c.relname AND p.schemaname = 'public'"
            " AND p.permissive = 'PERMISSIVE'"  # the others only take writing out of it
            " WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace"
        ).fetchall()
    walls = {name: (secured, using, check) for name, secured, using, check in rows}
    for model in tenants():
        secured, using, check = walls[model._meta.db_table]
        assert secured, model._meta.label
        assert using is not None, model._meta.label
        assert check == using, model._meta.label
        assert "prm_program()" in using, model._meta.label
        compact = re.sub(r" AS \"?\w+\"?|[\s()]", "", using)
        # ``STAFF``, not the words the planner takes for hardly ever true.
        assert "prm_partnerISNULL" not in compact.replace(_STAFF, ""), model._meta.label
        if model._meta.label in OWN_POLICY:
            continue
        if model.shared_with_partners:
            assert "prm_partner" not in compact, model._meta.label
        elif model.partner_path:
            assert f"OR{model.partner_path}=SELECTprm_partner" in compact, model._meta.label
        else:
            assert compact.endswith(f"AND{_STAFF}"), model._meta.label
    assert walls["partners_program"][0]


def test_every_key_to_a_tenant_row_stays_in_the_program(db: None) -> None:
    with owner_connection() as connection:
        rows = connection.execute(
            "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE contype = 'f'"
        ).fetchall()
    composite = {
        (table, match[1], match[2])
        for table, text in rows
        if (match := re.match(r"FOREIGN KEY \(program_id, (\w+)\) REFERENCES (\w+)\(program_id, id\)", text))
    }
    wanted = {
        (model._meta.db_table, field.column, field.related_model._meta.db_table)
        for model in tenants()
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey)
        and isinstance(field.related_model, type)
        and issubclass(field.related_model, TenantRow)
    }
    assert len(wanted) >= 30
    assert sorted(wanted - composite) == []


def test_a_floor_points_only_downwards() -> None:
    for model in ours():
        for field in model._meta.get_fields():
            if isinstance(field, models.ForeignKey) and isinstance(field.related_model, type):
                target = field.related_model._meta.app_label
                if target in FLOORS:
                    assert FLOORS.index(target) <= FLOORS.index(model._meta.app_label), field
                    if target != model._meta.app_label:
                        assert field.remote_field.related_name == "+", f"{field} opens a door upwards"


# Reads that come before any program is known. Everything else goes through the scoped manager.
UNSCOPED = {"partners/access.py", "partners/core/records.py"}


def sources() -> list[Path]:
    return [
        path
        for floor in FLOORS
        for path in (REPOSITORY / floor).rglob("*.py")
        if "migrations" not in path.parts
    ]


def test_unscoped_reads_are_the_listed_ones() -> None:
    found = {
        str(path.relative_to(REPOSITORY))
        for path in sources()
        if re.search(r"\bunscoped\b", path.read_text())
    }
    assert found == UNSCOPED


# Requests that must see more than the partner may. A new one is added here on purpose or not at all.
WIDENED = {
    "deals/registrations/submit.py": 2,  # screening sees rivals; withdrawing closes conflicts
    "deals/common/claim_facts.py": 1,  # the charter's terms of a claim's life
    "deals/registrations/appeal.py": 1,  # what stood and stands against the claim, for staff
    "deals/registrations/change.py": 3,  # the charter's terms; a change is screened like a claim
    "deals/registrations/returns.py": 1,  # an answer is screened again and moves deadlines
    "deals/registrations/extensions.py": 2,  # the charter says which needs a person; who that is is told
    "deals/leads/services.py": 1,  # who answers a given lead is told of it
    "deals/leads/offers.py": 1,  # an answer opens the lead to its partner, or frees it
    "partners/selectors.py": 1,  # the charter's promise to partners
    "partners/services/activities.py": 1,  # a visit is noted among the staff's activities
    "plans/services/acts.py": 1,  # marks of metric cells are the vendor's
}


def test_widened_scopes_are_the_listed_ones() -> None:
    found = {
        str(path.relative_to(REPOSITORY)): len(re.findall(r"\bwhole_program\(", path.read_text()))
        for path in sources()
        if path.name != "scope.py" and re.search(r"\bwhole_program\(", path.read_text())
    }
    assert found == WIDENED
