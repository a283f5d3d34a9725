"""Claims that were approved from a draft and kept no account stand on the account of their protection.

For some days an approval wrote the account it made to the protection and the opportunity only. A claim whose
change is under review is left as it is: its new customer may be on no account yet.
"""

from django.db import migrations
from django.db.migrations.operations import RunSQL

# Migrations connect as the owner of the tables, whom row-level security does not bind; so the statement itself
# keeps each program's rows together.
_GIVE = """
    UPDATE deals_registration AS claim
    SET account_id = held.account_id
    FROM deals_protection AS held
    WHERE held.program_id = claim.program_id AND held.registration_id = claim.id
        AND claim.account_id IS NULL AND claim.state NOT IN ('in_review', 'needs_info');
"""


class Migration(migrations.Migration):
    dependencies = [("deals", "0014_looks")]

    operations = [RunSQL(sql=_GIVE, reverse_sql=RunSQL.noop)]
