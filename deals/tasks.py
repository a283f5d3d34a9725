"""Jobs of deals. Thin: ids in, a scope opened, a service called."""

from collections.abc import Callable

from celery import shared_task
from django.conf import settings

from deals.cases.decision_clocks import close_unanswered, escalate_decisions, note_missed_decisions
from deals.cases.statements import owed_statements
from deals.cases.statements import send_statement as send
from deals.imports.services import run_import, waiting_imports
from deals.leads.offers import expire_offers
from deals.lists.services import forget_old_lists, run_list_check, waiting_lists
from deals.registrations.keepalive import keep_alive, remind_of_protections
from deals.registrations.protect import expire_protections
from partners.access import program_ids
from partners.core.actor import Actor
from partners.core.jobs import wake
from partners.core.scope import program_scope

# What time brings about, by name. Each is a service that takes ``actor`` and says how much it did.
CLOCKS: dict[str, Callable[..., int]] = {
    "expire": expire_protections,
    "missed": note_missed_decisions,
    "escalate": escalate_decisions,
    "unanswered": close_unanswered,
    "remind": remind_of_protections,
    "keep_alive": keep_alive,
    "leads": expire_offers,
}


@shared_task(name="deals.sweep_clocks")
def sweep_clocks() -> None:
    """Have every clock of every program looked at. Beat calls it; a missed turn delays, and loses nothing."""
    for program_id in program_ids():
        for which in CLOCKS:
            wake("deals.run_clock", program_id=program_id, which=which)


@shared_task(name="deals.run_clock")
def run_clock(program_id: int, which: str) -> int:
    """Do what one clock of a program brings about, batch by batch. Returns how much was done."""
    total = 0
    while True:
        with program_scope(program_id):
            done = CLOCKS[which](actor=Actor.system(program_id=program_id, name="Clock"))
        if not done:
            return total
        total += done


@shared_task(name="deals.import_file")
def import_file(import_id: int, program_id: int) -> None:
    """Check or load one uploaded file. Asked twice, it is done once."""
    run_import(import_id, program_id)


@shared_task(name="deals.sweep_imports")
def sweep_imports() -> None:
    """Wake a worker for every file that waits for one: none was woken, or the one that was has died."""
    for program_id in program_ids():
        with program_scope(program_id):
            for import_id in waiting_imports():
                wake("deals.import_file", import_id=import_id, program_id=program_id)


@shared_task(name="deals.check_list")
def check_list(list_id: int, program_id: int) -> None:
    """Look up the companies of one list. Asked twice, each row is done once."""
    run_list_check(list_id, program_id)


@shared_task(name="deals.sweep_lists")
def sweep_lists() -> None:
    """Wake a worker for every list with rows that wait, and forget those that are too old."""
    for program_id in program_ids():
        with program_scope(program_id):
            forget_old_lists()
            for list_id in waiting_lists():
                wake("deals.check_list", list_id=list_id, program_id=program_id)


@shared_task(name="deals.send_statement")
def send_statement(program_id: int, statement_id: int) -> bool:
    """Mail the link by which one person is asked for a statement."""
    return send(program_id=program_id, statement_id=statement_id, site=settings.PUBLIC_URL)


@shared_task(name="deals.sweep_statements")
def sweep_statements() -> None:
    """Hand out the mails still owed: nobody woke a worker, or the mail server was away."""
    for program_id in program_ids():
        with program_scope(program_id):
            for statement_id in owed_statements():
                wake("deals.send_statement", program_id=program_id, statement_id=statement_id)
