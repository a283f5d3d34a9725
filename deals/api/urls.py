"""Resources of what we sell together, under ``/api/v1/programs/<slug>/`` in the namespace ``api``."""

from django.urls import path

from deals.api.accounts import Accounts
from deals.api.leads import LeadOffers, Leads
from deals.api.life import RegistrationLife
from deals.api.resources import Conflicts, Opportunities, Registrations

_LIST = {"get": "list"}
_ONE = {"get": "retrieve"}

urlpatterns = [
    path(
        "registrations/",
        Registrations.as_view({"get": "list", "post": "create"}),
        name="registrations",
    ),
    path(
        "registrations/<str:public_id>/",
        Registrations.as_view({"get": "retrieve", "patch": "partial_update"}),
        name="registration",
    ),
    *(
        path(
            f"registrations/<str:public_id>/{verb}/",
            Registrations.as_view({"post": verb}),
            name=f"registration-{verb}",
        )
        for verb in ("submit", "withdraw", "rule")
    ),
    *(
        path(
            f"registrations/<str:public_id>/{verb}/",
            RegistrationLife.as_view({"post": verb.replace("-", "_")}),
            name=f"registration-{verb}",
        )
        for verb in (
            "ask",
            "answer",
            "appeal",
            "report",
            "ask-extension",
            "extend",
            "change",
            "revoke",
            "again",
        )
    ),
    path("leads/", Leads.as_view({"get": "list", "post": "create"}), name="leads"),
    path(
        "leads/<str:public_id>/",
        Leads.as_view({"get": "retrieve", "patch": "partial_update"}),
        name="lead",
    ),
    path("leads/<str:public_id>/candidates/", Leads.as_view({"get": "candidates"}), name="lead-candidates"),
    path("leads/<str:public_id>/offer/", Leads.as_view({"post": "offer"}), name="lead-offer-to"),
    *(
        path(f"leads/<str:public_id>/{verb}/", Leads.as_view({"post": verb}), name=f"lead-{verb}")
        for verb in ("withdraw", "answer", "close")
    ),
    path("lead-offers/", LeadOffers.as_view(_LIST), name="lead-offers"),
    path("lead-offers/<str:public_id>/", LeadOffers.as_view(_ONE), name="lead-offer"),
    *(
        path(
            f"lead-offers/<str:public_id>/{verb}/",
            LeadOffers.as_view({"post": verb}),
            name=f"lead-offer-{verb}",
        )
        for verb in ("accept", "decline")
    ),
    path("conflicts/", Conflicts.as_view(_LIST), name="conflicts"),
    path("conflicts/<str:public_id>/", Conflicts.as_view(_ONE), name="conflict"),
    path("accounts/", Accounts.as_view(_LIST), name="accounts"),
    path("accounts/<str:public_id>/", Accounts.as_view(_ONE), name="account"),
    *(
        path(f"accounts/<str:public_id>/{verb}/", Accounts.as_view({"post": verb}), name=f"account-{verb}")
        for verb in ("merge", "unmerge")
    ),
    path("opportunities/", Opportunities.as_view(_LIST), name="opportunities"),
    path("opportunities/<str:public_id>/", Opportunities.as_view(_ONE), name="opportunity"),
    *(
        path(
            f"opportunities/<str:public_id>/{verb}/",
            Opportunities.as_view({"post": verb}),
            name=f"opportunity-{verb}",
        )
        for verb in ("win", "lose")
    ),
]
