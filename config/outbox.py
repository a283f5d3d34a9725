"""``/outbox/``: the mail a machine without a mail server would have sent, so that its links can be followed.

Only while ``EMAIL_URL`` is unset and ``DEBUG`` is on; nobody else is told that it exists.
"""

import email
import email.policy
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

NEWEST = 50
_LONGEST_BODY = 20_000
_LONGEST_FILE = 5_000_000
_BETWEEN = b"\n" + b"-" * 79 + b"\n"  # what Django's file backend writes after each message
_BACKEND = "django.core.mail.backends.filebased.EmailBackend"


@dataclass(frozen=True)
class Mail:
    """One message as it would have arrived; ``sent_at`` is UTC."""

    subject: str
    to: str
    sender: str
    sent_at: datetime
    body: str


def _folder() -> Path | None:
    mailer = settings.MAILERS["default"]
    if not settings.LOCAL or mailer["BACKEND"] != _BACKEND:
        return None
    return Path(mailer["OPTIONS"]["file_path"])


def _read(raw: bytes, written: datetime) -> Mail:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)  # noqa: S101 - by the policy given
    part = message.get_body(preferencelist=("plain", "html"))
    body = part.get_content() if part is not None else ""
    date = message["date"].datetime if message["date"] else None
    return Mail(
        subject=str(message["subject"] or "(no subject)"),
        to=str(message["to"] or ""),
        sender=str(message["from"] or ""),
        sent_at=date.astimezone(UTC) if date else written,
        body=str(body)[:_LONGEST_BODY].strip(),
    )


def newest_mails(folder: Path, count: int = NEWEST) -> list[Mail]:
    """The newest mails, newest first. One file holds what one connection sent, oldest first."""
    if not folder.is_dir():
        return []
    files = sorted(folder.glob("*.log"), key=lambda path: path.stat().st_mtime, reverse=True)
    mails: list[Mail] = []
    for path in files:
        if len(mails) >= count:
            break
        if path.stat().st_size > _LONGEST_FILE:
            continue
        written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        messages = [raw for raw in path.read_bytes().split(_BETWEEN) if raw.strip()]
        mails += [_read(raw.lstrip(b"\n"), written) for raw in messages]
    return sorted(mails, key=lambda mail: mail.sent_at, reverse=True)[:count]


@never_cache
@require_safe
def outbox(request: HttpRequest) -> HttpResponse:
    """The newest mails with their links."""
    folder = _folder()
    if folder is None:
        raise Http404
    return render(request, "prm/outbox.html", {"mails": newest_mails(folder), "limit": NEWEST})
