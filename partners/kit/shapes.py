"""Shapes of rows in the API: every field is named, nothing is written through them, ids are public ids."""

from typing import Any, cast

from django.db.models import Model
from rest_framework import serializers

from partners.access import Place


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


def place_of(field: serializers.Field[Any, Any, Any, Any]) -> Place:
    """Where the caller stands whose answer a field is part of."""
    return cast(Place, field.context["view"].place)


class StaffOnlySerializer[M: Model](RowSerializer[M]):
    """Fields in ``staff_only`` are null for partner people."""

    staff_only: tuple[str, ...] = ()

    def to_representation(self, instance: Any) -> dict[str, Any]:
        told: dict[str, Any] = super().to_representation(instance)
        if place_of(self).actor.is_partner:
            told.update(dict.fromkeys(self.staff_only))
        return told


class IdForStaff(serializers.CharField):
    """The id of a row that partner people do not see: in their scope it is not even asked for."""

    def __init__(self, row: str) -> None:
        super().__init__(source=f"{row}.public_id", default=None, allow_null=True, read_only=True)

    def get_attribute(self, instance: Any) -> Any:
        return None if place_of(self).actor.is_partner else super().get_attribute(instance)
