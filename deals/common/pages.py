"""Pages that several packages have: one form, and a page behind a secret link."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from partners.views.gates import PlacedRequest


def form_page(request: PlacedRequest, form: forms.Form, **context: Any) -> HttpResponse:
    status = 422 if form.is_bound else 200
    return render(request, "act.html", {"form": form, "act": context, **context}, status=status)


def address_of(request: PlacedRequest, name: str, public_id: str) -> str:
    return reverse(name, kwargs={"program": request.place.program.slug, "public_id": public_id})


def quiet(page: HttpResponse) -> HttpResponse:
    """The address is a secret: it is told to no other site and kept by no search engine.

    "no-referrer" would take the origin from the form as well, and a form without one is refused.
    """
    page.headers["Referrer-Policy"] = "same-origin"
    page.headers["X-Robots-Tag"] = "noindex, nofollow"
    return page
