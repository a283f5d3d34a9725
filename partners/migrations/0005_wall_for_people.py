"""Partner people see their own colleagues among the users, and nobody else's names, addresses or hashes.

Without a scope, and for staff, users are read as before: signing in comes before any scope.
"""

from django.db import migrations, models

from partners.core.walls import policy


class Migration(migrations.Migration):
    dependencies = [("partners", "0004_walls_for_writing")]

    operations = [
        policy(
            "partners_user",
            "(SELECT prm_partner()) IS NULL OR id IN (SELECT user_id FROM partners_seat)",
        ),
        migrations.RemoveConstraint(model_name="storedanswer", name="stored_answer_key_is_unique"),
        migrations.AddConstraint(
            model_name="storedanswer",
            constraint=models.UniqueConstraint(
                fields=("program", "user", "partner", "key"),
                name="stored_answer_key_is_unique",
                nulls_distinct=False,
            ),
        ),
    ]
