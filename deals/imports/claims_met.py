"""Where a file meets claims: customers claimed while it was loaded, deals that end, moves to be watched."""

from collections import Counter
from datetime import date

from psycopg import sql

from deals.accounts.services import hold_new_customers
from deals.imports.stage import Stage
from deals.matching.evidence import Party
from deals.matching.match import Band, compare
from deals.models import Opportunity, OpportunityState, Registration
from deals.registrations.outcome import close_opportunity, continue_without_claim, end_otherwise, reopen
from deals.screening.under_claim import watch, watch_source

_FOLDED = "An account made from a claim at this moment was taken for it."


def same_as_claimed(stage: Stage, incoming: str, among: str) -> dict[int, int]:
    """Accounts of a file → the account that a claim made of the same customer and the CRM does not know.

    ``incoming`` is a query of ``id, name, website, domain, country``; ``among`` an SQL condition on ``a``.
    Only a pair that is each other's only one counts.
    """
    statement = sql.SQL("""
        WITH m AS ({incoming}), free AS (
            SELECT a.id, a.name, a.website, a.domain, a.country FROM deals_account a
            WHERE a.program_id = %(program)s AND a.external_id = '' AND a.removed_at IS NULL AND {among}
        )
        SELECT m.id, m.name, m.website, m.country, a.id, a.name, a.website, a.country
        FROM m JOIN free a ON lower(a.name) = lower(m.name)
        UNION
        SELECT m.id, m.name, m.website, m.country, a.id, a.name, a.website, a.country
        FROM m JOIN free a ON a.domain = m.domain AND m.domain <> ''
    """)
    rows = stage.rows(statement.format(incoming=sql.SQL(incoming), among=sql.SQL(among)))
    pairs = [
        (mine, theirs)
        for mine, name, site, country, theirs, known, known_site, known_country in rows
        if name.lower() == known.lower()
        or compare(_party(name, site, country), _party(known, known_site, known_country)).band is Band.SAME
    ]
    mines, others = Counter(mine for mine, _ in pairs), Counter(theirs for _, theirs in pairs)
    return {mine: theirs for mine, theirs in pairs if mines[mine] == others[theirs] == 1}


def _party(name: str, website: str, country: str) -> Party:
    return Party(name=name, websites=(website,) if website else (), country=country)


def fold_into_claimed(stage: Stage, made: str) -> dict[int, int]:
    """Nobody makes a new account from here to the end; accounts just made twice become the claim's.

    ``made`` is a query of the accounts that this load made (``id, name, website, domain, country``). A claim
    that came in while the file was compared could not be seen then. Gives made → kept.
    """
    hold_new_customers()
    # Claims take moments; an hour is long enough for any that was under way when the comparison began.
    since = "a.created_at >= %(now)s - interval '1 hour' AND a.id NOT IN (SELECT id FROM m)"
    pairs = same_as_claimed(stage, made, since)
    for mine, theirs in pairs.items():
        values = {"mine": mine, "theirs": theirs}
        stage.run("UPDATE deals_account SET parent_id = %(theirs)s WHERE parent_id = %(mine)s", **values)
        stage.run("DELETE FROM deals_accountkey WHERE account_id = %(mine)s", **values)
        stage.run("DELETE FROM deals_account WHERE id = %(mine)s", **values)
    if pairs:
        stage.work.notes.add(stage.work.column("name"), _FOLDED, 0, len(pairs))
    return pairs


# A registered deal that had ended, and that this file tells otherwise.
_TURNED = """
    SELECT r.id, i.target, i.state, i.closed_on FROM incoming i
    JOIN deals_registration r ON r.opportunity_id = i.target AND r.program_id = %(program)s
    JOIN deals_opportunity o ON o.id = i.target AND o.program_id = %(program)s
    WHERE i.outcome = 'updated' AND o.state <> 'open' AND o.state <> i.state AND r.state IN ('won', 'lost')
    ORDER BY r.id
"""
_ENDED = """
    SELECT i.target, i.state, i.stage, i.closed_on FROM incoming i
    JOIN deals_registration r ON r.opportunity_id = i.target AND r.program_id = %(program)s
    JOIN deals_opportunity o ON o.id = i.target AND o.program_id = %(program)s
    WHERE i.outcome = 'updated' AND o.state = 'open' AND i.state <> 'open'
        AND r.state IN ('approved', 'in_review', 'needs_info')
    ORDER BY r.id
"""

# A deal that goes on in this file although its claim was taken back, revoked or declined; a revocation may be
# under appeal.
_LEFT = """
    SELECT r.id, i.target FROM incoming i
    JOIN deals_registration r ON r.opportunity_id = i.target AND r.program_id = %(program)s
    JOIN deals_opportunity o ON o.id = i.target AND o.program_id = %(program)s
    WHERE i.outcome IN ('updated', 'unchanged') AND i.state <> 'lost' AND o.source <> 'direct'
        AND (r.state IN ('withdrawn', 'revoked', 'declined')
            OR (r.state IN ('in_review', 'needs_info') AND o.state = 'lost'))
    ORDER BY r.id
"""


