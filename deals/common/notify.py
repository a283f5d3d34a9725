"""Who is told of an act on a claim: its partner of what our side did, our side of what waits for it.

Notices are written in the transaction of the act. A partner reads what is on its own record and nothing else
(R122), so its notice is made from that record.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from deals.common.access import rulers_of
from deals.models import Conflict, Lead, Registration
from deals.rules.lifecycle import LATER_KINDS, Severity
from deals.rules.notices import Said, word_on
from partners.core import clock
from partners.core.actor import Actor, Door, Role
from partners.models import Charter, Program, Seat
from partners.rules.notices import NoticeKind
from partners.selectors import program_in_force
from partners.services.ledger import record
from partners.services.notices import Message, people_of, staff_with, tell

# What the program answers at one of these doors stands on the screen of whoever asked.
_AT_ONCE = frozenset({Door.SCREEN, Door.PORTAL, Door.API})


def record_and_notify(
    verb: str,
    registration: Registration,
    *,
    actor: Actor,
    old: Mapping[str, Any] | None = None,
    new: Mapping[str, Any] | None = None,
    sentence: str = "",
) -> None:
    """Append an act to the record that the registration's partner reads, and tell the partner's people.

    They are told of what our side and the clock did, not of what they did themselves.
    """
    partner_id = registration.partner_id
    record(verb, registration, actor=actor, old=old, new=new, partner_id=partner_id, sentence=sentence)
    if actor.is_partner or (actor.role is Role.SYSTEM and actor.door in _AT_ONCE):
        return
    people = people_of(partner_id, seller_id=registration.seller_id)
    message = _message(verb, registration, new or {}, sentence, actor) if people else None
    if message is not None:
        tell(actor=actor, seats=people, message=message)


def _message(
    verb: str, registration: Registration, new: Mapping[str, Any], sentence: str, actor: Actor
) -> Message | None:
    program = program_in_force()
    word = word_on(
        Said(
            verb=verb,
            review=registration.reviewed_for,
            sentence=sentence,
            reason=registration.get_reason_display() if registration.reason else "",
            until=_day(new.get("until"), program),
            answer_by=_day(new.get("answer_due_at"), program),
            asked=new.get("fields", ()),
            by_clock=actor.role is Role.SYSTEM,
        )
    )
    if word is None:
        return None
    return Message(
        kind=word.kind,
        # The same act is not done twice under its lock; two of one kind are told apart by their moment.
        key=f"{verb} {registration.public_id} {clock.now():%Y-%m-%d %H:%M:%S.%f}",
        subject=f"{registration.customer_name}: {word.subject}",
        body=word.body,
        page="portal:deal",
        page_id=registration.public_id,
    )


def notify_incumbents(
    *, actor: Actor, conflicts: Sequence[Conflict], sentence: str, but: Collection[int] = ()
) -> None:
    """Put the sentence on each rival's own registration, for its partner to read; "" tells nobody.

    ``but`` are database ids of registrations whose partner is told otherwise. The caller has checked that
    the sentence names no partner.
    """
    rivals = {row.rival_registration_id: row.rival_registration for row in conflicts}
    for pk, rival in rivals.items():
        if sentence and rival is not None and pk not in but:
            record_and_notify("registration.told", rival, actor=actor, sentence=sentence)


def ask_to_decide(
    *, actor: Actor, registration: Registration, conflicts: Sequence[Conflict], charter: Charter, why: str
) -> None:
    """Tell those the charter names for what stands open against a registration that it waits for them.

    ``why`` is how it came to wait, as a subject says it. Runs in the whole program's scope. The leader, who
    may always rule, hears of it when nobody else is named, and otherwise when the time runs out.
    """
    weighty = [row for row in conflicts if row.severity != Severity.NOTE] or list(conflicts)
    if not weighty:
        return
    first, program = weighty[0], registration.program
    message = Message(
        kind=NoticeKind.TO_DECIDE,
        key=f"decide {first.public_id} {why} {clock.now():%Y-%m-%d %H:%M:%S.%f}",
        subject=f"{registration.customer_name}: {why}",
        body=(
            f"{claim_in_words(registration, program)} {due_in_words(weighty, program)} "
            f"Conflict: {kinds_in_words(weighty)}."
        ),
        page="deals:conflict",
        page_id=first.public_id,
    )
    tell(actor=actor, seats=_deciders({row.kind for row in weighty}, charter), message=message)


def ask_to_decide_many(
    *, actor: Actor, conflicts: Sequence[Conflict], program: Program, charter: Charter, source: str
) -> None:
    """The same for many cases that came at once, as one notice. ``source`` says where from."""
    first, claims = conflicts[0], {row.registration_id for row in conflicts}
    due = local_time(min(row.due_at for row in conflicts), program)
    message = Message(
        kind=NoticeKind.TO_DECIDE,
        key=f"decide {first.public_id} and others",
        subject=f"{len(claims)} claims that our own side crossed",
        body=f"Noticed {source}: {kinds_in_words(conflicts)}. The first answer is due by {due}.",
        page="deals:conflicts",
        page_id="",
    )
    tell(actor=actor, seats=_deciders({row.kind for row in conflicts}, charter), message=message)


def ask_to_extend(*, actor: Actor, registration: Registration, charter: Charter, note: str) -> None:
    """Tell whom the charter names that a partner asks for more time. Runs in the whole program's scope."""
    message = Message(
        kind=NoticeKind.TO_DECIDE,
        key=f"extension {registration.public_id} {clock.now():%Y-%m-%d %H:%M:%S.%f}",
        subject=f"{registration.customer_name}: more time is asked for",
        body=f"{registration.partner.name} asks for an extension: {note}",
        page="deals:registration",
        page_id=registration.public_id,
    )
    tell(actor=actor, seats=_deciders(set(), charter), message=message)


