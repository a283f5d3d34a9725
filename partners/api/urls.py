"""Resources of the ground floor, under ``/api/v1/programs/<slug>/`` in the namespace ``api``."""

from django.urls import path

from partners.api.lines import CompetingLines
from partners.api.notices import Notices
from partners.api.program import ProgramInForce
from partners.api.requests import PartnerRequests
from partners.api.resources import Activities, CharterInForce, Offerings, Partners, People

_LIST_AND_NEW = {"get": "list", "post": "create"}

urlpatterns = [
    path("partners/", Partners.as_view({"get": "list", "post": "create"}), name="partners"),
    path(
        "partners/<str:public_id>/",
        Partners.as_view({"get": "retrieve", "patch": "partial_update"}),
        name="partner",
    ),
    path("activities/", Activities.as_view({"get": "list", "post": "create"}), name="activities"),
    path("partner-requests/", PartnerRequests.as_view(_LIST_AND_NEW), name="partner-requests"),
    path(
        "partner-requests/<str:public_id>/",
        PartnerRequests.as_view({"get": "retrieve"}),
        name="partner-request",
    ),
    *(
        path(
            f"partner-requests/<str:public_id>/{verb}/",
            PartnerRequests.as_view({"post": verb}),
            name=f"partner-request-{verb}",
        )
        for verb in ("accept", "decline", "later")
    ),
    path("competing-lines/", CompetingLines.as_view(_LIST_AND_NEW), name="competing-lines"),
    path(
        "competing-lines/<str:public_id>/",
        CompetingLines.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
        name="competing-line",
    ),
    path("people/", People.as_view({"get": "list"}), name="people"),
    path("notices/", Notices.as_view({"get": "list"}), name="notices"),
    path("notices/read/", Notices.as_view({"post": "read_all"}), name="notices_read"),
    path("notices/mail/", Notices.as_view({"post": "mute"}), name="notices_mail"),
    path("offerings/", Offerings.as_view({"get": "list"}), name="offerings"),
    path("program/", ProgramInForce.as_view({"get": "retrieve", "patch": "partial_update"}), name="program"),
    path("charter/", CharterInForce.as_view({"get": "retrieve", "post": "create"}), name="charter"),
]
