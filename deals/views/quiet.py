"""Pages behind a link that is a secret, opened without a sign-in."""

from django.http import HttpResponse


def quiet(page: HttpResponse) -> HttpResponse:
    """The address is a secret: it is told to no other site and kept by no search engine.

    "no-referrer" would take the origin from the form as well, and a form without one is refused.
    """
    page.headers["Referrer-Policy"] = "same-origin"
    page.headers["X-Robots-Tag"] = "noindex, nofollow"
    return page
