"""Keeping the figures right, in the background. The marks in the database are the queue; tasks only look."""

from celery import shared_task

from partners.access import program_ids
from partners.core.jobs import begun, wake
from partners.core.scope import program_scope
from prm.services import cells


@shared_task(name="prm.recompute_cells")
def recompute_cells(program_id: int) -> int:
    """Compute all that is marked in a program, batch by batch. Returns how many marks were settled."""
    begun("prm.recompute_cells", program_id=program_id)
    settled = 0
    while True:
        with program_scope(program_id):
            done = cells.recompute_cells()
        if not done:
            return settled
        settled += done


@shared_task(name="prm.sweep_marks")
def sweep_marks() -> int:
    """Wake the recompute of every program with marks: those nobody woke it for, and those of a killed
    worker."""
    woken = 0
    for program_id in program_ids():
        with program_scope(program_id):
            if cells.marks_are_waiting():
                wake("prm.recompute_cells", program_id=program_id)
                woken += 1
    return woken


@shared_task(name="prm.rebuild_cells")
def rebuild_cells() -> int:
    """Hand out the nightly proof, one task per program."""
    programs = program_ids()
    for program_id in programs:
        wake("prm.rebuild_program", program_id=program_id)
    return len(programs)


@shared_task(name="prm.rebuild_program")
def rebuild_program(program_id: int) -> int:
    """Settle what is marked, prove all cells of a program, put right what differed. Returns how many did."""
    recompute_cells(program_id)
    with program_scope(program_id):
        run = cells.rebuild_cells()
    recompute_cells(program_id)
    return run.differed