def hold_ending(stage: Stage) -> None:
    """Lock the claims whose deal ends by this file, before anything that an act on a claim waits for.

    Such acts lock their claim first and the customer after it; a load that held the customers and then asked
    for the claim would wait in a circle with them.
    """
    for statement in (_ENDED, _TURNED, _LEFT):
        stage.rows(statement + " FOR NO KEY UPDATE OF r")


def end_claims(stage: Stage) -> None:
    """A deal that a partner registered ends through the service that ends its registration too; one that had
    ended and is told otherwise takes its registration along; one that goes on without its claim is ours."""
    ended, turned = stage.rows(_ENDED), stage.rows(_TURNED)
    if ended or turned:
        hold_new_customers()  # before any account is locked, as claims do
    for claim, pk, state, closed_on in turned:
        _turn(stage, claim, pk, OpportunityState(state), closed_on)
    for claim, pk in stage.rows(_LEFT):
        registration, row = _both(claim, pk)
        continue_without_claim(actor=stage.work.actor, registration=registration, opportunity=row)
    for pk, state, stage_name, closed_on in ended:
        row = Opportunity.objects.get(pk=pk)
        close_opportunity(
            actor=stage.work.actor,
            opportunity=row,
            state=OpportunityState(state),
            closed_on=min(max(closed_on, row.opened_on), stage.work.today),
            stage=stage_name,
        )


def _turn(stage: Stage, claim: int, pk: int, state: OpportunityState, closed_on: date | None) -> None:
    registration, row = _both(claim, pk)
    actor = stage.work.actor
    if state == OpportunityState.OPEN:
        reopen(actor=actor, registration=registration, opportunity=row)
    else:
        day = closed_on or stage.work.today
        end_otherwise(actor=actor, registration=registration, opportunity=row, state=state, day=day)


def _both(claim: int, pk: int) -> tuple[Registration, Opportunity]:
    """The claim, which is locked already, and its opportunity, locked now."""
    return Registration.objects.get(pk=claim), Opportunity.objects.select_for_update(no_key=True).get(pk=pk)


# What this load wrote on accounts that a claim is, or may be, about.
_MOVED = """
    SELECT o.id FROM incoming i JOIN deals_opportunity o ON o.id = i.target AND o.program_id = %(program)s
    WHERE i.outcome IN ('created', 'updated') AND o.source <> 'sourced' AND o.state <> 'lost'
        AND o.account_id IN (
            SELECT account_id FROM deals_registration
            WHERE program_id = %(program)s AND account_id IS NOT NULL
                AND state NOT IN ('draft', 'duplicate', 'declined', 'withdrawn')
            UNION
            SELECT account_id FROM deals_conflict
            WHERE program_id = %(program)s AND account_id IS NOT NULL AND closed_at IS NULL)
"""


def watch_loaded(stage: Stage) -> None:
    """What our side did under a partner's claim, as far as this file tells it (R56)."""
    hold_new_customers()  # a claim that is being screened now is seen, or sees what was loaded
    moved = [pk for (pk,) in stage.rows(_MOVED)]
    watch(actor=stage.work.actor, opportunities=moved, told_by=stage.work.file.file_name)


_VANISHING = """
    SELECT o.id FROM deals_opportunity o
    JOIN deals_registration r ON r.opportunity_id = o.id AND r.program_id = o.program_id
    WHERE o.program_id = %(program)s AND o.removed_at IS NULL AND o.source = 'sourced'
        AND (o.id IN (SELECT target FROM incoming WHERE outcome IN ('removed', 'merged'))
            OR o.external_id IN (SELECT unnest(merged_ids) FROM incoming
                WHERE outcome IN ('created', 'updated') AND merged_ids <> '{}'))
    ORDER BY o.id
"""


def watch_vanishing(stage: Stage) -> None:
    """A registered deal that the CRM deleted or merged away counts for nobody, so a person looks (R56)."""
    ids = [pk for (pk,) in stage.rows(_VANISHING)]
    rows = Opportunity.objects.filter(pk__in=ids).select_related(
        "registration__partner", "registration__offering", "registration__protection", "partner"
    )
    for row in rows.order_by("pk"):
        watch_source(
            actor=stage.work.actor,
            opportunity=row,
            claim=row.registration,
            was=f"sourced by {row.partner.name if row.partner else 'a partner'}",
            became="nothing: the CRM deleted or merged the deal",
            told_by=stage.work.file.file_name,
        )
