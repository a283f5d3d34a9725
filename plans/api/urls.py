"""Resources of what we promised each other, under ``/api/v1/programs/<slug>/`` in the namespace ``api``."""

from django.urls import path

from partners.api.routes import acts, rows
from plans.api.parts import Commitments, Milestones
from plans.api.resources import CheckIns, Plans

urlpatterns = [
    *rows(Plans, "plans", "plan", create=True, patch="partial_update"),
    *acts(Plans, "plans", "plan", "propose", "agree", "close", "check-in"),
    *rows(Commitments, "commitments", "commitment", create=True, patch="partial_update"),
    *acts(Commitments, "commitments", "commitment", "keep", "drop"),
    path(
        "commitments/<str:public_id>/break/",
        Commitments.as_view({"post": "break_"}),
        name="commitment-break",
    ),
    *rows(Milestones, "milestones", "milestone", create=True, patch="partial_update"),
    *acts(Milestones, "milestones", "milestone", "prove", "drop"),
    *rows(CheckIns, "check-ins", "check-in"),
]
