"""What a partner's people are told when our side asks or decides. Pure, and only of what they may read."""

from collections.abc import Sequence
from dataclasses import dataclass

from deals.rules.lifecycle import Review
from deals.rules.reviews import ASKABLE
from partners.rules.notices import NoticeKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What is on the partner's record of an act. ``until`` and ``answer_by`` are days in words, or ""."""

    verb: str
    review: str = ""
    sentence: str = ""
    reason: str = ""
    until: str = ""
    answer_by: str = ""
    asked: Sequence[str] = ()
    by_clock: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """A notice without its customer's name, which the subject begins with."""

    kind: NoticeKind
    subject: str
    body: str


_SUBJECTS = {
    "registration.submitted": "registered in your name",
    "registration.approved": "approved",
    "registration.declined": "not approved",
    "registration.duplicate": "registered already",
    "registration.change_refused": "the change is not accepted",
    "registration.extended": "you have more time",
    "registration.extension_refused": "no more time was granted",
    "registration.revoked": "the approval is taken back",
    "registration.expired": "the protection has ended",
    "registration.won": "won",
    "registration.lost": "closed as lost",
    "registration.reopened": "the deal is open again",
    "registration.ruled": "a ruling on your deal",
    "registration.ruling_corrected": "our ruling is corrected",
    "registration.told": "a word on your registration",
}
# The answer to an appeal or a change says so.
_ANSWERS = {
    ("registration.approved", Review.APPEAL): "approved on your appeal",
    ("registration.declined", Review.APPEAL): "your appeal is answered with no",
    ("registration.approved", Review.CHANGE): "the change is accepted",
}
_WITHOUT_WORDS = {
    "registration.submitted": "We registered this deal for you. Its page says how it stands.",
}
_OF_THE_DEAL = frozenset({"registration.won", "registration.lost", "registration.reopened"})
_WITH_REASON = frozenset({"registration.declined", "registration.revoked"})


def word_on(said: Said) -> Word | None:
    """The notice an act gives rise to; None when it is told by no notice."""
    if said.verb == "registration.asked":
        return _question(said)
    subject = _ANSWERS.get((said.verb, Review(said.review))) if said.review else None
    subject = subject or _SUBJECTS.get(said.verb)
    if subject is None:
        return None
    parts = [said.sentence or _WITHOUT_WORDS.get(said.verb, "")]
    if said.reason and said.verb in _WITH_REASON:
        parts.append(f"Reason: {said.reason}.")
    if said.until:
        parts.append(f"It is protected until {said.until}.")
    return Word(_kind(said), subject, "\n\n".join(part for part in parts if part))


def _kind(said: Said) -> NoticeKind:
    if said.verb in _OF_THE_DEAL:
        return NoticeKind.CLOSED
    return NoticeKind.ENDED if said.by_clock else NoticeKind.DECIDED


def _question(said: Said) -> Word:
    fields = ", ".join(ASKABLE[name].lower() for name in said.asked if name in ASKABLE)
    asked = f"Open for your answer: {fields}." if fields else ""
    by = (
        f"Please answer by {said.answer_by}; until then our own clock stands still." if said.answer_by else ""
    )
    return Word(
        NoticeKind.QUESTION,
        "we have a question",
        "\n\n".join(part for part in (said.sentence, asked, by) if part),
    )
