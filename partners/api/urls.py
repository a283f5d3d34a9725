"""Resources of the ground floor, under ``/api/v1/programs/<slug>/`` in the namespace ``api``."""

from django.urls import path

from partners.api.notices import Notices
from partners.api.resources import Activities, CharterInForce, Offerings, Partners, People

urlpatterns = [
    path("partners/", Partners.as_view({"get": "list", "post": "create"}), name="partners"),
    path(
        "partners/<str:public_id>/",
        Partners.as_view({"get": "retrieve", "patch": "partial_update"}),
        name="partner",
    ),
    path("activities/", Activities.as_view({"get": "list", "post": "create"}), name="activities"),
    path("people/", People.as_view({"get": "list"}), name="people"),
    path("notices/", Notices.as_view({"get": "list"}), name="notices"),
    path("notices/read/", Notices.as_view({"post": "read_all"}), name="notices_read"),
    path("notices/mail/", Notices.as_view({"post": "mute"}), name="notices_mail"),
    path("offerings/", Offerings.as_view({"get": "list"}), name="offerings"),
    path("charter/", CharterInForce.as_view({"get": "retrieve"}), name="charter"),
]
