"""Whether what was promised for an approved deal was delivered."""

import django.db.models.deletion
import partners.core.clock
import partners.core.ids
from django.db import migrations, models

from partners.core.walls import same_program, wall


class Migration(migrations.Migration):

    dependencies = [
        ('deals', '0012_shared_work'),
        ('partners', '0009_token_look_up'),
    ]

    operations = [
        migrations.CreateModel(
            name='BenefitDelivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=partners.core.ids.new_public_id, editable=False, max_length=20)),
                ('created_at', models.DateTimeField(default=partners.core.clock.now, editable=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('updated_at', models.DateTimeField(default=partners.core.clock.now, editable=False)),
                ('delivered', models.BooleanField(blank=True, null=True)),
                ('delivered_on', models.DateField(blank=True, null=True)),
                ('note', models.TextField(blank=True, help_text='What was delivered, or why not. The partner reads it.')),
                ('said_by', models.CharField(blank=True, max_length=120)),
                ('said_at', models.DateTimeField(blank=True, null=True)),
                ('received', models.BooleanField(blank=True, null=True)),
                ('partner_note', models.TextField(blank=True)),
                ('partner_said_by', models.CharField(blank=True, max_length=120)),
                ('partner_said_at', models.DateTimeField(blank=True, null=True)),
                ('partner', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partners.partner')),
                ('program', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='partners.program')),
                ('registration', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='benefit_delivery', to='deals.registration')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['program', 'partner', 'delivered_on'], name='benefit_by_partner')],
                'constraints': [models.UniqueConstraint(fields=('program', 'public_id'), name='benefitdelivery_public_id_is_unique'), models.CheckConstraint(condition=models.Q(models.Q(('delivered', True), ('delivered_on__isnull', False)), models.Q(('delivered_on__isnull', True), models.Q(('delivered', True), _negated=True)), _connector='OR'), name='benefit_delivered_has_its_day'), models.CheckConstraint(condition=models.Q(('delivered__isnull', True), ('said_at__isnull', False), _connector='OR'), name='benefit_word_has_its_time'), models.CheckConstraint(condition=models.Q(('received__isnull', True), ('partner_said_at__isnull', False), _connector='OR'), name='benefit_answer_has_its_time')],
            },
        ),
        wall("deals_benefitdelivery", partner_column="partner_id"),
        same_program("deals_benefitdelivery", "registration_id", "deals_registration"),
        same_program("deals_benefitdelivery", "partner_id", "partners_partner"),
    ]
