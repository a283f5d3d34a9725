"""Wall 3 for what we sell together. Accounts, conflicts, rulings and stage history are staff only."""

from django.db import migrations

from partners.core.walls import same_program, wall


class Migration(migrations.Migration):
    dependencies = [("deals", "0001_start"), ("partners", "0002_walls")]

    operations = [
        wall("deals_account"),
        wall("deals_accountkey"),
        wall("deals_opportunity", partner_column="partner_id"),
        wall("deals_stagechange"),
        wall("deals_registration", partner_column="partner_id"),
        wall("deals_protection", partner_column="partner_id"),
        wall("deals_conflict"),
        wall("deals_ruling"),
        same_program("deals_account", "parent_id", "deals_account"),
        same_program("deals_account", "owner_id", "partners_seat"),
        same_program("deals_accountkey", "account_id", "deals_account"),
        same_program("deals_opportunity", "account_id", "deals_account"),
        same_program("deals_opportunity", "offering_id", "partners_offering"),
        same_program("deals_opportunity", "owner_id", "partners_seat"),
        same_program("deals_opportunity", "partner_id", "partners_partner"),
        same_program("deals_stagechange", "opportunity_id", "deals_opportunity"),
        same_program("deals_registration", "partner_id", "partners_partner"),
        same_program("deals_registration", "seller_id", "partners_seat"),
        same_program("deals_registration", "offering_id", "partners_offering"),
        same_program("deals_registration", "account_id", "deals_account"),
        same_program("deals_registration", "opportunity_id", "deals_opportunity"),
        same_program("deals_protection", "registration_id", "deals_registration"),
        same_program("deals_protection", "partner_id", "partners_partner"),
        same_program("deals_protection", "account_id", "deals_account"),
        same_program("deals_protection", "offering_id", "partners_offering"),
        same_program("deals_conflict", "registration_id", "deals_registration"),
        same_program("deals_conflict", "account_id", "deals_account"),
        same_program("deals_conflict", "rival_registration_id", "deals_registration"),
        same_program("deals_conflict", "rival_opportunity_id", "deals_opportunity"),
        same_program("deals_conflict", "ruling_id", "deals_ruling"),
        same_program("deals_ruling", "registration_id", "deals_registration"),
    ]
