"""Resources of what we sell together, under ``/api/v1/programs/<slug>/`` in the namespace ``api``."""

from django.urls import path

from deals.accounts.api import Accounts
from deals.cases.api.conflicts import ClaimRulings, Conflicts
from deals.cases.api.our_side import Flags, OurSide
from deals.leads.api.leads import LeadOffers, Leads
from deals.lists.api import Lists
from deals.opportunities.api import Opportunities, Touches
from deals.registrations.api.acts import RegistrationLife
from deals.registrations.api.benefits import Benefits
from deals.registrations.api.registrations import Registrations
from deals.registrations.api.several import SeveralRegistrations
from deals.screening.api import AccountChoices, Choices, EngagementRules
from partners.api.routes import acts, rows
from partners.kit.resource import addresses

LIFE = (
    *("ask", "answer", "appeal", "report", "ask-extension", "extend"),
    *("change", "take-back", "revoke", "again"),
)

urlpatterns = [
    path(
        "registrations/several/",
        SeveralRegistrations.as_view({"post": "create"}),
        name="registrations-several",
    ),
    *rows(Registrations, "registrations", "registration", create=True, patch="partial_update"),
    *acts(Registrations, "registrations", "registration", "submit", "withdraw"),
    *acts(ClaimRulings, "registrations", "registration", "rule"),
    *acts(RegistrationLife, "registrations", "registration", *LIFE),
    path(
        "registrations/<str:public_id>/benefit/",
        Benefits.as_view({"get": "retrieve", "post": "say"}),
        name="registration-benefit",
    ),
    *rows(Leads, "leads", "lead", create=True, patch="partial_update"),
    path("leads/<str:public_id>/candidates/", Leads.as_view({"get": "candidates"}), name="lead-candidates"),
    path("leads/<str:public_id>/offer/", Leads.as_view({"post": "offer"}), name="lead-offer-to"),
    *acts(Leads, "leads", "lead", "withdraw", "answer", "close"),
    *rows(LeadOffers, "lead-offers", "lead-offer"),
    *acts(LeadOffers, "lead-offers", "lead-offer", "accept", "decline"),
    *rows(Lists, "lists", "list", create=True, delete="destroy"),
    path("lists/<str:public_id>/rows/", Lists.as_view({"get": "rows"}), name="list-rows"),
    *rows(Conflicts, "conflicts", "conflict"),
    path("conflicts/<str:public_id>/case/", Conflicts.as_view({"get": "case"}), name="conflict-case"),
    *acts(Conflicts, "conflicts", "conflict", "rule", "ask"),
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
    *addresses(Accounts, AccountChoices, Choices, Opportunities, Touches, EngagementRules),
    path(
        "registrations/<str:public_id>/raise/",
        Flags.as_view({"post": "raise_conflict"}),
        name="registration-raise",
    ),
    path("our-side/", OurSide.as_view({"get": "list"}), name="our-side"),
]
