"""Which partners are asked about, with the rows that make one ask, and what was decided before (R18)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import DateField, F, Max, Q, QuerySet, Sum, Value, Window
from django.db.models.functions import RowNumber

from deals.models import Opportunity, Registration, Source
from deals.rules.lifecycle import LIVE
from partners.access import Place
from partners.core import clock
from partners.models import Activity, Charter, Intent, Partner, PartnerStatus
from partners.rules.activities import ActivityKind
from partners.selectors import charter_in_force
from plans.models import Commitment
from plans.rules.lifecycle import CommitmentState, Side
from plans.selectors import commitment_facts, missed_promises
from prm.models import MetricCell, PartnerReview
from prm.rules.periods import last_months
from prm.rules.review import LOOK_BACK, PartnerFacts, Signal, is_asked, our_part, signals

ROWS = 5  # rows shown behind a question
_MINUTES, _CLAIMS = "minutes", "registrations_submitted"  # metrics


@dataclass(frozen=True, slots=True)
class Row:
    """One fact behind a question. ``name`` and ``id`` say where it is shown; "" for nowhere of its own."""

    what: str
    day: date | None
    name: str = ""
    id: str = ""


@dataclass(slots=True)
class Asked:
    """A partner with what is on record about it. ``last`` is the newest decision."""

    partner: Partner
    facts: PartnerFacts
    signals: list[Signal]
    last: PartnerReview | None
    rows: dict[str, list[Row]] = field(default_factory=dict)

    @property
    def our_part(self) -> str:
        """What we owe them."""
        return our_part(self.facts)

    @property
    def is_due(self) -> bool:
        """Whether one asks today."""
        return is_asked(
            found=bool(self.signals),
            ask_again_on=self.last.ask_again_on if self.last else None,
            decided=self.last is not None,
            today=self.facts.today,
        )

    @property
    def evidence(self) -> list[tuple[Signal, list[Row]]]:
        """Each question with its rows."""
        return [(signal, self.rows.get(signal.code, [])) for signal in self.signals]


def last_reviews(partners: Iterable[int]) -> dict[int, PartnerReview]:
    """The newest decision about each of these partners."""
    newest = (
        PartnerReview.objects.filter(partner_id__in=list(partners))
        .order_by("partner_id", "-pk")
        .distinct("partner_id")
    )
    return {review.partner_id: review for review in newest}


def _facts(partners: list[Partner], today: date, ramp_months: int) -> dict[int, PartnerFacts]:
    """What the rules read, for these partners. The same two queries however many there are."""
    since = last_months(LOOK_BACK, today.replace(day=1)).first
    record = _on_record([partner.pk for partner in partners], since)
    promises: dict[tuple[int, str], dict[str, int]] = {}
    for fact in commitment_facts(since, today, today):
        counts = promises.setdefault(
            (fact.partner_id, fact.side.value), {"kept": 0, "broken": 0, "overdue": 0}
        )
        for name in counts:
            counts[name] += getattr(fact, name)
    return {partner.pk: _facts_of(partner, today, ramp_months, record, promises) for partner in partners}


type _Record = dict[tuple[int | None, str], tuple[Decimal, date | None]]


def _on_record(ids: list[int], since: date) -> _Record:
    """By partner and what it is about: claims and our minutes since a day; the last opportunity of each
    source; the last reference. Each is a sum, or a day."""
    sums = (
        MetricCell.objects.filter(partner_id__in=ids, month__gte=since, metric__in=(_MINUTES, _CLAIMS))
        .values_list("partner_id", "metric")
        .annotate(sum=Sum("value"), last=Value(None, output_field=DateField()))
    )
    deals = (
        Opportunity.objects.filter(partner_id__in=ids, removed_at__isnull=True)
        .values_list("partner_id", "source")
        .annotate(sum=Value(Decimal(0)), last=Max("opened_on"))
    )
    acts = (
        Activity.objects.filter(partner_id__in=ids, kind=ActivityKind.REFERENCE)
        .values_list("partner_id", "kind")
        .annotate(sum=Value(Decimal(0)), last=Max("happened_on"))
    )
    return {(pk, about): (total, last) for pk, about, total, last in sums.union(deals, acts, all=True)}


def _facts_of(
    partner: Partner,
    today: date,
    ramp_months: int,
    record: _Record,
    promises: dict[tuple[int, str], dict[str, int]],
) -> PartnerFacts:
    def on_record(about: str) -> tuple[Decimal, date | None]:
        return record.get((partner.pk, about), (Decimal(0), None))

    intent = Intent(partner.intent)
    sources = (Source.SOURCED, Source.ROUTED) if intent is Intent.DELIVER else (Source.SOURCED,)
    opened = [day for source in sources if (day := on_record(source)[1])]
    ours = promises.get((partner.pk, Side.US.value), {})
    theirs = promises.get((partner.pk, Side.THEM.value), {})
    return PartnerFacts(
        today=today,
        intent=intent,
        signed_on=partner.signed_on,
        ramp_months=ramp_months,
        last_deal_on=max(opened, default=None),
        last_act_on=on_record(ActivityKind.REFERENCE)[1],
        claims=int(on_record(_CLAIMS)[0]),
        minutes=int(on_record(_MINUTES)[0]),
        ours_kept=ours.get("kept", 0),
        ours_broken=ours.get("broken", 0),
        ours_overdue=ours.get("overdue", 0),
        theirs_kept=theirs.get("kept", 0),
        theirs_broken=theirs.get("broken", 0),
        theirs_overdue=theirs.get("overdue", 0),
    )


def about(
    partners: list[Partner],
    today: date,
    *,
    charter: Charter | None = None,
    last: dict[int, PartnerReview] | None = None,
) -> list[Asked]:
    """What is on record about these partners, in their order; without rows. ``charter`` (the one in force)
    and ``last`` (as ``last_reviews`` gives it) save reading them again."""
    facts = _facts(partners, today, (charter or charter_in_force()).ramp_months)
    last = last_reviews(facts) if last is None else last
    return [
        Asked(partner, facts[partner.pk], signals(facts[partner.pk]), last.get(partner.pk))
        for partner in partners
    ]


def asked_about(today: date) -> list[Asked]:
    """The partners one asks about on a day of the program's time zone.

    Those whose day has come again stand first, by that day; then by name. Nobody is ranked.
    """
    partners = list(Partner.objects.filter(status=PartnerStatus.ACTIVE).order_by("name", "pk"))
    due = [asked for asked in about(partners, today) if asked.is_due]
    return sorted(due, key=lambda asked: (asked.last is None, _again(asked.last) or today))


def _again(review: PartnerReview | None) -> date | None:
    return review.ask_again_on if review else None


def _first(rows: QuerySet[Any], order: str) -> QuerySet[Any]:
    """The first few rows of each partner."""
    place = Window(RowNumber(), partition_by=F("partner_id"), order_by=(F(order).desc(), F("pk").desc()))
    first: QuerySet[Any] = rows.annotate(place=place).filter(place__lte=ROWS).order_by("partner_id", "place")
    return first


def with_rows(asked: list[Asked], today: date) -> list[Asked]:
    """The same, with the rows behind each question. Three queries, however many there are."""
    ids = [each.partner.pk for each in asked]
    found: dict[tuple[int, str], list[Row]] = {}
    deals = Opportunity.objects.filter(partner_id__in=ids, removed_at__isnull=True)
    for deal in _first(deals, "opened_on"):
        what = f"{deal.name}: {deal.get_state_display().lower()}"
        row = Row(what, deal.opened_on, "deals:opportunity", deal.public_id)
        found.setdefault((deal.partner_id or 0, "no_deal"), []).append(row)
    since = last_months(LOOK_BACK, today.replace(day=1)).first
    missed = missed_promises(since, today).filter(partner_id__in=ids)
    for promise in _first(missed, "due_on"):
        what = f"{promise.what}: {_fate(promise)}"
        row = Row(what, promise.due_on, "plans:plan", promise.plan.public_id)
        found.setdefault((promise.partner_id, "promises_broken"), []).append(row)
    marquee = {each.partner.pk for each in asked if each.facts.intent is Intent.MARQUEE}
    theirs = Q(partner_id__in=marquee, kind=ActivityKind.REFERENCE)
    ours = ~Q(partner_id__in=marquee) & Q(happened_on__gte=since, minutes__gt=0)
    for activity in _first(Activity.objects.filter(theirs | ours, partner_id__in=ids), "happened_on"):
        code = "one_sided" if activity.partner_id not in marquee else "marquee_quiet"
        row = Row(f"{activity.get_kind_display()}, {activity.minutes} minutes", activity.happened_on)
        found.setdefault((activity.partner_id, code), []).append(row)
    for each in asked:
        each.rows = {code: rows for (pk, code), rows in found.items() if pk == each.partner.pk}
    return asked


def _fate(promise: Commitment) -> str:
    return "not kept" if promise.state == CommitmentState.BROKEN else "past its day"


def reviews_due(today: date) -> list[PartnerReview]:
    """The decisions in force about active partners whose day has come, the longest past it first."""
    newest = (
        PartnerReview.objects.filter(partner__status=PartnerStatus.ACTIVE)
        .order_by("partner_id", "-pk")
        .distinct("partner_id")
    )
    due = PartnerReview.objects.filter(pk__in=newest.values("pk"), ask_again_on__lte=today)
    return list(due.select_related("partner").order_by("ask_again_on", "pk"))


def reviews_found(*, partner: str = "") -> QuerySet[PartnerReview]:
    """Decisions, newest first; ``partner`` is a public id."""
    rows = PartnerReview.objects.select_related("partner").order_by("-pk")
    return rows.filter(partner__public_id=partner) if partner else rows


def open_registrations(partner: Partner) -> int:
    """Claims of the partner that stand, and stay honoured if the partnership ends."""
    return Registration.objects.filter(partner=partner, state__in=LIVE).count()


@dataclass(frozen=True, slots=True)
class PartnerPanel:
    """What the partner's page says about reviews."""

    asked: Asked
    active: bool


def partner_panel(place: Place, partner: Partner, charter: Charter) -> PartnerPanel:
    """Whether one asks about this partner today, and what was decided last."""
    today = clock.today(place.program.timezone)
    return PartnerPanel(about([partner], today, charter=charter)[0], partner.status == PartnerStatus.ACTIVE)
