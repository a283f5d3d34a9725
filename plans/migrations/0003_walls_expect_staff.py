"""The walls say who is staff in words by which PostgreSQL expects as many rows as there are."""

from django.db import migrations

from partners.core.walls import walls_expecting_staff


class Migration(migrations.Migration):
    dependencies = [("plans", "0002_walls")]

    operations = [walls_expecting_staff("plans")]
