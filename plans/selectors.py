"""Reads of plans: the list, the page, what is due, and the facts other floors count."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, TruncMonth

from partners.core.actor import Actor
from partners.core.records import ProgramOwned
from partners.models import LedgerEntry, Partner, PartnerStatus
from partners.selectors import charter_in_force, competing_warnings
from plans.access import visible_commitments, visible_plans
from plans.models import CheckIn, Commitment, Milestone, Plan
from plans.rules.lifecycle import LIVE_STATES, CommitmentState, MilestoneState, Quota, Side, State
from plans.rules.lint import Notice, PlanFacts, Promise, lint
from plans.rules.readiness import OPEN_AT_ONCE, Gap, Readiness, gaps, readiness
from plans.rules.words import ACTS

# Promises that count: those of a plan that is agreed, or was and is being agreed again.
_IN_FORCE = Q(plan__state=State.AGREED) | Q(plan__state=State.PROPOSED, plan__agreed_at__isnull=False)


# ---- the list ------------------------------------------------------------------------------------------

SORTS = {
    "partner": ("partner__name",),
    "state": ("state", "partner__name"),
    "next": ("next_check_in_on", "partner__name"),
    "ours": ("ours_overdue", "partner__name"),
    "theirs": ("theirs_overdue", "partner__name"),
    "ready": ("steps_proven", "partner__name"),
}


def _count_of(parts: QuerySet[Any]) -> Coalesce:
    """The number of rows of a sub-query about the outer plan."""
    counted = parts.order_by().values("plan").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted), 0)


def plan_rows(actor: Actor, today: date) -> QuerySet[Any]:
    """Visible plans with ``ours_overdue``, ``theirs_overdue``, ``ours_open``, ``steps``, ``steps_proven``.

    Each is counted by a sub-query of its own: joined, one family's rows would each count the other again.
    """
    promises = Commitment.objects.filter(plan=OuterRef("pk"), state=CommitmentState.OPEN)
    ours, theirs = promises.filter(side=Side.US), promises.filter(side=Side.THEM)
    steps = Milestone.objects.filter(plan=OuterRef("pk")).exclude(state=MilestoneState.DROPPED)

    def overdue(rows: QuerySet[Any]) -> Case:
        counted = _count_of(rows.filter(due_on__lt=today))
        return Case(When(state__in=[State.DRAFT, State.CLOSED], then=0), default=counted)

    return visible_plans(actor).annotate(
        ours_overdue=overdue(ours),
        theirs_overdue=overdue(theirs),
        ours_open=_count_of(ours),
        steps=_count_of(steps),
        steps_proven=_count_of(steps.filter(state=MilestoneState.PROVEN)),
    )


def filtered_plans(
    rows: QuerySet[Any], *, search: str = "", state: str = "", due: str = "", today: date, sort: str = ""
) -> QuerySet[Any]:
    """The list as asked for. Unknown values of ``state``, ``due`` and ``sort`` ask for nothing.

    ``due``: ``ours`` (a promise of ours is overdue), ``contact`` (the next contact is today or over).
    Without ``sort``, our overdue promises come first, then the nearest contact; closed plans are last.
    """
    if search:
        rows = rows.filter(Q(partner__name__icontains=search) | Q(purpose__icontains=search))
    if state == "live":
        rows = rows.filter(state__in=LIVE_STATES)
    elif state in State.values:
        rows = rows.filter(state=state)
    if due == "ours":
        rows = rows.filter(ours_overdue__gt=0)
    elif due == "contact":
        rows = rows.filter(next_check_in_on__lte=today)
    key, descending = sort.removeprefix("-"), sort.startswith("-")
    if key not in SORTS:
        return rows.order_by(
            Case(When(state=State.CLOSED, then=1), default=0),
            "-ours_overdue",
            F("next_check_in_on").asc(nulls_last=True),
            "pk",
        )
    order = [
        F(name).desc(nulls_last=True) if descending else F(name).asc(nulls_last=True) for name in SORTS[key]
    ]
    return rows.order_by(*order, "pk")


def partners_without_plan() -> list[Partner]:
    """Agreements signed without a live plan, the longest waiting first (R84)."""
    live = Plan.objects.filter(partner=OuterRef("pk"), state__in=LIVE_STATES)
    signed = Partner.objects.filter(status=PartnerStatus.ACTIVE, signed_on__isnull=False)
    return list(signed.filter(~Exists(live)).order_by("signed_on", "pk"))


def partners_to_plan_with() -> list[Partner]:
    """Whom a plan may be begun with: not ended, and without a live plan; by name."""
    live = Plan.objects.filter(partner=OuterRef("pk"), state__in=LIVE_STATES)
    rows = Partner.objects.exclude(status=PartnerStatus.ENDED).filter(~Exists(live))
    return list(rows.order_by("name", "pk"))


# ---- one plan ------------------------------------------------------------------------------------------


RECENT = 8  # acts shown without asking for more


@dataclass(frozen=True, slots=True)
class Act:
    """One line of a plan's history."""

    title: str
    at: datetime
    who: str
    about: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPage:
    """Everything one plan's page shows."""

    plan: Plan
    today: date
    ours: Sequence[Commitment]
    theirs: Sequence[Commitment]
    settled: Sequence[Commitment]
    steps: Sequence[Milestone]
    ready: Readiness
    missing: Sequence[Gap]
    check_ins: Sequence[CheckIn]
    history: Sequence[Act]

    @property
    def recent(self) -> Sequence[Act]:
        """The newest acts; the rest is put away behind "Earlier"."""
        return self.history[:RECENT]

    @property
    def earlier(self) -> Sequence[Act]:
        return self.history[RECENT:]

    @property
    def days_to_plan(self) -> int | None:
        """From the partner's signature to the plan both sides last agreed to (R84)."""
        signed, agreed = self.plan.partner.signed_on, self.plan.agreed_at
        return (agreed.date() - signed).days if signed and agreed else None

    @property
    def ready_text(self) -> str:
        return f"{self.ready.proven} of {self.ready.total} steps proven"

    @property
    def ready_tone(self) -> str:
        return "good" if self.ready.met else ""

    @property
    def open_steps(self) -> list[Milestone]:
        return [step for step in self.steps if step.state == MilestoneState.OPEN]

    @property
    def next_steps(self) -> list[Milestone]:
        """What is put before the partner now: the first few open steps (R81)."""
        return self.open_steps[:OPEN_AT_ONCE]

    @property
    def later(self) -> int:
        """How many open steps wait until one of those is proven."""
        return len(self.open_steps) - len(self.next_steps)

    @property
    def overdue(self) -> list[Commitment]:
        """Promises of ours past their day."""
        return [promise for promise in self.ours if promise.due_on < self.today]


