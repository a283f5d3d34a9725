"""Resources of what we sell together, under ``/api/v1/programs/<slug>/`` in the namespace ``api``."""

from django.urls import path

from deals.api.accounts import Accounts
from deals.api.benefits import Benefits
from deals.api.cases import Conflicts
from deals.api.dealings import Choices, EngagementRules, Flags, OpportunityDealings, OurSide, Touches
from deals.api.leads import LeadOffers, Leads
from deals.api.life import RegistrationLife
from deals.api.lists import Lists
from deals.api.resources import Registrations
from deals.api.several import SeveralRegistrations

_LIST = {"get": "list"}
_ONE = {"get": "retrieve"}
_CHOICES = {"get": "on_account", "post": "record"}

urlpatterns = [
    path(
        "registrations/",
        Registrations.as_view({"get": "list", "post": "create"}),
        name="registrations",
    ),
    path(
        "registrations/several/",
        SeveralRegistrations.as_view({"post": "create"}),
        name="registrations-several",
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
    path(
        "registrations/<str:public_id>/benefit/",
        Benefits.as_view({"get": "retrieve", "post": "say"}),
        name="registration-benefit",
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
    path("lists/", Lists.as_view({"get": "list", "post": "create"}), name="lists"),
    path("lists/<str:public_id>/", Lists.as_view({"get": "retrieve", "delete": "destroy"}), name="list"),
    path("lists/<str:public_id>/rows/", Lists.as_view({"get": "rows"}), name="list-rows"),
    path("conflicts/", Conflicts.as_view(_LIST), name="conflicts"),
    path("conflicts/<str:public_id>/", Conflicts.as_view(_ONE), name="conflict"),
    path("conflicts/<str:public_id>/case/", Conflicts.as_view({"get": "case"}), name="conflict-case"),
    path("conflicts/<str:public_id>/rule/", Conflicts.as_view({"post": "rule"}), name="conflict-rule"),
    path("conflicts/<str:public_id>/ask/", Conflicts.as_view({"post": "ask"}), name="conflict-ask"),
    path(
        "conflicts/<str:public_id>/rulings/<str:ruling_id>/correct/",
        Conflicts.as_view({"post": "correct"}),
        name="conflict-correct",
    ),
    path(
        "conflicts/<str:public_id>/statements/",
        Conflicts.as_view({"get": "statements", "post": "say"}),
        name="conflict-statements",
    ),
    path(
        "conflicts/<str:public_id>/statements/<str:statement_id>/revoke/",
        Conflicts.as_view({"post": "revoke_statement"}),
        name="conflict-statement-revoke",
    ),
    path("accounts/", Accounts.as_view(_LIST), name="accounts"),
    path("accounts/<str:public_id>/", Accounts.as_view(_ONE), name="account"),
    *(
        path(f"accounts/<str:public_id>/{verb}/", Accounts.as_view({"post": verb}), name=f"account-{verb}")
        for verb in ("merge", "unmerge")
    ),
    path("accounts/<str:public_id>/choices/", Choices.as_view(_CHOICES), name="account-choices"),
    path("choices/<str:public_id>/end/", Choices.as_view({"post": "end"}), name="choice-end"),
    path(
        "opportunities/",
        OpportunityDealings.as_view({"get": "list", "post": "create"}),
        name="opportunities",
    ),
    path("opportunities/<str:public_id>/", OpportunityDealings.as_view(_ONE), name="opportunity"),
    *(
        path(
            f"opportunities/<str:public_id>/{verb}/",
            OpportunityDealings.as_view({"post": verb.replace("-", "_")}),
            name=f"opportunity-{verb}",
        )
        for verb in ("win", "lose", "change-source")
    ),
    path(
        "opportunities/<str:public_id>/touches/",
        OpportunityDealings.as_view({"get": "touches", "post": "touch"}),
        name="opportunity-touches",
    ),
    path("touches/<str:public_id>/remove/", Touches.as_view({"post": "remove"}), name="touch-remove"),
    path(
        "engagement-rules/",
        EngagementRules.as_view({"get": "list", "post": "create"}),
        name="engagement-rules",
    ),
    path(
        "engagement-rules/<str:public_id>/",
        EngagementRules.as_view({"get": "retrieve", "patch": "partial_update"}),
        name="engagement-rule",
    ),
    path(
        "registrations/<str:public_id>/raise/",
        Flags.as_view({"post": "raise_conflict"}),
        name="registration-raise",
    ),
    path("our-side/", OurSide.as_view(_LIST), name="our-side"),
]
