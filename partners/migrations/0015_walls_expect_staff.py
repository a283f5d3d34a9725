"""The walls say who is staff in words by which PostgreSQL expects as many rows as there are."""

from django.db import migrations

from partners.core.walls import walls_expecting_staff


class Migration(migrations.Migration):
    dependencies = [("partners", "0012_token_plan_kept")]

    operations = [walls_expecting_staff("partners")]
