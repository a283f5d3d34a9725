"""Personal links, by which partner people register without signing in, and the look-up behind them."""

import django.db.models.deletion
import partners.core.clock
import partners.core.ids
from django.db import migrations, models
from django.db.migrations.operations import RunSQL

from partners.core.walls import same_program, wall

# Answers before any scope can be open, so it runs with the owner's rights, and gives ids only. Links that
# ended are found too: in the partner's scope their holder is told so.
LOOKUP = RunSQL(
    sql="""
    CREATE FUNCTION prm_link(wanted text) RETURNS TABLE (program_id bigint, partner_id bigint)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
        $$ SELECT link.program_id, link.partner_id FROM partners_personallink link
           WHERE link.digest = wanted $$;
    """,
    reverse_sql="DROP FUNCTION prm_link(text);",
)


class Migration(migrations.Migration):

    dependencies = [
        ('partners', '0010_token_door'),
    ]

    operations = [
        migrations.CreateModel(
            name='PersonalLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=partners.core.ids.new_public_id, editable=False, max_length=20)),
                ('created_at', models.DateTimeField(default=partners.core.clock.now, editable=False)),
                ('digest', models.CharField(max_length=64, unique=True)),
                ('made_by', models.CharField(max_length=120)),
                ('last_used_at', models.DateTimeField(blank=True, help_text='When a deal was last registered by it.', null=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('partner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='partners.partner')),
                ('program', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='partners.program')),
                ('seat', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='partners.seat')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('program', 'public_id'), name='personallink_public_id_is_unique'), models.UniqueConstraint(condition=models.Q(('revoked_at__isnull', True)), fields=('program', 'seat'), name='personal_link_is_one_per_seat')],
            },
        ),
        wall("partners_personallink", partner_column="partner_id"),
        same_program("partners_personallink", "seat_id", "partners_seat"),
        same_program("partners_personallink", "partner_id", "partners_partner"),
        LOOKUP,
    ]
