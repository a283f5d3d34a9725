"""What customers chose in writing, rules of engagement, and what partners did on opportunities."""

import django.contrib.postgres.fields
import django.db.models.deletion
import partners.core.clock
import partners.core.ids
from django.db import migrations, models

from partners.core.walls import same_program, wall


class Migration(migrations.Migration):

    dependencies = [
        ('deals', '0009_statements'),
        ('partners', '0006_terms_and_closed_months'),
    ]

    operations = [
        migrations.CreateModel(
            name='CustomerChoice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=partners.core.ids.new_public_id, editable=False, max_length=20)),
                ('created_at', models.DateTimeField(default=partners.core.clock.now, editable=False)),
                ('chosen_on', models.DateField(help_text='The day the customer wrote it, program time zone.')),
                ('proof', models.TextField(help_text='Who wrote what, and where it is kept.')),
                ('recorded_by', models.CharField(max_length=120)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='choices', to='deals.account')),
                ('offering', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partners.offering')),
                ('partner', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partners.partner')),
                ('program', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='partners.program')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('program', 'public_id'), name='customerchoice_public_id_is_unique'), models.CheckConstraint(condition=models.Q(('proof', ''), _negated=True), name='customer_choice_is_proven')],
            },
        ),
        migrations.CreateModel(
            name='EngagementRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=partners.core.ids.new_public_id, editable=False, max_length=20)),
                ('created_at', models.DateTimeField(default=partners.core.clock.now, editable=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('updated_at', models.DateTimeField(default=partners.core.clock.now, editable=False)),
                ('name', models.CharField(max_length=120)),
                ('countries', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=2), blank=True, default=list)),
                ('verticals', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), blank=True, default=list)),
                ('segments', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), blank=True, default=list)),
                ('stance', models.CharField(choices=[('direct', 'Direct sales only'), ('partner', 'One named partner'), ('covered', 'Partners who work there'), ('welcome', 'Partners welcome')], max_length=8)),
                ('text', models.TextField(blank=True, help_text='The rule as people agreed it.')),
                ('active', models.BooleanField(default=True)),
                ('partner', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partners.partner')),
                ('program', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='partners.program')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['program', 'active'], name='engagement_rule_in_force')],
                'constraints': [models.UniqueConstraint(fields=('program', 'public_id'), name='engagementrule_public_id_is_unique'), models.CheckConstraint(condition=models.Q(models.Q(('partner__isnull', False), ('stance', 'partner')), models.Q(models.Q(('stance', 'partner'), _negated=True), ('partner__isnull', True)), _connector='OR'), name='engagement_rule_names_its_partner')],
            },
        ),
        migrations.CreateModel(
            name='Touch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=partners.core.ids.new_public_id, editable=False, max_length=20)),
                ('created_at', models.DateTimeField(default=partners.core.clock.now, editable=False)),
                ('on', models.DateField()),
                ('kind', models.CharField(choices=[('meeting', 'Meeting'), ('demo', 'Demo'), ('reference', 'Reference'), ('proposal', 'Proposal'), ('introduction', 'Introduction')], max_length=12)),
                ('note', models.TextField(blank=True)),
                ('logged_by', models.CharField(max_length=120)),
                ('removed_at', models.DateTimeField(blank=True, null=True)),
                ('opportunity', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='touches', to='deals.opportunity')),
                ('partner', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partners.partner')),
                ('program', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='partners.program')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['program', 'partner', 'on'], name='touch_by_partner')],
                'constraints': [models.UniqueConstraint(fields=('program', 'public_id'), name='touch_public_id_is_unique')],
            },
        ),
        wall("deals_customerchoice"),
        same_program("deals_customerchoice", "account_id", "deals_account"),
        same_program("deals_customerchoice", "offering_id", "partners_offering"),
        same_program("deals_customerchoice", "partner_id", "partners_partner"),
        wall("deals_engagementrule"),
        same_program("deals_engagementrule", "partner_id", "partners_partner"),
        wall("deals_touch", partner_column="partner_id"),
        same_program("deals_touch", "opportunity_id", "deals_opportunity"),
        same_program("deals_touch", "partner_id", "partners_partner"),
    ]
