"""What is answered when something failed that nobody foresaw."""

import sys

import structlog
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.views.defaults import server_error

log = structlog.get_logger(__name__)
AWAY = "The database does not answer at the moment. Nothing was half-saved. Try again in a minute."


def failed(request: HttpRequest) -> HttpResponse:
    """503 while the database is away or gave up waiting, otherwise the page that says the fault is ours.

    Django calls this while the exception is being handled, from whatever layer it came. The page is drawn
    without the request, whose person would have to be read from the database.
    """
    if not isinstance(sys.exception(), OperationalError):
        return server_error(request)
    log.error("database_away", path=request.path)
    again = {"Retry-After": "30"}
    if request.path.startswith("/api/"):
        body = {"title": "Service unavailable", "status": 503, "code": "database_away", "detail": AWAY}
        return JsonResponse(body, status=503, headers=again, content_type="application/problem+json")
    return HttpResponse(render_to_string("503.html", {"sentence": AWAY}), status=503, headers=again)
