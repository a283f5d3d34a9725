"""Shapes and parameters that several resources of the API have."""

from typing import Any, cast

from django.db.models import Model
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from partners.access import Place
from partners.acts.shapes import RowSerializer


def place_of(field: serializers.Field[Any, Any, Any, Any]) -> Place:
    return cast(Place, field.context["view"].place)


def moment(value: Any) -> str | None:
    return None if value is None else serializers.DateTimeField().to_representation(value)


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


SEARCH = OpenApiParameter("q", str, description="Part of a name or website, or a whole id.")
OF_PARTNER = OpenApiParameter("partner", str, description="Id of a partner.")
