"""Turns a refusal raised anywhere below a page into a page that says what to do."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from partners.core.errors import DomainError


class RefusalMiddleware:
    """``DomainError`` becomes its status and sentence; the API maps it in ``partners.api.problems``."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, DomainError):
            return None
        template = {403: "403.html", 404: "404.html"}.get(exception.status, "refusal.html")
        return render(request, template, {"refusal": exception}, status=exception.status)
