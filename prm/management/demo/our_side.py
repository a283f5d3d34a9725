"""What Fernhill's own side did under partners' claims: two old cases that were ruled on, two that wait."""

import csv
import io
from datetime import timedelta
from decimal import Decimal

from deals.cases.decision import Decision
from deals.cases.ruling import rule
from deals.cases.statements import give_statement
from deals.imports.services import import_bytes
from deals.models import Conflict, OpportunityState, Registration, Source
from deals.opportunities.source import Deal, change_source, open_opportunity
from deals.rules.lifecycle import LATER_KINDS, ConflictKind, Outcome, Reason, State
from partners.core import clock
from prm.management.demo.timeline import Timeline

OPS, REP = "ops@fernhill.example", "rep@fernhill.example"
PELLWORM = ("pellworm-it",)
# Whose deals the CRM's file and the changed source are about: the first of these that is protected then.
OTHERS = ("corso-sistemi", "tamarind-health", "osterwald", "lindqvist-partner", "clinea")
STATEMENT = (
    "Their practice manager wrote to me at a fair. I did not look whether a partner had the customer, and I"
    " have not quoted a price yet."
)


def plan_our_side(line: Timeline) -> None:
    """Put what our side did, and what was said and decided about it, on the timeline."""
    line.on(line.back(52), lambda: _opened(line), hour=11)
    line.on(line.back(50), lambda: _upheld(line), hour=14)
    line.on(line.back(24), lambda: _went_round(line), hour=7)
    line.on(line.back(22), lambda: _shared(line), hour=15)
    line.on(line.back(1), lambda: _changed(line), hour=9)
    line.on(line.back(1), lambda: _opened(line), hour=10)
    line.on(line.back(1), lambda: _said(line), hour=13)


def _held(slugs: tuple[str, ...]) -> Registration | None:
    """The oldest deal of these partners that is protected now, and that nothing of this kind befell yet."""
    rows = Registration.objects.filter(
        state=State.APPROVED,
        partner__slug__in=slugs,
        protection__period__contains=clock.now(),
        opportunity__state=OpportunityState.OPEN,
    )
    return rows.exclude(conflicts__kind__in=LATER_KINDS).order_by("claimed_at", "pk").first()


def _waiting(kind: ConflictKind) -> Conflict | None:
    return Conflict.objects.filter(kind=kind, closed_at__isnull=True).order_by("-opened_at", "-pk").first()


def _opened(line: Timeline) -> None:
    """A rep opens an opportunity on a customer a partner holds."""
    held = _held(PELLWORM)
    if held is not None and held.account is not None:
        deal = Deal(
            name=f"{held.account.name} scheduling, direct",
            account=held.account,
            amount=Decimal(19_000),
            closes_on=clock.today(line.program.timezone) + timedelta(days=70),
            stage="Discovery",
        )
        open_opportunity(actor=line.actor(REP), deal=deal)


def _upheld(line: Timeline) -> None:
    found = _waiting(ConflictKind.REP_OPPORTUNITY)
    if found is not None:
        decision = Decision(
            outcome=Outcome.UPHOLD_PARTNER,
            reason=Reason.PARTNER_FIRST,
            note="The partner was protected and had reported two meetings. Our rep had not looked.",
            sentence="One of our people spoke to your customer. The deal is yours, and they know it now.",
        )
        rule(actor=line.actor(OPS), registration=found.registration, decision=decision, conflict=found)


def _went_round(line: Timeline) -> None:
    """A CRM file tells of a deal that was won on a protected customer, without the partner."""
    held = _held(OTHERS)
    if held is None or held.account is None:
        return
    today = clock.today(line.program.timezone)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        ["Record ID", "Deal Name", "Deal Stage", "Amount", "Deal owner", "Close Date", "Create Date",
         "Associated Company"]
    )  # fmt: skip
    opened, closed = today - timedelta(days=16), today - timedelta(days=1)
    writer.writerow(
        [9900, f"{held.account.name} rotas", "Closed Won", 14_500, "Nadia Rahimi", closed.isoformat(),
         opened.isoformat(), held.account.name]
    )  # fmt: skip
    content = out.getvalue().encode()
    import_bytes(actor=line.actor(OPS), file_name="deals-of-the-week.csv", content=content)


def _shared(line: Timeline) -> None:
    found = _waiting(ConflictKind.ROUTE_AROUND)
    if found is not None:
        decision = Decision(
            outcome=Outcome.SHARE,
            reason=Reason.BOTH_WORKED,
            note="The partner brought the customer; our rep closed it after the partner's demo.",
            sentence="The customer signed with one of our people after your demo. We share the credit.",
            partner_share=60,
        )
        rule(actor=line.actor(OPS), registration=found.registration, decision=decision, conflict=found)


def _changed(line: Timeline) -> None:
    """Somebody says that a partner's deal is ours; it is put before a person."""
    held = _held(OTHERS)
    if held is not None and held.opportunity is not None:
        change_source(
            actor=line.actor(OPS),
            opportunity=held.opportunity,
            source=Source.DIRECT,
            reason="Lena Fischbach says the customer called us before the partner did.",
        )


def _said(line: Timeline) -> None:
    """The rep puts their word on record while the case waits."""
    found = _waiting(ConflictKind.REP_OPPORTUNITY)
    if found is not None:
        give_statement(actor=line.actor(REP), registration=found.registration, text=STATEMENT)