def ask_to_place_lead(*, actor: Actor, lead: Lead, subject: str, body: str) -> None:
    """Tell the partner managers, or without any the leader, of a lead that waits for our side. Runs in the
    whole program's scope."""
    message = Message(
        kind=NoticeKind.TO_DECIDE,
        key=f"lead waits {lead.public_id} {clock.now():%Y-%m-%d %H:%M:%S.%f}",
        subject=f"{lead.customer_name}: {subject}",
        body=body,
        page="deals:lead",
        page_id=lead.public_id,
    )
    seats = staff_with({Role.PARTNER_MANAGER}) or staff_with({Role.LEADER})
    tell(actor=actor, seats=seats, message=message)


def _deciders(kinds: set[str], charter: Charter) -> list[Seat]:
    """People of the first role that may rule on these kinds and has anybody; the leader comes last."""
    roles = rulers_of(kinds, charter)
    seats = staff_with(roles)
    return next((found for role in roles if (found := [s for s in seats if s.role == role])), [])


def claim_in_words(registration: Registration, program: Program) -> str:
    """Who claimed whom, and when."""
    since = f" on {local_time(registration.claimed_at, program)}" if registration.claimed_at else ""
    return f"{registration.partner.name} claimed {registration.customer_name}{since}."


def due_in_words(conflicts: Sequence[Conflict], program: Program, *, late: bool = False) -> str:
    """By when the first of them is, or was, to be decided; of what our own side did no partner was promised
    anything."""
    due = local_time(conflicts[0].due_at, program)
    if concerns_us_alone(conflicts):
        return f"It was to be decided by {due}, and is not." if late else f"It is to be decided by {due}."
    return f"We promised an answer by {due}{', and it has not been given' if late else ''}."


def concerns_us_alone(conflicts: Collection[Conflict]) -> bool:
    """Whether all of them came up on our side, so that no partner waits for the decision."""
    return all(conflict.kind in LATER_KINDS for conflict in conflicts)


def kinds_in_words(conflicts: Collection[Conflict]) -> str:
    """The kinds of what stands against a claim, each once."""
    return ", ".join(sorted({conflict.get_kind_display().lower() for conflict in conflicts}))


def local_time(moment: datetime, program: Program) -> str:
    """A moment as the program's people say it."""
    return f"{moment.astimezone(ZoneInfo(program.timezone)):%a %-d %b, %H:%M}"


def _day(moment: datetime | None, program: Program) -> str:
    return f"{moment.astimezone(ZoneInfo(program.timezone)):%-d %B %Y}" if moment else ""
