"""Jobs of the ground floor: ids in, services called."""

from celery import shared_task
from django.conf import settings

from partners.access import program_ids
from partners.core.jobs import wake
from partners.core.scope import program_scope
from partners.services import invitations, notices, tidying


@shared_task(name="partners.send_invitation")
def send_invitation(*, program_id: int, invitation_id: int) -> bool:
    """Mail one invitation's link."""
    return invitations.send_invitation(
        program_id=program_id, invitation_id=invitation_id, site=settings.PUBLIC_URL
    )


@shared_task(name="partners.send_notices")
def send_notices(*, program_id: int) -> int:
    """Mail the notices a program owes, one by one. Returns how many were sent."""
    with program_scope(program_id):
        owed = notices.owed_notices()
    return sum(
        notices.send_notice(program_id=program_id, notice_id=notice_id, site=settings.PUBLIC_URL)
        for notice_id in owed
    )


@shared_task(name="partners.sweep_mail")
def sweep_mail() -> int:
    """Find mails still owed (the broker or the mail server was away) and hand them out. Returns how many."""
    found = 0
    for program_id in program_ids():
        with program_scope(program_id):
            owed = invitations.unsent_invitations()
            told = notices.owed_notices()
        for invitation_id in owed:
            wake("partners.send_invitation", program_id=program_id, invitation_id=invitation_id)
        if told:
            wake("partners.send_notices", program_id=program_id)
        found += len(owed) + len(told)
    return found


@shared_task(name="partners.tidy")
def tidy() -> int:
    """Forget answers to idempotency keys that nobody will ask for again. Returns how many."""
    return sum(tidying.forget_old_answers(program_id=program_id) for program_id in program_ids())
