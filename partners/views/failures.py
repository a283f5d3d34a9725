"""What is answered to an address that leads nowhere, and when something failed that nobody foresaw.

Under ``/api/`` both are problems as RFC 9457 has them; views there answer their own.
"""

import sys
from http import HTTPStatus

import structlog
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.views.defaults import page_not_found, server_error

log = structlog.get_logger(__name__)
AWAY = "The database does not answer at the moment. Nothing was half-saved. Try again in a minute."


def missing(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: nothing is there."""
    if request.path.startswith("/api/"):
        return _problem(404, "not_found", "There is nothing at this address.")
    return page_not_found(request, exception)


def _problem(status: int, code: str, detail: str, **headers: str) -> JsonResponse:
    body = {
        "type": f"urn:prm:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
    }
    return JsonResponse(body, status=status, headers=headers, content_type="application/problem+json")


def failed(request: HttpRequest) -> HttpResponse:
    """503 while the database is away or gave up waiting, otherwise the page that says the fault is ours.

    Django calls this while the exception is being handled, from whatever layer it came. The page is drawn
    without the request, whose person would have to be read from the database.
    """
    in_api = request.path.startswith("/api/")
    if not isinstance(sys.exception(), OperationalError):
        return _problem(500, "failed", "The fault is ours. Try again.") if in_api else server_error(request)
    log.error("database_away", path=request.path)
    again = {"Retry-After": "30"}
    if in_api:
        return _problem(503, "database_away", AWAY, **again)
    return HttpResponse(render_to_string("503.html", {"sentence": AWAY}), status=503, headers=again)
