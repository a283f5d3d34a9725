"""The grounds of a decision: what it needs before it is one, and what the charter's pay plan makes of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from deals.cases.rules.grouping import no_ground
from deals.models import Account, CompEffect, Conflict, CustomerChoice, Registration
from deals.rules.lifecycle import REVOKING, ConflictKind, Outcome, Reason
from deals.rules.sentences import named_in
from deals.screening.selectors.engagement import choices_in_force
from partners.core import clock
from partners.core.errors import FieldErrors
from partners.core.text import clean_text
from partners.models import Charter, Partner, Program
from partners.rules.compensation import neutrality

NEW_ACCOUNT = "new"
TEXT_LENGTH = 4000
SENTENCE_LENGTH = 1000
_NO_GROUNDS = "Say why; a decision without grounds is not on record."


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a person decides. ``note`` is for staff, ``sentence`` for the partner.

    ``incumbent_sentence`` is for the other side; left empty, another partner is told nothing. ``account`` is
    the public id of the account the claim is about, ``"new"`` for one nobody knew, or "" for the one that was
    certain already; ``merge`` that of the account which is one with it. ``partner_share`` (1 to 99 percent)
    goes with a share; the rest is the incumbent's. ``comp_rep`` and ``comp_partner`` left None are what the
    charter's pay plan means. ``revoke`` is the ground on which a rival's protection is taken back with it.
    """

    outcome: Outcome
    reason: Reason
    note: str
    sentence: str
    incumbent_sentence: str = ""
    account: str = ""
    merge: str = ""
    partner_share: int | None = None
    comp_rep: CompEffect | None = None
    comp_partner: CompEffect | None = None
    revoke: Reason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """A decision as it is kept: its texts made storable, its accounts found (None: one is to be made), and
    the customer's written choice it rests on."""

    note: str
    sentence: str
    incumbent_sentence: str
    account: Account | None = None
    merged: Account | None = None
    choice: CustomerChoice | None = None


def account_choices(row: Registration, conflicts: Sequence[Conflict]) -> list[Account]:
    """The accounts a claim may turn out to be about: the certain one, or those it was possibly."""
    ids = {conflict.account_id for conflict in conflicts} | {row.account_id}
    return list(Account.objects.filter(pk__in=[pk for pk in ids if pk is not None]).order_by("name", "pk"))


def rivals_protected(conflicts: Sequence[Conflict]) -> list[Registration]:
    """The other partners' registrations whose protection stands in the way."""
    found = {
        row.rival_registration_id: row.rival_registration
        for row in conflicts
        if row.kind == ConflictKind.PROTECTED and row.rival_registration is not None
    }
    return [found[key] for key in sorted(found, key=lambda pk: pk or 0)]


def checked(decision: Decision, row: Registration, conflicts: Sequence[Conflict], *, apart: bool) -> Grounds:
    """What a decision says, if it can be kept. ``apart``: the registration stays as it is. Raises
    ``FieldErrors``."""
    note, sentence = clean_text(decision.note), clean_text(decision.sentence)
    told = clean_text(decision.incumbent_sentence)
    errors = check_words(note, sentence, told, row, conflicts)
    if problem := no_ground(decision.outcome, decision.reason):
        errors["reason"] = [problem]
    errors |= check_share(decision.outcome, decision.partner_share)
    errors |= _revoking(decision, told, conflicts, apart)
    account = merged = None
    if apart and decision.outcome == Outcome.MERGE:
        errors["outcome"] = ["Accounts are merged while a claim is weighed, or on the page of the account."]
    elif not apart:
        choices = account_choices(row, conflicts)
        account, problem = _account_of(decision, row, choices)
        if problem:
            errors["account"] = [problem]
        merged, problem = _merged(decision, account, choices)
        if problem:
            errors["merge"] = [problem]
    about = account if account or not apart else row.account
    choice, wrong = _chosen(decision, row, about)
    errors |= wrong if "reason" not in errors else {}
    if errors:
        raise FieldErrors(errors)
    return Grounds(
        note=note,
        sentence=sentence,
        incumbent_sentence=told,
        account=account,
        merged=merged,
        choice=choice,
    )


def _chosen(
    decision: Decision, row: Registration, account: Account | None
) -> tuple[CustomerChoice | None, dict[str, list[str]]]:
    """The written choice that a ruling rests on, and by field what is wrong when there is none (R24)."""
    wanted = [
        name
        for name, reason in (("reason", decision.reason), ("revoke", decision.revoke))
        if reason == Reason.CUSTOMER_CHOICE
    ]
    if not wanted:
        return None, {}
    found = choices_in_force([account.pk], row.offering_id).get(account.pk) if account else None
    if found is None:
        missing = "No written choice of this customer is on record. Put it on the page of the account first."
        return None, {name: [missing] for name in wanted}
    against = decision.outcome == Outcome.UPHOLD_INCUMBENT
    if (found.partner_id == row.partner_id) == against:
        whom = found.partner.name if found.partner else "us"
        return None, {name: [f"The choice on record is for {whom}."] for name in wanted}
    return found, {}


