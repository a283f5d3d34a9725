"""What people are told of without asking, and how a mail is tried again. Pure."""

from datetime import datetime, timedelta

from django.db.models import TextChoices

RETRY_AFTER = timedelta(minutes=5)
MOST_ATTEMPTS = 12


class NoticeKind(TextChoices):
    """Each kind can be switched off by the person who gets it."""

    DECISION_DUE = "decision_due", "A decision is due soon"
    DECISION_LATE = "decision_late", "A decision is late"
    TO_DECIDE = "to_decide", "Something waits for your decision"
    QUESTION = "question", "A question about a claim"
    DECIDED = "decided", "A decision on a deal"
    PROTECTION_ENDS = "protection_ends", "A protection ends soon"
    PROGRESS = "progress", "Word on a protected deal is due"
    ENDED = "ended", "A claim was closed by the clock"
    CLOSED = "closed", "A deal was won, lost or opened again"
    LEAD = "lead", "A lead is offered to you, or answered"


def kinds() -> list[tuple[str, str]]:
    """The choices as models read them: a function, so that a new kind is no migration."""
    return list(NoticeKind.choices)


def for_partners(kind: NoticeKind) -> bool:
    """Whether a partner's people get notices of this kind; to decide is the vendor's own affair."""
    return kind not in (NoticeKind.TO_DECIDE, NoticeKind.DECISION_DUE, NoticeKind.DECISION_LATE)


def for_staff(kind: NoticeKind) -> bool:
    """Whether the vendor's people get notices of this kind."""
    return kind in (NoticeKind.TO_DECIDE, NoticeKind.DECISION_DUE, NoticeKind.DECISION_LATE)


def may_be_tried(attempts: int, attempted_at: datetime | None, moment: datetime) -> bool:
    """Whether an unsent mail is tried (again) at ``moment``: not too often, and not while somebody tries."""
    return attempts < MOST_ATTEMPTS and (attempted_at is None or attempted_at < moment - RETRY_AFTER)