def plan_page(plan: Plan, *, today: date) -> PlanPage:
    """The plan with its parts, in the order they are read. What the ledger shows depends on the scope."""
    promises = list(Commitment.objects.filter(plan=plan).order_by("due_on", "pk"))
    unsettled = [p for p in promises if p.state == CommitmentState.OPEN]
    settled = [p for p in promises if p.state != CommitmentState.OPEN]
    all_steps = list(Milestone.objects.filter(plan=plan).order_by("position"))
    steps = [step for step in all_steps if step.state != MilestoneState.DROPPED]
    check_ins = list(CheckIn.objects.filter(plan=plan).order_by("-held_on"))
    return PlanPage(
        plan=plan,
        today=today,
        ours=[p for p in unsettled if p.side == Side.US],
        theirs=[p for p in unsettled if p.side == Side.THEM],
        settled=sorted(settled, key=lambda p: (p.settled_on or today, p.pk), reverse=True),
        steps=steps,
        ready=readiness([MilestoneState(step.state) for step in steps]),
        missing=gaps(
            purpose=plan.purpose,
            why_call_us=plan.why_call_us,
            ours=sum(p.side == Side.US and p.state != CommitmentState.DROPPED for p in promises),
            milestones=len(steps),
        ),
        check_ins=check_ins,
        history=plan_history(plan, [*promises, *all_steps, *check_ins]),
    )


HISTORY_ROWS = 60


def plan_history(plan: Plan, parts: Sequence[ProgramOwned]) -> list[Act]:
    """The newest acts on a plan and these parts of it."""
    subjects: dict[str, list[str]] = {"plan": [plan.public_id]}
    for part in parts:
        subjects.setdefault(str(part._meta.model_name), []).append(part.public_id)
    about = Q()
    for subject, ids in subjects.items():
        about |= Q(subject=subject, subject_id__in=ids)
    names = {part.public_id: str(part) for part in parts}
    entries = LedgerEntry.objects.filter(about).order_by("-at", "-pk")[:HISTORY_ROWS]
    return [
        Act(
            title=ACTS.get(entry.verb, entry.verb),
            at=entry.at,
            who=entry.actor_name,
            about="" if entry.subject == "checkin" else names.get(entry.subject_id, ""),
            sentence=entry.sentence,
        )
        for entry in entries
    ]


def plan_notices(page: PlanPage, timezone: str) -> list[Notice]:
    """The questions a plan raises today; ``timezone`` is the program's. For staff: it reads the charter."""
    plan = page.plan
    zone = ZoneInfo(timezone)

    def on(moment: datetime | None) -> date | None:
        return moment.astimezone(zone).date() if moment else None

    promises = [*page.ours, *page.theirs, *page.settled]
    facts = PlanFacts(
        today=page.today,
        state=State(plan.state),
        quota=Quota(plan.retires_quota),
        promises=[Promise(Side(p.side), p.due_on, CommitmentState(p.state)) for p in promises],
        steps=[MilestoneState(step.state) for step in page.steps],
        check_in_days=plan.check_in_days,
        starts_on=plan.starts_on,
        proposed_on=on(plan.proposed_at),
        agreed_on=on(plan.agreed_at),
        last_check_in=page.check_ins[0].held_on if page.check_ins else None,
        next_check_in_on=plan.next_check_in_on,
        signed_on=plan.partner.signed_on,
        aim_by=plan.aim_by,
        ramp_months=charter_in_force().ramp_months,
        competing=competing_warnings(plan.partner),
    )
    return lint(facts)


