"""A filled world: rows of Alder, of Birch and of the other program in every table that can hold them."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from deals.leads.offers import accept_offer, offer_lead
from deals.leads.services import create_lead, give_lead
from deals.models import BenefitDelivery
from deals.opportunities.touches import log_touch
from deals.registrations.submit import register
from deals.rules.attribution import TouchKind
from deals.rules.claims import Claim
from deals.rules.leads import Buyer
from partners.core import clock
from partners.core.actor import Actor, Door
from partners.core.scope import program_scope
from partners.models import ApiToken, Invitation, Notice, Partner, PersonalLink, StoredAnswer
from partners.selectors import program_in_force
from partners.services.activities import log_activity
from plans.rules.lifecycle import Side
from plans.services.checkins import log_check_in
from plans.services.commitments import add_commitment
from plans.services.milestones import add_milestone
from plans.services.plans import agree_to_plan, draft_plan, propose_plan
from tests.support.cast import Cast

# Unlike enough that none is taken for another.
CUSTOMERS = {"alder": "Quillmark Robotics", "birch": "Thistledown Bakery", "cedar": "Ottermere Shipping"}


def _claim(name: str) -> Claim:
    return Claim(
        customer_name=name,
        website=f"https://{name.split()[0].lower()}-{name.split()[1].lower()}.com",
        country="DE",
        amount=Decimal(12000),
        expected_close=clock.now().date() + timedelta(days=60),
    )


def _plan(cast: Cast, partner: Partner, manager: str, admin: str) -> None:
    actor = cast.actor(manager)
    today = clock.today(program_in_force().timezone)
    plan = draft_plan(actor=actor, partner=partner, purpose="Joint purpose", why_call_us="A service contract")
    add_milestone(actor=actor, plan=plan, name="First call", proves="A recording")
    add_commitment(
        actor=actor, plan=plan, side=Side.US, what="Train", owner_name="Tom", due_on=today + timedelta(days=9)
    )
    plan = propose_plan(actor=actor, plan=plan)
    agree_to_plan(actor=actor, plan=plan, edition=plan.edition)
    agree_to_plan(actor=cast.actor(admin, Door.PORTAL), plan=plan, edition=plan.edition)
    plan.refresh_from_db()
    log_check_in(actor=actor, plan=plan, held_on=today, said="Spoke", purpose_confirmed=True)


def _keys(cast: Cast, partner: Partner, admin: str) -> None:
    seat = cast.seats[admin]
    ApiToken.objects.create(
        program_id=seat.program_id, seat=seat, partner=partner, name="key", digest=f"token {partner.pk}"
    )
    PersonalLink.objects.create(
        program_id=seat.program_id, seat=seat, partner=partner, digest=f"link {partner.pk}", made_by="Test"
    )
    Invitation.objects.create(
        program_id=seat.program_id,
        email=f"new@{partner.slug}.example",
        role="partner_seller",
        partner=partner,
        digest=f"invitation {partner.pk}",
        invited_by="Test",
        expires_at=clock.now() + timedelta(days=3),
    )
    Notice.objects.create(
        program_id=seat.program_id,
        seat=seat,
        partner=partner,
        kind="progress",
        key="k",
        subject="How does it stand?",
        body="",
        page="portal:home",
    )
    StoredAnswer.objects.create(
        program_id=seat.program_id, user=seat.user, partner=partner, key="k", fingerprint="f", status=201
    )


def _leads(partner: Partner, manager: Actor, admin: Actor) -> None:
    """One lead offered and accepted, one the partner gave."""
    name = f"{partner.name.split()[0]} Buyer"
    buyer = Buyer(customer_name=f"Routed {name}", country="DE", need="Wants a planning tool.")
    routed = create_lead(actor=manager, buyer=buyer)
    accept_offer(actor=admin, offer=offer_lead(actor=manager, lead=routed, partner_id=partner.pk))
    give_lead(actor=admin, buyer=replace(buyer, customer_name=f"Given {name}"))


def fill_partner(cast: Cast, name: str, manager: str, admin: str) -> None:
    """One partner's share: a deal with its benefit and a touch, an activity, a plan, leads and keys. Needs an
    open scope."""
    partner: Partner = getattr(cast, name)
    portal = cast.actor(admin, Door.PORTAL)
    program = program_in_force()
    deal = register(actor=portal, claim=_claim(CUSTOMERS[name]))
    BenefitDelivery.objects.create(program_id=program.pk, registration=deal, partner=partner)
    assert deal.opportunity is not None
    log_touch(
        actor=portal, opportunity=deal.opportunity, on=clock.today(program.timezone), kind=TouchKind.MEETING
    )
    log_activity(actor=cast.actor(manager), partner=partner, kind="call", minutes=15)
    _plan(cast, partner, manager, admin)
    _leads(partner, cast.actor(manager), portal)
    _keys(cast, partner, admin)


def fill(cast: Cast) -> None:
    """Registrations (one of Birch's stands in Alder's way), plans, activities and keys for everybody."""
    with program_scope(cast.program.pk):
        for name in ("alder", "birch"):
            fill_partner(cast, name, "manager", f"{name}_admin")
    with program_scope(cast.other_program.pk):
        fill_partner(cast, "cedar", "other_leader", "cedar_admin")
    with program_scope(cast.program.pk):
        register(actor=cast.actor("alder_seller", Door.PORTAL), claim=_claim(CUSTOMERS["birch"]))
