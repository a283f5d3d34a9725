import django.db.models.deletion
import partners.core.clock
import partners.core.ids
from partners.core.walls import same_program, wall
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [('partners', '0002_walls')]

    operations = [
        migrations.CreateModel(
            name='CellCalendar',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField()),
                ('program', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='partners.program')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('program',), name='cell_calendar_is_one_per_program')],
            },
        ),
        migrations.CreateModel(
            name='MetricCell',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField()),
                ('metric', models.CharField(max_length=30)),
                ('value', models.DecimalField(decimal_places=2, max_digits=20)),
                ('as_of', models.DateTimeField(default=partners.core.clock.now)),
                ('partner', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='partners.partner')),
                ('program', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='partners.program')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['program', 'metric', 'month'], name='metric_cell_by_metric')],
                'constraints': [models.UniqueConstraint(fields=('program', 'partner', 'month', 'metric'), name='metric_cell_is_one_per_partner_month_and_metric', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('month__day', 1)), name='metric_cell_month_is_a_first_day')],
            },
        ),
        migrations.CreateModel(
            name='RebuildRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=partners.core.ids.new_public_id, editable=False, max_length=20)),
                ('created_at', models.DateTimeField(default=partners.core.clock.now, editable=False)),
                ('started_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField()),
                ('cells', models.PositiveIntegerField(help_text='Cells compared.')),
                ('differed', models.PositiveIntegerField()),
                ('differences', models.JSONField(default=list)),
                ('program', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='partners.program')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['program', '-started_at'], name='rebuild_run_newest_first')],
                'constraints': [models.UniqueConstraint(fields=('program', 'public_id'), name='rebuildrun_public_id_is_unique')],
            },
        ),
        # Staff only: a partner's people never read figures of the program.
        wall("prm_metriccell"),
        wall("prm_cellcalendar"),
        wall("prm_rebuildrun"),
        same_program("prm_metriccell", "partner_id", "partners_partner"),
    ]
