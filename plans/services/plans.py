"""The plan itself: drafted, changed, proposed, agreed by both sides, closed."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from partners.core import clock
from partners.core.actor import Actor
from partners.core.errors import Clash, FieldErrors, RuleBroken, Stale
from partners.models import Partner, PartnerStatus
from partners.services.ledger import mark_cells, record
from plans.models import Commitment, Milestone, Plan
from plans.rules.cadence import LONGEST, SHORTEST, next_contact
from plans.rules.lifecycle import CommitmentState, MilestoneState, PlanMove, Quota, Side, State
from plans.rules.readiness import WORDS_NEEDED, aim_refusal, gaps
from plans.services.acts import (
    begin,
    check_ahead,
    check_role,
    holidays,
    program_today,
    reader,
    save_terms,
    steps_of,
    texts,
)

MOST_MONEY = Decimal("99999999999.99")
DEFAULT_RHYTHM = 28


@dataclass(frozen=True, slots=True)
class Aim:
    """A pipeline aim: an amount in the program's currency, by a day."""

    amount: Decimal
    by: date


def _sane(amount: Decimal) -> bool:
    """More than nothing, storable, and no finer than a hundredth."""
    return amount.is_finite() and 0 < amount <= MOST_MONEY and amount == amount.quantize(Decimal("0.01"))


def _check_rhythm(days: int) -> None:
    if not SHORTEST <= days <= LONGEST:
        raise RuleBroken("rhythm", f"Check in every {SHORTEST} to {LONGEST} days.", field="check_in_days")


def _check_start(starts_on: date, today: date) -> None:
    if abs(starts_on - today) > timedelta(days=3 * 366):
        raise RuleBroken("start", "A plan starts within three years of today.", field="starts_on")


def draft_plan(
    *,
    actor: Actor,
    partner: Partner,
    purpose: str = "",
    why_call_us: str = "",
    retires_quota: Quota = Quota.UNKNOWN,
    starts_on: date | None = None,
    check_in_days: int = DEFAULT_RHYTHM,
) -> Plan:
    """Begin a plan with a partner; the vendor's own until it is proposed. ``starts_on`` is today by default.

    Raises ``Clash`` when the partner has a live plan or its agreement has ended, and ``RuleBroken`` or
    ``FieldErrors`` for bad input.
    """
    check_role(PlanMove.PROPOSE, actor)
    _program, today = program_today()
    written = texts({"purpose": purpose, "why_call_us": why_call_us}, required={})
    _check_rhythm(check_in_days)
    starts_on = starts_on or today
    _check_start(starts_on, today)
    if partner.status == PartnerStatus.ENDED:
        raise Clash("partner_ended", f"The agreement with {partner.name} has ended.", field="partner")
    try:
        with transaction.atomic():
            plan = Plan.objects.create(
                program_id=actor.program_id,
                partner=partner,
                retires_quota=retires_quota,
                starts_on=starts_on,
                check_in_days=check_in_days,
                created_at=clock.now(),
                **written,
            )
            record("plan.drafted", plan, actor=actor, new={"partner": partner.public_id, **written})
    except IntegrityError as error:
        raise Clash(
            "one_live_plan",
            f"{partner.name} has a plan already. Change that one, or close it first.",
            field="partner",
        ) from error
    return plan


def _aim_values(plan: Plan, aim: Aim | None, currency: str, today: date) -> dict[str, Any]:
    """The three columns of an aim. Raises ``RuleBroken`` before readiness, and for amounts out of range."""
    if aim is None:
        return {"aim_amount": None, "aim_currency": "", "aim_by": None}
    if (aim.amount, aim.by) == (plan.aim_amount, plan.aim_by):
        return {"aim_amount": aim.amount, "aim_currency": plan.aim_currency, "aim_by": aim.by}
    sentence = aim_refusal(steps_of(plan))
    if sentence:
        raise RuleBroken("aim_before_readiness", sentence, field="aim_amount")
    if not _sane(aim.amount):
        raise RuleBroken(
            "amount", "An aim is more than nothing, below 100 billion, with at most two decimals.",
            field="aim_amount",
        )  # fmt: skip
    check_ahead(aim.by, today, "aim_by")
    return {"aim_amount": aim.amount, "aim_currency": currency, "aim_by": aim.by}


