"""What every act on a plan begins and ends with."""

from collections.abc import Mapping
from datetime import date, timedelta
from urllib.parse import urlsplit

from partners.core import clock
from partners.core.actor import Actor
from partners.core.errors import Clash, FieldErrors, NotAllowed, NotFound, RuleBroken, Stale
from partners.core.scope import whole_program
from partners.core.text import clean_text
from partners.models import Program
from partners.selectors import program_in_force
from partners.services.ledger import mark_cells
from plans.models import Commitment, Milestone, Plan
from plans.rules.lifecycle import MilestoneState, PlanMove, State, refusal, role_may, state_allows
from plans.rules.readiness import Readiness, readiness
from plans.rules.words import too_long

FARTHEST = timedelta(days=3 * 366)  # how far ahead a day of a plan may lie
SIGNATURES = ("signed_by_us", "signed_by_us_at", "signed_by_them", "signed_by_them_at")


def locked(plan: Plan, *, expected_version: int | None = None) -> Plan:
    """The plan as it is now, held to the end of the transaction, so that acts on one plan queue up.

    Raises ``NotFound`` when it is not there and ``Stale`` when it is past ``expected_version``.
    """
    try:
        fresh = Plan.objects.select_for_update(no_key=True).get(pk=plan.pk)
    except Plan.DoesNotExist as error:
        raise NotFound("There is no such plan.") from error
    if expected_version is not None and expected_version != fresh.version:
        raise Stale
    return fresh


def check_role(move: PlanMove, actor: Actor) -> None:
    """Raise ``NotAllowed`` when the move is never this role's to make."""
    if not role_may(move, actor.role):
        raise NotAllowed


def check_move(plan: Plan, move: PlanMove) -> None:
    """Raise ``Clash`` with a sentence when the plan's state does not allow the move."""
    state = State(plan.state)
    if not state_allows(move, state):
        raise Clash("illegal_move", refusal(move, state), extra={"state": state.value, "move": move.value})


def begin(plan: Plan, move: PlanMove, actor: Actor, *, expected_version: int | None = None) -> Plan:
    """Role, lock, state: the plan on which ``actor`` may now make ``move``. Needs a transaction."""
    check_role(move, actor)
    fresh = locked(plan, expected_version=expected_version)
    check_move(fresh, move)
    return fresh


def locked_part[M: (Commitment, Milestone)](part: M, *, expected_version: int | None) -> M:
    """A promise or step as it is now; its plan is held already. Raises ``NotFound`` or ``Stale``."""
    fresh = type(part).objects.filter(pk=part.pk).select_for_update(no_key=True).first()
    if fresh is None:
        raise NotFound("There is no such part of the plan.")
    if expected_version is not None and expected_version != fresh.version:
        raise Stale
    return fresh


def program_today() -> tuple[Program, date]:
    """The program in force and its present day."""
    program = program_in_force()
    return program, clock.today(program.timezone)


def holidays(program: Program) -> frozenset[date]:
    """Days on which nobody is expected to call."""
    return frozenset(date.fromisoformat(day) for day in program.holidays)


def reader(plan: Plan) -> int | None:
    """Whose ledger shows an act on this plan: its partner's from the first proposal on."""
    return plan.partner_id if plan.proposed_at else None


def save_terms(plan: Plan, *fields: str) -> bool:
    """Save changed terms. Past the draft that is a new edition, and signatures under the old one are cleared.

    Returns whether signatures were cleared. ``agreed_at`` stays: promises made under it still stand.
    """
    was_signed = bool(plan.signed_by_us_at or plan.signed_by_them_at)
    if plan.state != State.DRAFT:
        plan.edition += 1
        plan.state = State.PROPOSED
        plan.proposed_at = clock.now()
        plan.signed_by_us = plan.signed_by_them = ""
        plan.signed_by_us_at = plan.signed_by_them_at = None
    plan.save_fields("edition", "state", "proposed_at", *SIGNATURES, *fields)
    return was_signed


def steps_of(plan: Plan) -> Readiness:
    """How ready the plan's milestones say the partner is."""
    states = Milestone.objects.filter(plan=plan).values_list("state", flat=True)
    return readiness([MilestoneState(state) for state in states])


def settle_readiness(plan: Plan, today: date) -> bool:
    """Set ``ready_on`` after a milestone changed (unsaved). Returns whether it is another than before.

    Raises ``Clash`` when an aim stands on the readiness that would be lost.
    """
    before = plan.ready_on
    if steps_of(plan).met:
        plan.ready_on = plan.ready_on or today
    else:
        plan.ready_on = None
        if plan.aim_amount is not None:
            raise Clash(
                "aim_stands_on_readiness",
                "The pipeline aim of this plan stands on its readiness steps. Take the aim out first, then"
                " add the step.",
                extra={"state": plan.state},
            )
    return plan.ready_on != before


def texts(given: Mapping[str, str], *, required: Mapping[str, str]) -> dict[str, str]:
    """The given texts, cleaned. Raises ``FieldErrors`` for what is missing (``required``) or too long."""
    cleaned = {name: clean_text(value) for name, value in given.items()}
    errors: dict[str, list[str]] = {}
    for name, value in cleaned.items():
        if not value and name in required:
            errors[name] = [required[name]]
        elif sentence := too_long(name, value):
            errors[name] = [sentence]
    if errors:
        raise FieldErrors(errors)
    return cleaned


def check_link(link: str) -> None:
    """Raise ``RuleBroken`` unless ``link`` is empty or an address on the web."""
    if not link:
        return
    try:
        parts = urlsplit(link)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname or any(c.isspace() for c in link):
        raise RuleBroken(
            "link", "This is not a web address. It starts with https:// or http://.", field="proof_link"
        )


def check_ahead(day: date, today: date, field: str) -> None:
    """Raise ``RuleBroken`` for a day that is over or further away than any plan looks."""
    if day < today:
        raise RuleBroken("day_over", "This day is over. Choose today or a later one.", field=field)
    if day > today + FARTHEST:
        raise RuleBroken(
            "day_too_far", "This is more than three years away. Choose an earlier day.", field=field
        )


def check_past(day: date, today: date, field: str) -> None:
    """Raise ``RuleBroken`` for a day that has not come yet, or is too long ago to be meant."""
    if day > today:
        raise RuleBroken(
            "day_ahead", "This day has not come yet. Choose today or an earlier one.", field=field
        )
    if day < today - FARTHEST:
        raise RuleBroken("day_too_old", "This is more than three years ago. Choose a later day.", field=field)


def mark(plan: Plan, *days: date | None) -> None:
    """Mark the partner's figures from the earliest of these days on. Marks are the vendor's own rows."""
    known = [day for day in days if day is not None]
    if not known:
        return
    with whole_program("metric cells are the vendor's and no partner sees them"):
        mark_cells(plan.program_id, [(plan.partner_id, min(known))])
