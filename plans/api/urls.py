"""Resources of what we promised each other, under ``/api/v1/programs/<slug>/`` in the namespace ``api``."""

from typing import Any

from django.urls import URLPattern, path

from plans.api.parts import Commitments, Milestones
from plans.api.resources import CheckIns, Plans


def _acts(view: Any, plural: str, one: str, verbs: dict[str, str]) -> list[URLPattern]:
    """``POST plural/<id>/verb/`` for each verb and the method that does it."""
    return [
        path(f"{plural}/<str:public_id>/{verb}/", view.as_view({"post": method}), name=f"{one}-{verb}")
        for verb, method in verbs.items()
    ]


def _resource(view: Any, plural: str, one: str) -> list[URLPattern]:
    return [
        path(f"{plural}/", view.as_view({"get": "list", "post": "create"}), name=plural),
        path(
            f"{plural}/<str:public_id>/",
            view.as_view({"get": "retrieve", "patch": "partial_update"}),
            name=one,
        ),
    ]


urlpatterns = [
    *_resource(Plans, "plans", "plan"),
    *_acts(
        Plans, "plans", "plan",
        {"propose": "propose", "agree": "agree", "close": "close", "check-in": "check_in"},
    ),
    *_resource(Commitments, "commitments", "commitment"),
    *_acts(Commitments, "commitments", "commitment", {"keep": "keep", "break": "break_", "drop": "drop"}),
    *_resource(Milestones, "milestones", "milestone"),
    *_acts(Milestones, "milestones", "milestone", {"prove": "prove", "drop": "drop"}),
    path("check-ins/", CheckIns.as_view({"get": "list"}), name="check-ins"),
    path("check-ins/<str:public_id>/", CheckIns.as_view({"get": "retrieve"}), name="check-in"),
]  # fmt: skip
