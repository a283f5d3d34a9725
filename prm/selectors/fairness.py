"""Rulings, promised benefits and what our side did, read for the Fairness page. Staff only."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from itertools import product
from operator import or_
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet

from deals.cases.rules.suggestion import basis_of
from deals.common.calendar import day_began, day_of, workweek
from deals.models import BenefitDelivery, Conflict, Registration, Ruling
from deals.registrations.rules.benefits import BenefitAnswer, answer_of
from deals.registrations.selectors import benefits_owed
from deals.rules.clock import Workweek, working_time_left
from deals.rules.lifecycle import State
from partners.core import clock
from partners.models import LedgerEntry, Partner, Program
from prm.rules.fairness import DIRECT, Benefits, Ruled, Watched, benefits, side_of
from prm.rules.periods import Period, shift

_PAUSES = {"registration.asked": True, "registration.answered": False}


def rulings_in(period: Period, program: Program) -> list[Ruled]:
    """The rulings first given in a period (program time zone), newest first. A fixed number of queries."""
    since, until = day_began(period.first, program.timezone), _end(period, program)
    firsts = list(
        Ruling.objects.filter(corrects__isnull=True, decided_at__gte=since, decided_at__lt=until)
        .select_related("registration__partner")
        .order_by("-decided_at", "-pk")
    )
    corrections = {row.corrects_id: row for row in Ruling.objects.filter(corrects__isnull=False)}
    conflicts = defaultdict(list)
    told = Conflict.objects.filter(ruling__in=[row.pk for row in firsts]).order_by("pk")
    for conflict in told.select_related("account__owner__user", "rival_opportunity__owner__user"):
        conflicts[conflict.ruling_id].append(conflict)
    pauses, week = _pauses(firsts), workweek(program)
    return [
        _ruled(row, corrections, conflicts[row.pk], pauses[row.registration.public_id], week)
        for row in firsts
        if conflicts[row.pk]
    ]


def _end(period: Period, program: Program) -> datetime:
    return day_began(shift(period.last, 1), program.timezone)


def _pauses(rulings: Sequence[Ruling]) -> dict[str, list[tuple[datetime, datetime]]]:
    """When the clock stood still, by registration: from each question to its answer."""
    entries = LedgerEntry.objects.filter(
        subject="registration",
        subject_id__in={row.registration.public_id for row in rulings},
        verb__in=_PAUSES,
    ).order_by("at", "pk")
    asked: dict[str, datetime] = {}
    found: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    for entry in entries:
        if _PAUSES[entry.verb]:
            asked[entry.subject_id] = entry.at
        elif (since := asked.pop(entry.subject_id, None)) is not None:
            found[entry.subject_id].append((since, entry.at))
    return found


def _ruled(
    first: Ruling,
    corrections: dict[int | None, Ruling],
    conflicts: Sequence[Conflict],
    pauses: Sequence[tuple[datetime, datetime]],
    week: Workweek,
) -> Ruled:
    last = first
    while last.pk in corrections:
        last = corrections[last.pk]
    opened = min(conflict.opened_at for conflict in conflicts)
    took = working_time_left(opened, first.decided_at, week)
    for since, until in pauses:
        if opened <= since and until <= first.decided_at:
            took -= working_time_left(since, until, week)
    return Ruled(
        conflict=conflicts[0].public_id,
        customer=first.registration.customer_name,
        partner=first.registration.partner.name,
        kinds=frozenset(conflict.kind for conflict in conflicts),
        side=side_of(last.outcome),
        basis=basis_of(last.suggested, last.outcome),
        decided_at=first.decided_at,
        due_at=min(conflict.due_at for conflict in conflicts),
        took=max(took, timedelta(0)),
        reps=tuple(sorted({name for row in conflicts if (name := _rep(row))})),
        corrected=last is not first,
    )


def _rep(conflict: Conflict) -> str:
    """The direct rep on the other side: the opportunity's owner, or else the account's; "" if none is."""
    if conflict.kind not in DIRECT:
        return ""
    for row in (conflict.rival_opportunity, conflict.account):
        if row is not None and (row.owner is not None or row.owner_name):
            return str(row.owner.user) if row.owner is not None else row.owner_name
    return ""


def open_and_late() -> int:
    """Cases whose deadline is over and that nobody has ruled on; those that wait for the partner are not."""
    late = Conflict.objects.filter(closed_at__isnull=True, due_at__lt=clock.now())
    waiting = late.exclude(registration__state=State.NEEDS_INFO)
    return waiting.aggregate(cases=Count("registration", distinct=True))["cases"] or 0


@dataclass(frozen=True, slots=True)
class Owed:
    """One approved deal with what is known of its benefit."""

    row: Registration
    word: BenefitDelivery | None

    @property
    def answer(self) -> BenefitAnswer:
        """How it stands."""
        return answer_of(self.word.delivered, self.word.received) if self.word else BenefitAnswer.UNKNOWN

    @property
    def approved_at(self) -> datetime:
        """When it was first protected (UTC)."""
        approved_at: datetime = self.row.protection.period.lower
        return approved_at


def owed_in(period: Period, program: Program, *, answer: str = "", q: str = "") -> QuerySet[Registration]:
    """Deals approved in a period (program time zone) and not taken back, newest approval first, by how it
    stands with their benefit and by part of the customer's or partner's name. ``owed`` reads one."""
    rows = benefits_owed().filter(
        protection__period__startswith__gte=day_began(period.first, program.timezone),
        protection__period__startswith__lt=_end(period, program),
    )
    if answer in BenefitAnswer:
        rows = rows.filter(_answered(BenefitAnswer(answer)))
    if q:
        rows = rows.filter(Q(customer_name__icontains=q) | Q(partner__name__icontains=q))
    return rows.order_by("-protection__period__startswith", "-pk")


def _answered(answer: BenefitAnswer) -> Q:
    """What the two sides say where this is the answer."""
    words = product((None, True, False), repeat=2)
    said = [
        Q(benefit_delivery__delivered=ours, benefit_delivery__received=theirs)
        for ours, theirs in words
        if answer_of(ours, theirs) is answer
    ]
    return reduce(or_, said)


def owed(row: Registration) -> Owed:
    """One row of ``owed_in``, with what is known of its benefit."""
    return Owed(row, getattr(row, "benefit_delivery", None))


def benefits_in(period: Period, program: Program) -> Benefits:
    """The deals of ``owed_in``, counted."""
    words = (
        owed_in(period, program)
        .order_by()
        .values_list("benefit_delivery__delivered", "benefit_delivery__received")
    )
    answers: list[BenefitAnswer] = []
    for ours, theirs, number in words.annotate(number=Count("pk")):
        answers += [answer_of(ours, theirs)] * number
    return benefits(answers)


def watched_only(program: Program) -> list[Watched]:
    """Partners one has to ask about, by name: deals approved in six months and nothing delivered."""
    zone, today = program.timezone, clock.today(program.timezone)
    since = clock.now().astimezone(ZoneInfo(zone)) - timedelta(days=183)
    recent = Q(protection__period__startswith__gte=since)
    word = Q(benefit_delivery__delivered_on__gte=since.date()) | Q(
        benefit_delivery__partner_said_at__gte=since
    )
    came = dict(
        Registration.objects.filter(claimed_at__gte=day_began(today - timedelta(days=92), zone))
        .exclude(state__in=[State.DUPLICATE, State.WITHDRAWN])
        .values_list("partner")
        .annotate(number=Count("pk"))
    )
    told = benefits_owed().filter(recent | word).values_list("partner", *_SAID)
    found: dict[int, list[tuple[bool, bool]]] = defaultdict(list)
    for partner_id, approved_at, *said in told:
        found[partner_id].append((approved_at >= since, _delivered_since(*said, since=since, zone=zone)))
    lines = [
        Watched(
            partner=partner.name,
            public_id=partner.public_id,
            approved=sum(approved for approved, _ in found[partner.pk]),
            delivered=sum(delivered for _, delivered in found[partner.pk]),
            came=came.get(partner.pk, 0),
        )
        for partner in Partner.objects.filter(pk__in=found)
    ]
    return sorted((line for line in lines if line.only), key=lambda line: line.partner.casefold())


_SAID = (
    "protection__period__startswith",
    "benefit_delivery__delivered",
    "benefit_delivery__received",
    "benefit_delivery__delivered_on",
    "benefit_delivery__partner_said_at",
)


def _delivered_since(
    ours: bool | None,
    theirs: bool | None,
    day: date | None,
    said_at: datetime | None,
    *,
    since: datetime,
    zone: str,
) -> bool:
    """Whether a benefit is on record as delivered from that instant on."""
    if answer_of(ours, theirs) is not BenefitAnswer.DELIVERED:
        return False
    if day is None and said_at is not None:
        day = day_of(said_at, zone)
    return day is not None and day >= day_of(since, zone)
