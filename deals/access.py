"""Who may see which deals, and who may rule."""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.models import OuterRef, Q, QuerySet, Subquery

from deals.models import (
    Account,
    Conflict,
    CustomerChoice,
    EngagementRule,
    Import,
    Lead,
    LeadOffer,
    ListCheck,
    Opportunity,
    Registration,
    Ruling,
    Touch,
)
from deals.rules.lifecycle import LIVE, State
from partners.access import one_of
from partners.core.actor import Actor, Role
from partners.models import Charter, Seat
from partners.rules.roles import may


def registrations_for(actor: Actor) -> QuerySet[Registration]:
    """The registrations of the scope: a partner's own, or those of all partners for staff.

    What a partner has drafted is no claim yet, so staff see only drafts written by staff. ``standing_id`` is
    the public id of another claim of the same partner that stands on the same account and offering.
    """
    rows = Registration.objects.select_related("partner", "offering").annotate(
        standing_id=Subquery(standing_beside(OuterRef).values("public_id")[:1])
    )
    return rows if actor.is_partner else rows.exclude(state=State.DRAFT, seller__isnull=False)


def standing_beside(of: Callable[[str], Any]) -> QuerySet[Registration]:
    """Another claim of the same partner that stands on the same account and offering; ``of`` gives a value of
    the claim, by its name. A claim on no account has none."""
    same = {name: of(name) for name in ("partner_id", "account_id", "offering_id")}
    return Registration.objects.filter(state__in=LIVE, **same).exclude(pk=of("pk"))


def access_registration(actor: Actor, public_id: str) -> Registration:
    """One registration the actor may see. Raises ``NotFound``."""
    return one_of(registrations_for(actor), public_id, "There is no such registration.")


def conflicts_for(seat: Seat) -> QuerySet[Conflict]:
    """Staff see all conflicts; a direct rep those on accounts and opportunities they own."""
    rows = Conflict.objects.select_related(
        "registration__partner",
        "registration__offering",
        "account",
        "ruling",
        "rival_registration__partner",
        "rival_opportunity",
    )
    if seat.role == Role.REP:
        return rows.filter(Q(account__owner=seat) | Q(rival_opportunity__owner=seat))
    return rows


def access_conflict(seat: Seat, public_id: str) -> Conflict:
    """One conflict the seat may see. Raises ``NotFound``."""
    return one_of(conflicts_for(seat), public_id, "There is no such conflict.")


def access_account(public_id: str) -> Account:
    """One account of the program. Raises ``NotFound``; partner people see none."""
    return one_of(Account.objects.all(), public_id, "There is no such account.")


def access_opportunity(public_id: str) -> Opportunity:
    """One opportunity of the scope. Raises ``NotFound``."""
    rows = Opportunity.objects.select_related("partner", "offering")
    return one_of(rows, public_id, "There is no such opportunity.")


def access_raisable(seat: Seat, public_id: str) -> Registration:
    """A claim the seat may flag: a direct rep's are those on their own accounts. Raises ``NotFound``."""
    rows = Registration.objects.select_related("partner").exclude(state=State.DRAFT)
    if seat.role == Role.REP:
        rows = rows.filter(Q(account__owner=seat) | Q(opportunity__owner=seat))
    return one_of(rows, public_id, "There is no such registration.")


def access_choice(public_id: str) -> CustomerChoice:
    """One written choice of a customer. Raises ``NotFound``; partner people see none."""
    rows = CustomerChoice.objects.select_related("account", "partner", "offering")
    return one_of(rows, public_id, "There is no such choice.")


def access_rule(public_id: str) -> EngagementRule:
    """One rule of engagement. Raises ``NotFound``; partner people see none."""
    return one_of(EngagementRule.objects.select_related("partner"), public_id, "There is no such rule.")


def access_touch(public_id: str) -> Touch:
    """One act of a partner; its people see their own. Raises ``NotFound``."""
    rows = Touch.objects.select_related("opportunity", "partner")
    return one_of(rows, public_id, "There is no such entry.")


def access_import(public_id: str) -> Import:
    """One file of the program. Raises ``NotFound``; partner people see none."""
    return one_of(Import.objects.all(), public_id, "There is no such file.")


def leads_for(_actor: Actor) -> QuerySet[Lead]:
    """The leads of the scope: for a partner those it gave and those it accepted, for staff all."""
    return Lead.objects.select_related("opened_to", "offering")


def access_lead(actor: Actor, public_id: str) -> Lead:
    """One lead the actor may see. Raises ``NotFound``."""
    return one_of(leads_for(actor), public_id, "There is no such lead.")


def offers_for(actor: Actor) -> QuerySet[LeadOffer]:
    """The offers of the scope: a partner's own, without the leads behind them, or all of them for staff.

    ``opened_id`` is the public id of the lead where the scope may see it: None for a partner that has not
    accepted.
    """
    opened = Lead.objects.filter(pk=OuterRef("lead_id")).values("public_id")
    rows = LeadOffer.objects.select_related("partner", "offering").annotate(opened_id=Subquery(opened))
    return rows if actor.is_partner else rows.select_related("lead")


def access_offer(actor: Actor, public_id: str) -> LeadOffer:
    """One offer the actor may see. Raises ``NotFound``."""
    return one_of(offers_for(actor), public_id, "There is no such offer.")


def access_list(public_id: str) -> ListCheck:
    """One checked list of the program. Raises ``NotFound``; partner people see none."""
    return one_of(ListCheck.objects.all(), public_id, "There is no such list.")


def access_ruling(registration: Registration, public_id: str) -> Ruling:
    """One ruling on a registration the actor may see. Raises ``NotFound``."""
    rows = Ruling.objects.select_related("registration").filter(registration=registration)
    return one_of(rows, public_id, "There is no such ruling.")


def rulers_of(kinds: set[str], charter: Charter) -> list[Role]:
    """The roles that, by the charter, may rule on these kinds together; the leader always may.

    One ruling closes everything that stands against a claim, so its role needs the authority for each kind;
    where the charter names different roles, only the leader is left.
    """
    named = {charter.ruler_of(kind) for kind in kinds} or {charter.ruler_of("*")}
    able = [Role(name) for name in named if name in Role and may(Role(name), "conflicts.rule")]
    alone = able if len(named) == 1 and len(able) == 1 else []
    return [*(role for role in alone if role is not Role.LEADER), Role.LEADER]


def may_rule(actor: Actor, kinds: set[str], charter: Charter) -> bool:
    """Whether the actor may rule on conflicts of these kinds."""
    return actor.role in rulers_of(kinds, charter)


def statement_program(digest: str) -> int | None:
    """The program the link of a statement belongs to, or None. Answers before any scope is open."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT prm_statement(%s)", [digest])
        row = cursor.fetchone()
        return row[0] if row else None
