"""When beat starts, what came due while it was away is looked for at once."""

from typing import Any

from celery.signals import beat_init
from kombu.exceptions import OperationalError

from config.celery import app, sweeps


def test_every_sweep_is_sent_when_beat_starts(monkeypatch: Any) -> None:
    sent: list[str] = []
    monkeypatch.setattr(app, "send_task", lambda name, **_: sent.append(name))
    beat_init.send(sender=None)
    assert sent == sweeps()
    assert {"deals.sweep_clocks", "partners.sweep_mail", "prm.sweep_marks"} <= set(sent)
    assert "prm.rebuild_cells" not in sent  # the proof of all figures has its hour


def test_a_broker_that_is_away_does_not_stop_beat(monkeypatch: Any) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise OperationalError

    monkeypatch.setattr(app, "send_task", away)
    beat_init.send(sender=None)