@transaction.atomic
def change_plan(
    *,
    actor: Actor,
    plan: Plan,
    purpose: str,
    why_call_us: str,
    retires_quota: Quota,
    starts_on: date,
    check_in_days: int,
    aim: Aim | None = None,
    expected_version: int | None = None,
) -> Plan:
    """Write the terms again. Past the draft, a changed term makes a new proposal that both sides sign again.

    The quota answer is something found out, not a term, so it changes alone without touching signatures.
    Raises ``Stale``, ``Clash``, ``FieldErrors`` (no purpose past the draft), ``RuleBroken`` (aim too early).
    """
    plan = begin(plan, PlanMove.CHANGE, actor, expected_version=expected_version)
    program, today = program_today()
    needed = {} if plan.state == State.DRAFT else WORDS_NEEDED
    new: dict[str, Any] = texts({"purpose": purpose, "why_call_us": why_call_us}, required=needed)
    _check_rhythm(check_in_days)
    if starts_on != plan.starts_on:
        _check_start(starts_on, today)
    new |= {"starts_on": starts_on, "check_in_days": check_in_days}
    new |= _aim_values(plan, aim, program.currency, today)
    terms = {name: value for name, value in new.items() if getattr(plan, name) != value}
    quota = {} if retires_quota == plan.retires_quota else {"retires_quota": retires_quota}
    changed = {**terms, **quota}
    if not changed:
        return plan
    old = {name: getattr(plan, name) for name in changed}
    for name, value in changed.items():
        setattr(plan, name, value)
    if not terms:
        plan.save_fields("retires_quota")
        record("plan.quota_answered", plan, actor=actor, old=old, new=changed)
        return plan
    _record_change(plan, actor, old=old, new=changed, unsigned=save_terms(plan, *changed))
    return plan


def _record_change(
    plan: Plan, actor: Actor, *, old: dict[str, Any], new: dict[str, Any], unsigned: bool
) -> None:
    """The quota answer is the vendor's own note, so what the partner may read leaves it out."""
    if "retires_quota" in new:
        quota = "retires_quota"
        record(
            "plan.quota_answered", plan, actor=actor, old={quota: old.pop(quota)}, new={quota: new.pop(quota)}
        )
    sentence = "The terms changed, so both sides sign again." if unsigned else ""
    record("plan.changed", plan, actor=actor, old=old, new=new, partner_id=reader(plan), sentence=sentence)


def missing(plan: Plan) -> list[Any]:
    """What the plan still lacks before it can be proposed or agreed (``rules.readiness.Gap``)."""
    return gaps(
        purpose=plan.purpose,
        why_call_us=plan.why_call_us,
        ours=Commitment.objects.filter(plan=plan, side=Side.US)
        .exclude(state=CommitmentState.DROPPED)
        .count(),
        milestones=Milestone.objects.filter(plan=plan).exclude(state=MilestoneState.DROPPED).count(),
    )


def _check_whole(plan: Plan) -> None:
    found = missing(plan)
    if found:
        raise FieldErrors({gap.field: [gap.sentence] for gap in found})


