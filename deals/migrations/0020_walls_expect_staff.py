"""The walls say who is staff in words by which PostgreSQL expects as many rows as there are."""

from django.db import migrations

from partners.core.walls import walls_expecting_staff


class Migration(migrations.Migration):
    dependencies = [("deals", "0017_candidates_by_index")]

    operations = [walls_expecting_staff("deals")]
