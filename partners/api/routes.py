"""Addresses of resources: rows under their plural, acts on a row under its id."""

from django.urls import URLPattern, path

from partners.api.base import ProgramViewSet

type View = type[ProgramViewSet]


def rows(view: View, plural: str, one: str, *, create: bool = False, **acts: str) -> list[URLPattern]:
    """``<plural>/`` and ``<plural>/<id>/``, read by GET; ``acts`` say what other methods do to a row."""
    many = {"get": "list"} | ({"post": "create"} if create else {})
    return [
        path(f"{plural}/", view.as_view(many), name=plural),
        path(f"{plural}/<str:public_id>/", view.as_view({"get": "retrieve"} | acts), name=one),
    ]


def acts(view: View, plural: str, one: str, *verbs: str) -> list[URLPattern]:
    """``POST <plural>/<id>/<verb>/`` for each verb."""
    return [
        path(
            f"{plural}/<str:public_id>/{verb}/",
            view.as_view({"post": verb.replace("-", "_")}),
            name=f"{one}-{verb}",
        )
        for verb in verbs
    ]
