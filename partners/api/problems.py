"""Every refusal of the API as one shape: RFC 9457 ``application/problem+json``."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import DataError, IntegrityError
from django.http import Http404
from rest_framework import serializers
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.response import Response

from partners.core.errors import DomainError, FieldErrors

log = structlog.get_logger(__name__)
MEDIA_TYPE = "application/problem+json"
FieldProblem = dict[str, str]


class FieldProblemSerializer(serializers.Serializer[FieldProblem]):
    """One field and what is wrong with it."""

    field = serializers.CharField(help_text="Name of the field; dots lead into nested values.")
    detail = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """A refusal: ``code`` is for programs and stable, ``detail`` is for people."""

    type = serializers.CharField(help_text="urn:prm:problem: and the code.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    errors = FieldProblemSerializer(many=True, required=False)  # type: ignore[assignment]  # a member of ours


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    errors: list[FieldProblem] | None = None,
    headers: Mapping[str, str] | None = None,
    extra: Mapping[str, object] | None = None,
) -> Response:
    """The answer itself. ``extra`` adds members of its own and never replaces a standard one."""
    body: dict[str, Any] = {
        **(extra or {}),
        "type": f"urn:prm:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
    }
    if errors:
        body["errors"] = errors
    return Response(body, status=status, headers=dict(headers or {}), content_type=MEDIA_TYPE)


def _fields(detail: Any, path: str = "") -> Iterator[FieldProblem]:
    """DRF's nested error detail as a flat list."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            own = path if name == "non_field_errors" else f"{path}.{name}".lstrip(".")
            yield from _fields(inner, own)
    elif isinstance(detail, list):
        for position, inner in enumerate(detail):
            nested = isinstance(inner, dict | list)
            yield from _fields(inner, f"{path}.{position}".lstrip(".") if nested else path)
    else:
        yield {"field": path or "body", "detail": str(detail)}


def _of_domain(error: DomainError) -> Response:
    errors: list[FieldProblem] = []
    if isinstance(error, FieldErrors):
        errors = [{"field": name, "detail": text} for name, texts in error.errors.items() for text in texts]
    elif error.field:
        errors = [{"field": error.field, "detail": error.sentence}]
    return problem(error.status, error.code, error.sentence, errors=errors, extra=error.extra)


def _of_framework(error: APIException) -> Response:
    headers = {"WWW-Authenticate": header} if (header := getattr(error, "auth_header", None)) else {}
    if isinstance(error, ValidationError):
        errors = list(_fields(error.detail))
        return problem(
            422, "invalid", errors[0]["detail"] if errors else "Please check the fields.", errors=errors
        )
    code = error.get_codes()
    return problem(
        error.status_code,
        code if isinstance(code, str) else "refused",
        str(error.detail),
        headers=headers,
    )


def as_problem(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's exception handler. None (and so Django's error page and log) for what nobody foresaw."""
    if isinstance(error, DomainError):
        return _of_domain(error)
    if isinstance(error, APIException):
        return _of_framework(error)
    if isinstance(error, Http404):
        return problem(404, "not_found", "There is nothing here.")
    if isinstance(error, PermissionDenied):
        return problem(403, "not_allowed", "Your role does not allow this.")
    if isinstance(error, RequestDataTooBig):
        return problem(413, "too_large", str(error))
    if isinstance(error, DataError):
        # What got past the serializers: a number out of range, a text too long. Never the database's words.
        log.warning("api_data_error", exc_info=error)
        return problem(422, "invalid", "A value is too long or out of range.")
    if isinstance(error, IntegrityError):
        log.warning("api_integrity_error", exc_info=error)
        return problem(409, "clash", "The present state of things stands against this. Read it again.")
    return None
