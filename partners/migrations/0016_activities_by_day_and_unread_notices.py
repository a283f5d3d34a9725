"""Activities by day, as their list shows them, and what a person has not read, as every page counts it."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('partners', '0015_walls_expect_staff'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='activity',
            index=models.Index(fields=['program', 'happened_on', 'id'], name='activity_by_day'),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(condition=models.Q(('read_at__isnull', True)), fields=['program', 'seat'], name='notice_unread'),
        ),
    ]