# ---- what is due, for the upper floor ------------------------------------------------------------------


def open_commitments(actor: Actor, partner_id: int) -> list[Commitment]:
    """The open promises in force with a partner, ours first, each by due day."""
    rows = visible_commitments(actor).filter(_IN_FORCE, partner_id=partner_id, state=CommitmentState.OPEN)
    return list(rows.order_by(Case(When(side=Side.US, then=0), default=1), "due_on", "pk"))


def overdue_promises(
    actor: Actor, today: date, *, side: Side | None = Side.US, limit: int | None = None
) -> list[Commitment]:
    """Open promises in force past their day, the oldest first; ours unless ``side`` says otherwise."""
    rows = visible_commitments(actor).filter(_IN_FORCE, state=CommitmentState.OPEN, due_on__lt=today)
    if side is not None:
        rows = rows.filter(side=side)
    return list(rows.order_by("due_on", "pk")[:limit])


def missed_promises(first: date, today: date) -> QuerySet[Commitment]:
    """Promises of partners not kept since ``first``: said to be broken, or in force and past their day."""
    broken = Q(state=CommitmentState.BROKEN, settled_on__gte=first)
    late = _IN_FORCE & Q(state=CommitmentState.OPEN, due_on__gte=first, due_on__lt=today)
    return Commitment.objects.filter(broken | late, side=Side.THEM).select_related("plan")


@dataclass(frozen=True, slots=True)
class PlansDue:
    """``contacts``: live plans by their next contact, the nearest (or most overdue) first. ``unsigned``:
    proposals that wait for a signature, the longest waiting first."""

    contacts: Sequence[Plan]
    unsigned: Sequence[Plan]


def plans_due(actor: Actor, until: date) -> PlansDue:
    """The plans whose next contact is on or before ``until``, and those that wait for a signature."""
    live, proposed = Q(state__in=[State.PROPOSED, State.AGREED]), Q(state=State.PROPOSED)
    found = list(visible_plans(actor).filter(live & Q(next_check_in_on__lte=until) | proposed).order_by("pk"))
    contacts = [(plan.next_check_in_on, plan) for plan in found if plan.next_check_in_on]
    unsigned = [
        (plan.proposed_at, plan) for plan in found if plan.state == State.PROPOSED and plan.proposed_at
    ]
    return PlansDue(
        contacts=[plan for day, plan in sorted(contacts, key=itemgetter(0)) if day <= until],
        unsigned=[plan for _, plan in sorted(unsigned, key=itemgetter(0))],
    )


@dataclass(frozen=True, slots=True)
class CommitmentFact:
    """What one side's promises to or of a partner came to in a month.

    Kept and broken count in the month they were settled; ``overdue`` counts promises still open whose day was
    in that month and is over.
    """

    partner_id: int
    month: date
    side: Side
    kept: int
    kept_late: int
    broken: int
    overdue: int


def commitment_facts(first: date, last: date, today: date) -> list[CommitmentFact]:
    """Per partner, month and side, for the months of ``first`` to ``last``, in that order. One query."""
    none = Value(0)
    settled = (
        Commitment.objects.filter(settled_on__gte=first, settled_on__lte=last)
        .exclude(state=CommitmentState.DROPPED)
        .annotate(month=TruncMonth("settled_on"))
        .values_list("partner_id", "month", "side")
        .annotate(
            kept=Count("pk", filter=Q(state=CommitmentState.KEPT)),
            kept_late=Count("pk", filter=Q(state=CommitmentState.KEPT, settled_on__gt=F("due_on"))),
            broken=Count("pk", filter=Q(state=CommitmentState.BROKEN)),
            overdue=none,
        )
    )
    late = (
        Commitment.objects.filter(_IN_FORCE, state=CommitmentState.OPEN)
        .filter(due_on__gte=first, due_on__lte=last, due_on__lt=today)
        .annotate(month=TruncMonth("due_on"))
        .values_list("partner_id", "month", "side")
        .annotate(kept=none, kept_late=none, broken=none, overdue=Count("pk"))
    )
    found: dict[tuple[int, date, str], list[int]] = {}
    for partner_id, month, side, *counts in settled.union(late, all=True):
        before = found.get((partner_id, month, side), [0] * len(counts))
        found[partner_id, month, side] = [a + b for a, b in zip(before, counts, strict=True)]
    return [
        CommitmentFact(partner_id, month, Side(side), *counts)
        for (partner_id, month, side), counts in sorted(found.items())
    ]
