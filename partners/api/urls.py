"""Resources of the ground floor, under ``/api/v1/programs/<slug>/`` in the namespace ``api``."""

from django.urls import path

from partners.api.lines import CompetingLines
from partners.api.links import PersonalLinks
from partners.api.notices import Notices
from partners.api.program import ProgramInForce
from partners.api.requests import PartnerRequests
from partners.api.resources import Activities, CharterInForce, Offerings, Partners, People
from partners.api.routes import rows
from partners.kit.resource import addresses

urlpatterns = [
    *rows(Partners, "partners", "partner", create=True, patch="partial_update"),
    *addresses(Activities),
    *addresses(PartnerRequests),
    *rows(
        CompetingLines,
        "competing-lines",
        "competing-line",
        create=True,
        patch="partial_update",
        delete="destroy",
    ),
    path("people/", People.as_view({"get": "list"}), name="people"),
    path(
        "people/<str:public_id>/link/",
        PersonalLinks.as_view({"get": "retrieve", "post": "create", "delete": "destroy"}),
        name="person-link",
    ),
    path("notices/", Notices.as_view({"get": "list"}), name="notices"),
    path("notices/read/", Notices.as_view({"post": "read_all"}), name="notices_read"),
    path("notices/mail/", Notices.as_view({"post": "mute"}), name="notices_mail"),
    path("offerings/", Offerings.as_view({"get": "list"}), name="offerings"),
    path("program/", ProgramInForce.as_view({"get": "retrieve", "patch": "partial_update"}), name="program"),
    path("charter/", CharterInForce.as_view({"get": "retrieve", "post": "create"}), name="charter"),
]
