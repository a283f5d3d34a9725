"""What the API says of accounts."""

from rest_framework import serializers

from deals.models import Account
from partners.kit.shapes import RowSerializer, words


class AccountSerializer(RowSerializer[Account]):
    """An end customer as the vendor knows it. Staff only."""

    merged_into = serializers.SlugRelatedField(slug_field="public_id", read_only=True)  # type: ignore[var-annotated]

    class Meta:
        model = Account
        fields = words(
            "id name other_names website domain other_domains country segment owner_name is_customer"
            " is_named external_id other_ids vertical merged_into removed_at version created_at"
            " updated_at"
        )
