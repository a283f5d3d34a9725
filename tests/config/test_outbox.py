"""``/outbox/``: mail on a machine without a mail server, and nowhere else."""

from pathlib import Path
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.filebased import EmailBackend
from django.test import Client

from config.outbox import newest_mails

BACKEND = "django.core.mail.backends.filebased.EmailBackend"


def _send(folder: Path, *messages: EmailMultiAlternatives) -> None:
    backend = EmailBackend(file_path=str(folder), alias="default")
    backend.open()
    for message in messages:
        backend.send_messages([message])
    backend.close()


def _mail(subject: str, body: str, to: str = "ada@example.com") -> EmailMultiAlternatives:
    return EmailMultiAlternatives(subject, body, "PRM <prm@localhost>", [to])


@pytest.fixture
def outbox(settings: Any, tmp_path: Path) -> Path:
    settings.LOCAL = True
    settings.MAILERS = {"default": {"BACKEND": BACKEND, "OPTIONS": {"file_path": str(tmp_path)}}}
    return tmp_path


@pytest.mark.django_db
def test_a_sign_in_code_and_a_link_can_be_followed(client: Client, outbox: Path) -> None:
    invitation = _mail(
        "Your invitation to Nordwind – Größe", "Come in:\n\nhttp://127.0.0.1:8000/i/abc?x=1&y=2\n"
    )
    invitation.attach_alternative("<p>not this one</p>", "text/html")
    _send(outbox, _mail("Your code", "Your code is 483920."), invitation)
    page = client.get("/outbox/").content.decode()
    assert "Your code is 483920." in page
    assert "Your invitation to Nordwind – Größe" in page
    assert 'href="http://127.0.0.1:8000/i/abc?x=1&amp;y=2"' in page
    assert "ada@example.com" in page
    assert "not this one" not in page


@pytest.mark.django_db
def test_an_empty_outbox_teaches(client: Client, outbox: Path) -> None:
    assert "Nothing was sent yet" in client.get("/outbox/").content.decode()
    outbox.rmdir()
    assert client.get("/outbox/").status_code == 200


@pytest.mark.django_db
def test_hostile_mail_is_shown_and_does_nothing(client: Client, outbox: Path) -> None:
    _send(outbox, _mail("<script>alert(1)</script>", 'javascript:alert(1) <img src=x onerror="alert(2)">'))
    (outbox / "broken.log").write_bytes(b"\xff\x00 no headers at all\n" + b"-" * 79 + b"\n")
    answer = client.get("/outbox/")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<img" not in page
    assert 'href="javascript:' not in page


def test_newest_first_and_only_so_many(tmp_path: Path) -> None:
    for number in range(5):
        _send(tmp_path, _mail(f"Mail {number}", "-" * 79 + "\nnot a separator"))
        # Django names a file by the second, so two in one second may share one; each gets a name of its own.
        (written,) = (path for path in tmp_path.glob("*.log") if not path.stem.startswith("mail"))
        path = written.rename(tmp_path / f"mail{number}.log")
        text = path.read_text()
        day = f"Date: Mon, 0{number + 1} Jun 2026 10:00:00 -0000"
        path.write_text("\n".join(day if line.startswith("Date:") else line for line in text.split("\n")))
    assert [mail.subject for mail in newest_mails(tmp_path, count=3)] == ["Mail 4", "Mail 3", "Mail 2"]


@pytest.mark.django_db
def test_nobody_learns_of_it_in_production(client: Client, outbox: Path, settings: Any) -> None:
    _send(outbox, _mail("Your code", "483920"))
    settings.LOCAL = False
    assert client.get("/outbox/").status_code == 404
    settings.LOCAL = True
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend"}}
    answer = client.get("/outbox/")
    assert answer.status_code == 404
    assert "483920" not in answer.content.decode()
