"""What is kept for a while only."""

from datetime import timedelta

from partners.core import clock
from partners.core.scope import program_scope
from partners.models import StoredAnswer

ANSWERS_ARE_KEPT = timedelta(days=7)


def forget_old_answers(*, program_id: int) -> int:
    """Delete stored answers older than a week. Returns how many."""
    with program_scope(program_id):
        old = StoredAnswer.objects.filter(created_at__lt=clock.now() - ANSWERS_ARE_KEPT)
        return old.delete()[0]
