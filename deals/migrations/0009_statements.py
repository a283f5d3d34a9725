"""Statements of people who know an account, and the look-up behind their links. Staff only."""

import django.db.models.deletion
import partners.core.clock
import partners.core.ids
from django.conf import settings
from django.db import migrations, models
from django.db.migrations.operations import RunSQL

from partners.core.walls import same_program, wall

# Answers before any scope can be open, so it runs with the owner's rights, and gives an id only.
LOOKUP = RunSQL(
    sql="""
    CREATE FUNCTION prm_statement(wanted text) RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER
        SET search_path = public, pg_temp AS
        $$ SELECT program_id FROM deals_statement WHERE digest = wanted $$;
    """,
    reverse_sql="DROP FUNCTION prm_statement(text);",
)


class Migration(migrations.Migration):

    dependencies = [
        ('deals', '0008_leads'),
        ('partners', '0008_notices'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Statement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=partners.core.ids.new_public_id, editable=False, max_length=20)),
                ('created_at', models.DateTimeField(default=partners.core.clock.now, editable=False)),
                ('send_attempts', models.PositiveSmallIntegerField(default=0)),
                ('attempted_at', models.DateTimeField(blank=True, null=True)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('name', models.CharField(help_text='Whose statement it is.', max_length=120)),
                ('email', models.EmailField(blank=True, max_length=254)),
                ('question', models.TextField(blank=True, help_text='What we ask, in our words.')),
                ('asked_by', models.CharField(blank=True, max_length=120)),
                ('asked_at', models.DateTimeField(blank=True, null=True)),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('digest', models.CharField(max_length=64, null=True, unique=True)),
                ('text', models.TextField(blank=True)),
                ('given_at', models.DateTimeField(blank=True, null=True)),
                ('given_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('program', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='partners.program')),
                ('registration', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='statements', to='deals.registration')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(condition=models.Q(('given_at__isnull', True), ('revoked_at__isnull', True), ('sent_at__isnull', True)), fields=['program', 'id'], name='statement_mail_owed')],
                'constraints': [models.UniqueConstraint(fields=('program', 'public_id'), name='statement_public_id_is_unique'), models.CheckConstraint(condition=models.Q(models.Q(('given_at__isnull', True), ('text', '')), models.Q(('given_at__isnull', False), models.Q(('text', ''), _negated=True)), _connector='OR'), name='statement_given_says_something'), models.CheckConstraint(condition=models.Q(('given_at__isnull', False), models.Q(('asked_at__isnull', False), ('expires_at__isnull', False), models.Q(('email', ''), _negated=True)), _connector='OR'), name='statement_is_asked_or_given')],
            },
        ),
        wall("deals_statement"),
        same_program("deals_statement", "registration_id", "deals_registration"),
        LOOKUP,
    ]
