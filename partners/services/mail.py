"""Mail whose row is its queue: who may try it now, and handing it to the mail server."""

from collections.abc import Mapping
from smtplib import SMTPException

import structlog
from django.core.mail import EmailMessage
from django.db.models import Model, Q, QuerySet
from django.template.loader import render_to_string

from partners.core import clock
from partners.core.scope import program_scope
from partners.models.notice import Mailed
from partners.rules.notices import MOST_ATTEMPTS, RETRY_AFTER, may_be_tried

log = structlog.get_logger(__name__)


def owed[M: Model](rows: QuerySet[M]) -> QuerySet[M]:
    """Those of ``rows`` whose mail was not sent and may be tried (again) now, the oldest first."""
    waiting = Q(attempted_at__isnull=True) | Q(attempted_at__lt=clock.now() - RETRY_AFTER)
    return rows.filter(waiting, sent_at__isnull=True, send_attempts__lt=MOST_ATTEMPTS).order_by("pk")


def claim(row: Mailed, *changed: str) -> bool:
    """Take the attempt on a locked row; False when another worker has just taken it.

    Committed before the mail is sent, so a slow mail server holds no lock and two workers do not send two.
    ``changed`` are further fields to save with it.
    """
    moment = clock.now()
    if row.sent_at is not None or not may_be_tried(row.send_attempts, row.attempted_at, moment):
        return False
    row.send_attempts += 1
    row.attempted_at = moment
    row.save(update_fields=[*changed, "send_attempts", "attempted_at"])
    return True


def mail_link(
    row: Mailed,
    *,
    program_id: int,
    to: str,
    digest: str,
    subject: str,
    template: str,
    words: Mapping[str, object],
) -> bool:
    """Mail the link a claimed row stands for, and say on the row that it was sent. False when it was not.

    A row whose link was made again meanwhile is left to whoever did that.
    """
    message = EmailMessage(
        subject=subject.replace("\n", " "), body=render_to_string(template, dict(words)), to=[to]
    )
    if not deliver(message, row=str(row.pk), template=template):
        return False
    with program_scope(program_id):
        same = {"pk": row.pk, "digest": digest}  # which rows have a digest, the abstract row cannot say
        type(row)._default_manager.filter(**same).update(sent_at=clock.now())
    return True


def deliver(message: EmailMessage, **about: str) -> bool:
    """Hand a mail over. False when the server did not take it; ``about`` is for the log."""
    try:
        message.send()
    except (OSError, SMTPException) as error:
        log.warning("mail_not_sent", error=type(error).__name__, **about)
        return False
    return True
