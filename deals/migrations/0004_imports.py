"""Files on their way in. Staff only."""

import django.db.models.deletion
import partners.core.clock
import partners.core.ids
from django.conf import settings
from django.db import migrations, models

from partners.core.walls import same_program, wall


class Migration(migrations.Migration):

    dependencies = [
        ('deals', '0003_duplicate_claims'),
        ('partners', '0002_walls'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Import',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=partners.core.ids.new_public_id, editable=False, max_length=20)),
                ('created_at', models.DateTimeField(default=partners.core.clock.now, editable=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('updated_at', models.DateTimeField(default=partners.core.clock.now, editable=False)),
                ('file_name', models.CharField(max_length=255)),
                ('size', models.BigIntegerField(default=0)),
                ('digest', models.CharField(blank=True, max_length=64)),
                ('kind', models.CharField(choices=[('accounts', 'Accounts'), ('opportunities', 'Opportunities'), ('partners', 'Partners'), ('activities', 'Activities')], max_length=16)),
                ('dialect', models.CharField(choices=[('salesforce_api', 'Salesforce (API names)'), ('salesforce_upper', 'Salesforce (Data Loader, upper case)'), ('salesforce_snake', 'Salesforce (Fivetran)'), ('salesforce_labels', 'Salesforce (report labels)'), ('hubspot_labels', 'HubSpot (labels)'), ('hubspot_names', 'HubSpot (internal names)'), ('generic', 'Table')], max_length=24)),
                ('encoding', models.CharField(max_length=40)),
                ('delimiter', models.CharField(max_length=4)),
                ('columns', models.JSONField(default=list)),
                ('mapping', models.JSONField(default=dict)),
                ('date_order', models.CharField(blank=True, max_length=3)),
                ('decimal_mark', models.CharField(blank=True, max_length=1)),
                ('sample', models.JSONField(default=list)),
                ('state', models.CharField(choices=[('draft', 'Columns to confirm'), ('checking', 'Being checked'), ('checked', 'Checked'), ('loading', 'Being loaded'), ('done', 'Loaded'), ('failed', 'Could not be used')], default='draft', max_length=10)),
                ('summary', models.JSONField(default=dict)),
                ('failure', models.TextField(blank=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('asked_at', models.DateTimeField(blank=True, null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('asked_by_name', models.CharField(blank=True, max_length=120)),
                ('asked_by_role', models.CharField(choices=[('leader', 'Program leader'), ('partner_manager', 'Partner manager'), ('sales_ops', 'Sales ops'), ('rep', 'Direct rep'), ('sponsor', 'Sponsor'), ('partner_admin', 'Partner admin'), ('partner_seller', 'Partner seller'), ('system', 'PRM')], default='system', max_length=20)),
                ('door', models.CharField(choices=[('screen', 'Workspace'), ('portal', 'Portal'), ('api', 'API'), ('file', 'File'), ('job', 'Job'), ('command', 'Command')], default='screen', max_length=10)),
                ('asked_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('program', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='partners.program')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='ImportPiece',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('data', models.BinaryField()),
                ('file', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='pieces', to='deals.import')),
                ('program', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='partners.program')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='ImportProblem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('row', models.PositiveIntegerField()),
                ('column', models.CharField(blank=True, max_length=200)),
                ('problem', models.TextField()),
                ('file', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='problems', to='deals.import')),
                ('program', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='partners.program')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.AddIndex(
            model_name='import',
            index=models.Index(fields=['program', '-created_at'], name='import_newest_first'),
        ),
        migrations.AddConstraint(
            model_name='import',
            constraint=models.UniqueConstraint(fields=('program', 'public_id'), name='import_public_id_is_unique'),
        ),
        migrations.AddConstraint(
            model_name='importpiece',
            constraint=models.UniqueConstraint(fields=('program', 'file', 'number'), name='import_piece_is_in_order'),
        ),
        migrations.AddIndex(
            model_name='importproblem',
            index=models.Index(fields=['program', 'file', 'row'], name='import_problem_by_row'),
        ),
        wall("deals_import"),
        wall("deals_importpiece"),
        wall("deals_importproblem"),
        same_program("deals_importpiece", "file_id", "deals_import"),
        same_program("deals_importproblem", "file_id", "deals_import"),
    ]
