"""What a ruling does to the credit for a deal: whose it is, and in which parts."""

from collections.abc import Sequence

from deals.models import Conflict, Opportunity, OpportunityState, Registration, Source
from deals.registrations.outcome import end_registration
from deals.rules.lifecycle import ConflictKind
from partners.core import clock
from partners.core.actor import Actor
from partners.services.ledger import mark_cells, record

WHOLE = 100
# What our side did on a deal while a partner's claim stood on it.
MOVED = frozenset({ConflictKind.REP_OPPORTUNITY, ConflictKind.ROUTE_AROUND, ConflictKind.SOURCE_CHANGED})
_OURS = MOVED | {ConflictKind.OPEN_OPPORTUNITY}


def count_for_partner(
    *, actor: Actor, registration: Registration, conflicts: Sequence[Conflict], share: int
) -> None:
    """What our side opened, closed or took over on a partner's deal counts for it, by ``share`` percent.

    The row of our side becomes the deal: what the registration had opened as a stand-in is taken out, so that
    one sale is counted once. The registration is locked by the caller. Marks the cells from the day each row
    was opened.
    """
    ids = {
        row.rival_opportunity_id
        for row in conflicts
        if row.kind in _OURS and row.rival_opportunity_id is not None
    }
    own_id = registration.opportunity_id
    rows = {
        row.pk: row
        for row in Opportunity.objects.filter(pk__in=[*ids, own_id or 0], removed_at__isnull=True)
        .select_for_update(no_key=True)
        .order_by("pk")
    }
    own = rows.get(own_id or 0)
    lost = own is not None and own.partner_id != registration.partner_id
    source = own.source if own is not None and not lost else Source.SOURCED
    others = [rows[pk] for pk in sorted(ids) if pk in rows and pk != own_id]
    ours = [row for row in others if _is_ours(row, registration)]
    if own is not None and (lost or not ours):
        _give(actor, own, registration, source, share)
    for row in ours:
        _give(actor, row, registration, source, share)
    if ours:
        _take_place(actor, registration, own, ours[0])


def _is_ours(row: Opportunity, registration: Registration) -> bool:
    """Ours to give: another partner's deal stays that partner's, and another offering is another sale."""
    ours = row.partner_id in (None, registration.partner_id)
    return ours and row.offering_id in (None, registration.offering_id)


def _give(actor: Actor, row: Opportunity, registration: Registration, source: str, share: int) -> None:
    old = {"source": row.source, "partner_share": row.partner_share}
    new = {"source": source, "partner_share": share}
    if old == new and row.partner_id == registration.partner_id:
        return
    before = row.partner_id
    row.source, row.partner_share, row.partner_id = source, share, registration.partner_id
    row.save_fields("source", "partner_share", "partner")
    part = "The deal counts as yours." if share == WHOLE else f"Your part of the credit is {share}%."
    record(
        "opportunity.credited",
        row,
        actor=actor,
        old=old,
        new=new,
        partner_id=registration.partner_id,
        sentence=part,
    )
    mark_cells(actor.program_id, [(before, row.opened_on), (row.partner_id, row.opened_on)])


def _take_place(actor: Actor, registration: Registration, own: Opportunity | None, row: Opportunity) -> None:
    """Let our side's row be the registration's deal, unless the CRM keeps one for it already."""
    if own is not None and (own.external_id or own.state != OpportunityState.OPEN):
        return
    if Registration.objects.filter(opportunity=row).exclude(pk=registration.pk).exists():
        return
    registration.opportunity = row
    registration.save_fields("opportunity")
    if own is not None:
        own.removed_at = clock.now()
        own.save_fields("removed_at")
        same = f"It is the same deal as “{row.name}”, and that row is kept."
        record("opportunity.removed", own, actor=actor, new={"same_as": row.public_id}, sentence=same)
        mark_cells(actor.program_id, [(own.partner_id, own.opened_on)])
    if row.state != OpportunityState.OPEN:
        end_registration(actor=actor, registration=registration, state=OpportunityState(row.state))


def set_share(
    *, actor: Actor, registration: Registration, share: int, conflicts: Sequence[Conflict] = ()
) -> None:
    """The partner's part of the credit in percent; 100 is all of it.

    Of the rows of our side that a ruling on ``conflicts`` gave to the partner, or else of the registration's
    own deal.
    """
    ids = {row.rival_opportunity_id for row in conflicts if row.kind in MOVED}
    rows = Opportunity.objects.filter(partner_id=registration.partner_id, removed_at__isnull=True)
    held = rows.select_for_update(no_key=True).order_by("pk")
    given = list(held.filter(pk__in=[pk for pk in ids if pk is not None])) if ids else []
    for row in given or held.filter(pk=registration.opportunity_id or 0):
        _give(actor, row, registration, row.source, share)
