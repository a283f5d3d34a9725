"""A duplicate claim names the first one, which is the same partner's."""

import django.db.models.deletion
from django.db import migrations, models

from partners.core.walls import same_program


class Migration(migrations.Migration):

    dependencies = [
        ('deals', '0002_walls'),
        ('partners', '0002_walls'),
    ]

    operations = [
        migrations.AddField(
            model_name='registration',
            name='duplicate_of',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='deals.registration'),
        ),
        migrations.AlterField(
            model_name='registration',
            name='reason',
            field=models.CharField(blank=True, choices=[('clean', 'Nothing stands against it'), ('partner_first', "The partner's work came first"), ('customer_choice', 'The customer chose in writing'), ('not_a_conflict', 'A different customer or deal'), ('existing_customer', 'Already a customer'), ('open_opportunity', 'Our own opportunity was open before'), ('named_account', 'A named or house account'), ('earlier_claim', 'An earlier claim holds the account'), ('same_partner', "The partner's own earlier claim"), ('too_little', 'Too little information'), ('not_viable', 'Not a viable deal'), ('public_tender', 'A public tender'), ('out_of_scope', 'Out of scope'), ('not_available', 'Not open for registration')], max_length=20),
        ),
        migrations.AlterField(
            model_name='ruling',
            name='reason',
            field=models.CharField(choices=[('clean', 'Nothing stands against it'), ('partner_first', "The partner's work came first"), ('customer_choice', 'The customer chose in writing'), ('not_a_conflict', 'A different customer or deal'), ('existing_customer', 'Already a customer'), ('open_opportunity', 'Our own opportunity was open before'), ('named_account', 'A named or house account'), ('earlier_claim', 'An earlier claim holds the account'), ('same_partner', "The partner's own earlier claim"), ('too_little', 'Too little information'), ('not_viable', 'Not a viable deal'), ('public_tender', 'A public tender'), ('out_of_scope', 'Out of scope'), ('not_available', 'Not open for registration')], max_length=20),
        ),
        migrations.AddConstraint(
            model_name='registration',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'duplicate'), _negated=True), ('duplicate_of__isnull', False), _connector='OR'), name='registration_duplicate_names_the_first'),
        ),
        same_program("deals_registration", "duplicate_of_id", "deals_registration"),
    ]
