"""The look for candidates reads the index for each entry on every version of PostgreSQL.

The entries are taken out of their text before the walls of row-level security are passed (``OFFSET 0``): until
then PostgreSQL 15 held their functions for ones that may leak what lies behind a wall, compared every key of
the program with every entry, and took seconds. ``unnest`` tells the planner that there are few entries, not
a thousand; otherwise it compiled the plan first.
"""

from importlib import import_module

from django.db import migrations
from django.db.migrations.operations import RunSQL

_BEFORE = "FROM string_to_table(entries, E'\\n') AS line\n"
_NOW = "FROM unnest(string_to_array(entries, E'\\n')) AS line OFFSET 0\n"


def _candidates(source: str) -> str:
    asked: str = import_module("deals.migrations.0014_looks")._CANDIDATES
    return asked.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION").replace(_BEFORE, source)


class Migration(migrations.Migration):
    dependencies = [("deals", "0016_one_reference_of_a_key")]

    operations = [RunSQL(sql=_candidates(_NOW), reverse_sql=_candidates(_BEFORE))]
