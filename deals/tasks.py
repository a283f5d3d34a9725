"""Jobs of deals. Thin: ids in, a scope opened, a service called."""

from celery import shared_task

from deals.services.imports import run_import, waiting_imports
from deals.services.protections import expire_protections as expire
from partners.access import program_ids
from partners.core.actor import Actor
from partners.core.jobs import wake
from partners.core.scope import program_scope


@shared_task(name="deals.sweep_protections")
def sweep_protections() -> None:
    """Ask every program to expire what is over. Beat calls it; missing a turn delays, and loses nothing."""
    for program_id in program_ids():
        wake("deals.expire_protections", program_id=program_id)


@shared_task(name="deals.expire_protections")
def expire_protections(program_id: int) -> None:
    """Expire the approved registrations of one program whose protection is over."""
    with program_scope(program_id):
        expire(actor=Actor.system(program_id=program_id, name="Protection clock"))


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
