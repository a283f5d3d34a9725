"""Fernhill's people and partners, through the invitations everybody gets."""

import secrets
from datetime import timedelta

from partners.core import clock
from partners.core.actor import Actor, Door
from partners.models import Partner, PartnerStatus, User
from partners.services.invitations import accept_invitation, invite
from partners.services.partners import change_partner, create_partner
from partners.services.tokens import digest_of
from prm.management.demo.story import COMPANIES, PARTNER_PEOPLE, PASSWORD, STAFF, Company, Person
from prm.management.demo.timeline import Timeline


def seat_everybody(line: Timeline) -> None:
    """Staff first, then the partners they signed, then the partners' people."""
    actor = Actor.system(program_id=line.program.pk, name="make_demo", door=Door.COMMAND)
    for person in STAFF:
        _seat(line, actor, person, None)
    for company in COMPANIES:
        line.partners[company.slug] = _sign(line, company)
    for person in PARTNER_PEOPLE:
        _seat(line, actor, person, line.partners[person.partner])


def _seat(line: Timeline, actor: Actor, person: Person, partner: Partner | None) -> None:
    invitation = invite(actor=actor, email=person.email, role=person.role, name=person.name, partner=partner)
    # The link is not mailed; it is opened at once by the person it is for.
    secret = secrets.token_urlsafe(32)
    invitation.digest, invitation.sent_at = digest_of(secret), clock.now()
    invitation.save(update_fields=["digest", "sent_at"])
    known = User.objects.filter(email=person.email).first()
    seat, _user = accept_invitation(
        secret=secret, user=known, name=person.name, password="" if known else PASSWORD
    )
    line.seats[person.email] = seat


def _sign(line: Timeline, company: Company) -> Partner:
    manager = line.seats["manager@fernhill.example"]
    signed = line.today - timedelta(days=round(company.months * 30.4)) if company.months is not None else None
    return create_partner(
        actor=line.actor("manager@fernhill.example"),
        name=company.name,
        intent=company.intent,
        status=PartnerStatus.PROSPECT if signed is None else PartnerStatus.ACTIVE,
        website=f"https://{company.slug}.example",
        country=company.country,
        signed_on=signed,
        goals=company.goals,
        manager=manager,
    )


def end_agreements(line: Timeline) -> None:
    """The partnerships that were ended; what they did stays on record."""
    for company in COMPANIES:
        if company.ended:
            partner = line.partners[company.slug]
            line.on(
                line.back(40),
                lambda partner=partner: change_partner(  # type: ignore[misc]
                    actor=line.actor("leader@fernhill.example"),
                    public_id=partner.public_id,
                    status=PartnerStatus.ENDED,
                ),
            )
