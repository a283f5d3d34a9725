"""Shapes of rows in the API: every field is named, nothing is written through them, ids are public ids."""

from typing import Any

from django.db.models import Model
from rest_framework import serializers


def words(text: str) -> list[str]:
    """Names written with spaces between, as they are listed."""
    return text.split()


class Nothing(serializers.Serializer[Any]):
    """An act that takes no body."""


class NamedSerializer(serializers.Serializer[Any]):
    """Something else, by id and name."""

    id = serializers.CharField(source="public_id")
    name = serializers.CharField()


class RowSerializer[M: Model](serializers.ModelSerializer[M]):
    """A row as it is read: ``Meta`` names the model and the fields."""

    id = serializers.CharField(source="public_id", read_only=True)

    def get_extra_kwargs(self) -> dict[str, Any]:
        return {name: {"read_only": True} for name in self.Meta.fields}
