"""Jobs of the ground floor: ids in, services called."""

from celery import shared_task
from django.conf import settings

from partners.access import program_ids
from partners.core.jobs import wake
from partners.core.scope import program_scope
from partners.services import invitations, tidying


@shared_task(name="partners.send_invitation")
def send_invitation(*, program_id: int, invitation_id: int) -> bool:
    """Mail one invitation's link."""
    return invitations.send_invitation(
        program_id=program_id, invitation_id=invitation_id, site=settings.PUBLIC_URL
    )


@shared_task(name="partners.sweep_invitations")
def sweep_invitations() -> int:
    """Find mails still owed (the broker or the mail server was away) and hand them out. Returns how many."""
    found = 0
    for program_id in program_ids():
        with program_scope(program_id):
            owed = invitations.unsent_invitations()
        for invitation_id in owed:
            wake("partners.send_invitation", program_id=program_id, invitation_id=invitation_id)
        found += len(owed)
    return found


@shared_task(name="partners.tidy")
def tidy() -> int:
    """Forget answers to idempotency keys that nobody will ask for again. Returns how many."""
    return sum(tidying.forget_old_answers(program_id=program_id) for program_id in program_ids())
