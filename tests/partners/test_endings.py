"""A partnership that ends: its people's access ends, what they did stays (R19)."""

from datetime import timedelta
from decimal import Decimal

import pytest

from deals.imports.services import import_bytes
from deals.models import Registration
from deals.registrations.submit import register
from deals.rules.claims import Claim
from partners.access import token_holder
from partners.core import clock
from partners.core.errors import Clash, RuleBroken
from partners.core.scope import program_scope
from partners.models import Invitation, LedgerEntry, Partner, PartnerStatus, Seat
from partners.services.invitations import accept_invitation, invite, read_offer
from partners.services.partners import change_partner
from partners.services.tokens import create_token, digest_of
from tests.support.cast import Cast


def end(cast: Cast) -> None:
    with program_scope(cast.program.pk):
        change_partner(actor=cast.actor("manager"), public_id=cast.alder.public_id, status="ended")


def live(cast: Cast) -> set[str]:
    with program_scope(cast.program.pk):
        seats = Seat.objects.filter(ended_at__isnull=True, partner__isnull=False).select_related("user")
        return {str(seat.user) for seat in seats}


def claim() -> Claim:
    return Claim(
        customer_name="Hollow Clinic",
        website="https://hollow.example.org",
        country="DE",
        amount=Decimal(12000),
        expected_close=clock.now().date() + timedelta(days=60),
    )


def test_seats_tokens_and_invitations_of_the_partner_end_and_no_others(cast: Cast) -> None:
    with program_scope(cast.program.pk, partner_id=cast.alder.pk):
        _token, secret = create_token(
            actor=cast.actor("alder_admin"), seat=cast.seats["alder_admin"], name="script"
        )
    with program_scope(cast.program.pk):
        offered = invite(
            actor=cast.actor("manager"), email="new@example.com", role="partner_seller", partner=cast.alder
        )
        kept = invite(
            actor=cast.actor("manager"), email="other@example.com", role="partner_seller", partner=cast.birch
        )
    assert token_holder(digest_of(secret))
    client = cast.client("alder_seller")
    assert client.get("/portal/northwind/").status_code == 200
    end(cast)
    assert live(cast) == {"Birch Admin"}
    assert token_holder(digest_of(secret)) is None
    assert client.get("/portal/northwind/").status_code in (302, 404)
    with program_scope(cast.program.pk):
        offered.refresh_from_db()
        kept.refresh_from_db()
        verbs = set(LedgerEntry.objects.filter(partner=cast.alder).values_list("verb", flat=True))
    assert offered.revoked_at is not None
    assert kept.revoked_at is None
    assert {"seat.ended", "invitation.revoked", "token.revoked"} <= verbs


def test_nobody_comes_in_again(cast: Cast) -> None:
    with program_scope(cast.program.pk):
        offered = invite(
            actor=cast.actor("manager"), email="new@example.com", role="partner_seller", partner=cast.alder
        )
        Invitation.objects.filter(pk=offered.pk).update(digest=digest_of("secret"))
        # As if the offer had been made in the same moment as the end.
        Partner.objects.filter(pk=cast.alder.pk).update(status=PartnerStatus.ENDED)
        cast.alder.refresh_from_db()
        with pytest.raises(RuleBroken):
            invite(
                actor=cast.actor("leader"), email="x@example.com", role="partner_admin", partner=cast.alder
            )
    with pytest.raises(Clash):
        read_offer(secret="secret")
    with pytest.raises(Clash):
        accept_invitation(secret="secret", user=None, name="New", password="")
    assert "New" not in live(cast)


def test_what_stands_is_honoured_and_nothing_new_is_taken(cast: Cast) -> None:
    with program_scope(cast.program.pk, partner_id=cast.alder.pk):
        row = register(actor=cast.actor("alder_seller"), claim=claim())
    assert row.state == "approved"
    end(cast)
    with program_scope(cast.program.pk):
        row.refresh_from_db()
        assert row.state == "approved"
        with pytest.raises(RuleBroken):
            register(actor=cast.actor("manager"), claim=claim(), partner_id=cast.alder.pk)
        assert Registration.objects.count() == 1


def test_a_file_that_ends_a_partner_ends_its_access_too(cast: Cast) -> None:
    content = b"Partner Name,Status\nAlder Consulting,terminated\n"
    with program_scope(cast.program.pk):
        import_bytes(actor=cast.actor("ops"), file_name="partners.csv", content=content, kind="partners")
        cast.alder.refresh_from_db()
    assert cast.alder.status == PartnerStatus.ENDED
    assert live(cast) == {"Birch Admin"}


def test_another_change_ends_nobody(cast: Cast) -> None:
    with program_scope(cast.program.pk):
        change_partner(actor=cast.actor("manager"), public_id=cast.alder.public_id, goals="More")
    assert live(cast) == {"Alder Admin", "Alder Seller", "Birch Admin"}