def check_share(outcome: str, share: int | None) -> dict[str, list[str]]:
    """What is wrong with a partner's share in percent, by field."""
    if outcome == Outcome.SHARE and (share is None or not 1 <= share <= 99):
        return {"partner_share": ["How much is the partner's? Give 1 to 99 percent; the rest is ours."]}
    if outcome != Outcome.SHARE and share is not None:
        return {"partner_share": ["A share goes with the decision to share."]}
    return {}


def check_words(
    note: str, sentence: str, told: str, row: Registration, conflicts: Sequence[Conflict]
) -> dict[str, list[str]]:
    """What is wrong with the note for the record and the sentence for each side, by field."""
    errors: dict[str, list[str]] = {}
    for name, text, longest in (
        ("note", note, TEXT_LENGTH),
        ("sentence", sentence, SENTENCE_LENGTH),
        ("incumbent_sentence", told, SENTENCE_LENGTH),
    ):
        if not text and name != "incumbent_sentence":
            errors[name] = [_NO_GROUNDS]
        elif len(text) > longest:
            errors[name] = [f"At most {longest:,} characters; this has {len(text):,}."]
    others = list(Partner.objects.exclude(pk=row.partner_id).values_list("name", flat=True))
    rival = named_in(sentence, others, allowed=row.customer_name)
    if rival and "sentence" not in errors:
        errors["sentence"] = [f"The partner reads this and may not learn of {rival}. Leave the name out."]
    readers = {item.rival_registration.partner_id for item in conflicts if item.rival_registration}
    if told and readers and "incumbent_sentence" not in errors:
        # One sentence goes to all of them, so it may name nobody but its only reader.
        own = readers if len(readers) == 1 else set()
        names = list(Partner.objects.exclude(pk__in=own).values_list("name", flat=True))
        if named := named_in(told, names, allowed=row.customer_name):
            errors["incumbent_sentence"] = [
                f"Another partner reads this and may not learn of {named}. Leave the name out."
            ]
    return errors


def _revoking(
    decision: Decision, told: str, conflicts: Sequence[Conflict], apart: bool
) -> dict[str, list[str]]:
    """A rival's protection is taken back for a ground of its own, and its partner is told in a sentence."""
    if decision.revoke is None:
        return {}
    if apart or decision.outcome != Outcome.UPHOLD_PARTNER or not rivals_protected(conflicts):
        return {"revoke": ["Only upholding the partner against a protection takes that protection back."]}
    if decision.revoke not in REVOKING:
        return {"revoke": [f"“{decision.revoke.label}” is no ground to revoke."]}
    if not told:
        return {"incumbent_sentence": ["Say to the partner whose protection ends why it does."]}
    return {}


def _account_of(
    decision: Decision, row: Registration, choices: Sequence[Account]
) -> tuple[Account | None, str]:
    needed = decision.outcome != Outcome.UPHOLD_INCUMBENT
    if decision.account == NEW_ACCOUNT:
        return None, "Which account is kept?" if decision.outcome == Outcome.MERGE else ""
    if not decision.account:
        if row.account_id is None and needed:
            return None, "Is the customer one of these accounts, or a new one?"
        return next((account for account in choices if account.pk == row.account_id), None), ""
    for account in choices:
        if account.public_id == decision.account:
            return account, ""
    return None, "This is none of the accounts found for the claim."


def _merged(
    decision: Decision, kept: Account | None, choices: Sequence[Account]
) -> tuple[Account | None, str]:
    if decision.outcome != Outcome.MERGE:
        return None, "Accounts are merged by the decision to merge." if decision.merge else ""
    found = next((account for account in choices if account.public_id == decision.merge), None)
    if found is None:
        return None, "Which of the accounts is the same as the one that is kept?"
    return found, "An account is not merged with itself." if kept and found.pk == kept.pk else ""


def comp_effects(decision_outcome: str, charter: Charter, program: Program) -> tuple[CompEffect, CompEffect]:
    """What a ruling does to the rep's and the partner's pay when nobody says otherwise.

    Where the charter's pay plan is neutral, a rep loses nothing to a partner who is upheld.
    """
    neutral = (
        neutrality(
            redesigned_on=charter.comp_redesigned_on,
            rate_direct=charter.comp_rate_direct,
            rate_partner=charter.comp_rate_partner,
            today=clock.today(program.timezone),
        )
        is None
    )
    if decision_outcome == Outcome.SHARE:
        rep = CompEffect.FULL if neutral else CompEffect.SPLIT
        return rep, CompEffect.SPLIT
    if decision_outcome == Outcome.UPHOLD_PARTNER:
        return (CompEffect.FULL if neutral else CompEffect.AS_PLANNED), CompEffect.AS_PLANNED
    if decision_outcome == Outcome.UPHOLD_INCUMBENT:
        return CompEffect.AS_PLANNED, CompEffect.NONE
    return CompEffect.AS_PLANNED, CompEffect.AS_PLANNED