@transaction.atomic
def propose_plan(*, actor: Actor, plan: Plan, expected_version: int | None = None) -> Plan:
    """Put the draft before the partner. Raises ``FieldErrors`` naming everything it still lacks."""
    plan = begin(plan, PlanMove.PROPOSE, actor, expected_version=expected_version)
    _check_whole(plan)
    program, today = program_today()
    plan.state = State.PROPOSED
    plan.proposed_at = clock.now()
    # Somebody calls about the proposal, even if nobody answers it.
    plan.next_check_in_on = next_contact(today, plan.check_in_days, holidays(program))
    plan.save_fields("state", "proposed_at", "next_check_in_on")
    promises = list(Commitment.objects.filter(plan=plan).values_list("due_on", flat=True))
    mark_cells(plan.program_id, [(plan.partner_id, day) for day in promises])
    record(
        "plan.proposed",
        plan,
        actor=actor,
        new={"edition": plan.edition, "next_check_in_on": plan.next_check_in_on},
        partner_id=plan.partner_id,
    )
    return plan


@transaction.atomic
def agree_to_plan(*, actor: Actor, plan: Plan, edition: int) -> Plan:
    """Sign the edition that was read, for the actor's own side. The second signature makes the plan agreed.

    Signing twice is one signature. Raises ``Stale`` when the terms changed since, ``FieldErrors`` when the
    plan lacks something, ``Clash`` from any state but proposed.
    """
    plan = begin(plan, PlanMove.AGREE, actor)
    if edition != plan.edition:
        raise Stale("The plan changed since you read it. Read the new version, then agree to that.")
    _check_whole(plan)
    side = "them" if actor.is_partner else "us"
    if getattr(plan, f"signed_by_{side}_at"):
        return plan
    now = clock.now()
    setattr(plan, f"signed_by_{side}", actor.name)
    setattr(plan, f"signed_by_{side}_at", now)
    fields = [f"signed_by_{side}", f"signed_by_{side}_at"]
    both = bool(plan.signed_by_us_at and plan.signed_by_them_at)
    if both:
        program, today = program_today()
        plan.state = State.AGREED
        plan.agreed_at = now
        if plan.next_check_in_on is None or plan.next_check_in_on <= today:
            plan.next_check_in_on = next_contact(today, plan.check_in_days, holidays(program))
        fields += ["state", "agreed_at", "next_check_in_on"]
    plan.save_fields(*fields)
    signed = {"edition": edition, "side": side, "name": actor.name}
    record("plan.signed", plan, actor=actor, new=signed, partner_id=plan.partner_id)
    if both:
        new = {"edition": edition, "by_us": plan.signed_by_us, "by_them": plan.signed_by_them}
        record("plan.agreed", plan, actor=actor, new=new, partner_id=plan.partner_id)
    return plan


@transaction.atomic
def close_plan(*, actor: Actor, plan: Plan, note: str, expected_version: int | None = None) -> Plan:
    """End a plan, saying why. A promise past its day ends broken, the other open ones end dropped.

    Raises ``FieldErrors`` without a note.
    """
    plan = begin(plan, PlanMove.CLOSE, actor, expected_version=expected_version)
    said = texts({"reason": note}, required={"reason": "Say why this plan ends."})["reason"]
    _program, today = program_today()
    visible_to, was = reader(plan), plan.state
    ended = (
        Commitment.objects.filter(plan=plan, state=CommitmentState.OPEN).order_by("pk").select_for_update()
    )
    for promise in ended:
        late = promise.due_on < today and was != State.DRAFT
        promise.state = CommitmentState.BROKEN if late else CommitmentState.DROPPED
        promise.settled_on, promise.settled_by, promise.reason = today, actor.name, "The plan was closed."
        promise.save_fields("state", "settled_on", "settled_by", "reason")
        record(
            f"commitment.{promise.state}", promise, actor=actor, partner_id=visible_to,
            new={"what": promise.what, "side": promise.side, "reason": promise.reason},
        )  # fmt: skip
        mark_cells(plan.program_id, [(plan.partner_id, min(promise.due_on, today))])
    plan.state, plan.closed_at, plan.closing_note = State.CLOSED, clock.now(), said
    plan.next_check_in_on = None
    plan.save_fields("state", "closed_at", "closing_note", "next_check_in_on")
    record("plan.closed", plan, actor=actor, old={"state": was}, new={"note": said}, partner_id=visible_to)
    return plan
