"""Shapes and parameters that several resources of the API have."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers


def moment(value: Any) -> str | None:
    return None if value is None else serializers.DateTimeField().to_representation(value)


SEARCH = OpenApiParameter("q", str, description="Part of a name or website, or a whole id.")
OF_PARTNER = OpenApiParameter("partner", str, description="Id of a partner.")
