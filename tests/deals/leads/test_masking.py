"""Before it accepts, a partner learns nothing of a lead's buyer, and never to whom else it was offered."""

import json

import pytest
from django.db import connection

from deals.models import Lead, LeadOffer
from partners.core.scope import program_scope
from partners.models import LedgerEntry
from tests.deals.leads.making import accepted, declined, given, lead, offered

API = "/api/v1/programs/northwind/"
PORTAL = "/portal/northwind/"
BUYER = ["Quillmark", "quillmark", "Ostendorf", "vera@", "1234567", "60000", "60,000", "Spoke with"]
RIVAL = ["Birch", "birch"]


@pytest.fixture
def offer(cast) -> LeadOffer:
    """Offered to Alder after Birch declined it."""
    row = lead(cast)
    declined(cast, offered(cast, row, cast.birch), "birch_admin")
    return offered(cast, row)


def everything_alder_reads(cast, offer: LeadOffer) -> dict[str, str]:
    client = cast.client("alder_admin")
    pages = [
        PORTAL,
        PORTAL + "leads/",
        PORTAL + "leads/?format=csv",
        PORTAL + f"leads/{offer.public_id}/",
        PORTAL + "leads/given/",
        PORTAL + "leads/given/?format=csv",
        API + "leads/",
        API + "lead-offers/",
        API + f"lead-offers/{offer.public_id}/",
        API + "opportunities/",
    ]
    return {page: client.get(page).getvalue().decode() for page in pages}


def rows_alder_reads(cast) -> str:
    """All of leads, offers and ledger by raw SQL: only row-level security stands in between."""
    told = []
    with program_scope(cast.program.pk, partner_id=cast.alder.pk), connection.cursor() as cursor:
        for table in ("deals_lead", "deals_leadoffer", "partners_ledgerentry", "partners_notice"):
            cursor.execute(f"SELECT * FROM {table}")  # noqa: S608
            told += [str(row) for row in cursor.fetchall()]
    return "\n".join(told)


def test_nothing_of_the_buyer_or_a_rival_is_read_before_the_yes(cast, offer) -> None:
    with program_scope(cast.program.pk):
        secrets = [*BUYER, *RIVAL, *Lead.objects.values_list("public_id", flat=True), "not our field"]
        secrets += LeadOffer.objects.filter(partner=cast.birch).values_list("public_id", flat=True)
    texts = everything_alder_reads(cast, offer) | {"raw SQL": rows_alder_reads(cast)}
    assert "planning tool" in texts[PORTAL + f"leads/{offer.public_id}/"]
    assert "planning tool" in texts["raw SQL"]
    for where, text in texts.items():
        assert [secret for secret in secrets if secret in text] == [], where
    with program_scope(cast.program.pk, partner_id=cast.alder.pk), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM deals_lead")
        assert cursor.fetchone() == (0,)


def test_the_yes_opens_the_buyer_and_still_no_rival(cast, offer) -> None:
    accepted(cast, offer)
    texts = everything_alder_reads(cast, offer)
    assert "Quillmark Robotics GmbH" in texts[PORTAL + f"leads/{offer.public_id}/"]
    assert "vera@quillmark-robotics.com" in texts[API + "leads/"]
    for where, text in (texts | {"raw SQL": rows_alder_reads(cast)}).items():
        assert [name for name in RIVAL if name in text] == [], where
    told = json.loads(texts[API + "leads/"])["results"][0]
    assert (told["account"], told["opportunity"], told["created_at"]) == (None, None, None)
    assert told["version"] == 2  # one change of what it says, whatever happened before


def test_who_declined_no_longer_reads_anything_but_their_offer(cast, offer) -> None:
    accepted(cast, offer)
    client = cast.client("birch_admin")
    for page in (PORTAL + "leads/", API + "leads/", API + "lead-offers/"):
        text = client.get(page).content.decode()
        assert [secret for secret in [*BUYER, "Alder"] if secret in text] == [], page
    assert client.get(PORTAL + f"leads/{offer.public_id}/").status_code == 404
    assert client.post(PORTAL + f"leads/{offer.public_id}/accept/").status_code == 404
    with program_scope(cast.program.pk):
        assert Lead.objects.get().opened_to_id == cast.alder.pk


def test_a_given_lead_is_between_its_partner_and_us(cast) -> None:
    mine, theirs = given(cast), given(cast, "birch_admin", customer_name="Otterfell Foods", website="")
    client = cast.client("alder_admin")
    text = client.get(API + "leads/").content.decode()
    assert mine.public_id in text
    assert theirs.public_id not in text
    assert client.get(PORTAL + f"leads/given/{theirs.public_id}/").status_code == 404
    with program_scope(cast.program.pk, partner_id=cast.alder.pk):
        assert [entry.subject_id for entry in LedgerEntry.objects.filter(subject="lead")] == [mine.public_id]
