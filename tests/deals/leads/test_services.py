"""Leads through the services: routed, answered, run out, given and answered by us."""

from datetime import timedelta
from decimal import Decimal

import pytest

from deals.leads.offers import accept_offer, decline_offer, expire_offers, offer_lead, withdraw_offer
from deals.leads.selectors.leads import leads_between
from deals.leads.selectors.routing import account_of, accounts_like, candidates_for
from deals.leads.services import answer_lead, change_lead, close_lead
from deals.models import Account, Lead, LeadOffer, Opportunity, Source
from deals.rules.leads import LeadState, OfferState
from partners.core import clock
from partners.core.actor import Actor
from partners.core.errors import Clash, FieldErrors, NotAllowed, NotFound, Stale
from partners.core.scope import program_scope
from partners.models import CellMark, LedgerEntry, Partner, PartnerStatus
from tests.deals.leads.making import accepted, buyer, declined, given, lead, offered
from tests.deals.making import account, registered

MONDAY = clock.now().replace(year=2026, month=11, day=23, hour=9, minute=0, second=0, microsecond=0)


@pytest.fixture(autouse=True)
def _monday():
    with clock.at(MONDAY):
        yield


def fresh(cast, row):
    with program_scope(cast.program.pk):
        return type(row).objects.get(pk=row.pk)


def order(cast, row: Lead) -> list[str]:
    with program_scope(cast.program.pk):
        found = candidates_for(row, account_of(row, accounts_like(row)))
    return [f"{one.candidate.name}: {one.left_out or 'free'}" for one in found]


def test_the_first_candidate_is_the_one_that_fits(cast) -> None:
    with program_scope(cast.program.pk):
        Partner.objects.filter(pk=cast.birch.pk).update(countries=["DE"], verticals=["manufacturing"])
        Partner.objects.filter(pk=cast.alder.pk).update(countries=["FR"])
        offer = offer_lead(actor=cast.actor("manager"), lead=lead(cast))
    assert offer.partner_id == cast.birch.pk
    assert (offer.size, offer.country, offer.vertical) == ("EUR 25,000 to 100,000", "DE", "Manufacturing")
    # Two business days of the charter, from Monday morning in Berlin.
    assert offer.due_at == MONDAY + timedelta(days=2)


def test_accepting_opens_the_lead_and_routes_an_opportunity(cast) -> None:
    row = lead(cast)
    with program_scope(cast.program.pk):
        CellMark.objects.all().delete()
    done = accepted(cast, offered(cast, row))
    assert (done.state, done.answered_by) == (OfferState.ACCEPTED, "Alder Seller")
    row = fresh(cast, row)
    assert (row.state, row.opened_to_id, row.settled_at) == (LeadState.ACCEPTED, cast.alder.pk, MONDAY)
    with program_scope(cast.program.pk):
        deal = Opportunity.objects.get()
        assert (deal.source, deal.partner_id, deal.amount, deal.pk) == (
            Source.ROUTED,
            cast.alder.pk,
            Decimal(60000),
            row.opportunity_id,
        )
        assert deal.account is not None
        assert (deal.account.name, deal.account.vertical) == ("Quillmark Robotics GmbH", "Manufacturing")
        assert deal.stages.count() == 1
        assert CellMark.objects.filter(partner=cast.alder).exists()


def test_a_lead_without_an_amount_becomes_an_opportunity_that_counts_nothing(cast) -> None:
    accepted(cast, offered(cast, lead(cast, amount=None)))
    with program_scope(cast.program.pk):
        assert Opportunity.objects.get().program_amount is None


def test_a_known_account_is_not_made_again(cast) -> None:
    known = account(cast, "Quillmark Robotics", "quillmark-robotics.com", "DE")
    accepted(cast, offered(cast, lead(cast)))
    with program_scope(cast.program.pk):
        assert Account.objects.count() == 1
        assert Opportunity.objects.get().account_id == known.pk


def test_a_partner_that_registered_the_deal_keeps_it_sourced(cast) -> None:
    claim = registered(cast)
    row = lead(cast)
    assert order(cast, row) == [
        "Alder Consulting: free",
        "Birch Systems: Alder Consulting holds this customer",
    ]
    with pytest.raises(Clash, match="Alder Consulting holds this customer"):
        offered(cast, row, cast.birch)
    accepted(cast, offered(cast, row))
    with program_scope(cast.program.pk):
        assert Opportunity.objects.get().source == Source.SOURCED
    assert fresh(cast, row).opportunity_id == fresh(cast, claim).opportunity_id


def test_a_customer_taken_meanwhile_is_not_opened_and_the_partner_learns_nothing(cast) -> None:
    row = lead(cast)
    offer = offered(cast, row)
    registered(cast, "birch_admin")
    done = accepted(cast, offer)
    assert (done.state, done.sentence, done.answered_by) == (OfferState.WITHDRAWN, "", "")
    row = fresh(cast, row)
    assert (row.state, row.opened_to_id) == (LeadState.WAITING, None)
    with program_scope(cast.program.pk, partner_id=cast.alder.pk):
        told = list(LedgerEntry.objects.order_by("pk").values_list("verb", "actor_name", "sentence"))
        assert [entry for entry in told if "lead" in entry[0]] == [
            ("lead.offered", "Manager", ""),
            ("lead.withdrawn", "Leads", ""),
        ]


def test_a_decline_is_remembered_and_the_next_is_suggested(cast) -> None:
    row = lead(cast)
    done = declined(cast, offered(cast, row))
    assert (done.state, done.reason) == (OfferState.DECLINED, "field")
    assert fresh(cast, row).state == LeadState.WAITING
    assert order(cast, row) == ["Birch Systems: free", "Alder Consulting: Declined this lead: not our field"]
    with pytest.raises(Clash, match="Declined this lead"):
        offered(cast, row)
    again = lead(cast, customer_name="Otterfell Foods", website="otterfell.com", vertical="manufacturing")
    with program_scope(cast.program.pk):
        reasons = {one.candidate.name: one.reasons for one in candidates_for(again, None)}
    assert "Declined one of this kind" in reasons["Alder Consulting"]
    assert reasons["Birch Systems"] == ("0 of 3 leads open",)


def test_a_decline_needs_a_reason_and_words_for_something_else(cast) -> None:
    offer = offered(cast, lead(cast))
    with program_scope(cast.program.pk, partner_id=cast.alder.pk):
        for reason, sentence, field in (
            ("", "", "reason"),
            ("nonsense", "", "reason"),
            ("other", " ", "sentence"),
        ):
            with pytest.raises(FieldErrors) as refused:
                decline_offer(actor=cast.actor("alder_seller"), offer=offer, reason=reason, sentence=sentence)
            assert list(refused.value.errors) == [field]
    assert fresh(cast, offer).state == OfferState.OFFERED


def test_an_offer_runs_out_and_is_suggested_to_the_next(cast) -> None:
    row = lead(cast)
    offer = offered(cast, row)
    clockwork = Actor.system(program_id=cast.program.pk, name="Lead clock")
    with program_scope(cast.program.pk), clock.at(offer.due_at - timedelta(seconds=1)):
        assert expire_offers(actor=clockwork) == 0
    with program_scope(cast.program.pk), clock.at(offer.due_at):
        assert expire_offers(actor=clockwork) == 1
        assert expire_offers(actor=clockwork) == 0
        assert [one.candidate.name for one in candidates_for(row, None)] == [
            "Birch Systems",
            "Alder Consulting",
        ]
    assert (fresh(cast, offer).state, fresh(cast, row).state) == (OfferState.EXPIRED, LeadState.WAITING)
    # Asking the same partner once more is the person's choice.
    assert offered(cast, row).state == OfferState.OFFERED


def test_too_late_is_too_late_even_before_the_sweep(cast) -> None:
    offer = offered(cast, lead(cast))
    with clock.at(offer.due_at), pytest.raises(Clash) as refused:
        accepted(cast, offer)
    assert refused.value.code == "too_late"
    assert fresh(cast, offer).state == OfferState.OFFERED


@pytest.mark.parametrize("end", [accepted, declined])
def test_an_answer_is_given_once(cast, end) -> None:
    offer = offered(cast, lead(cast))
    end(cast, offer)
    for again in (accepted, declined):
        with pytest.raises(Clash) as refused:
            again(cast, offer)
        assert refused.value.code == "answered"
    with program_scope(cast.program.pk):
        assert Opportunity.objects.count() == (end is accepted)


def test_a_stale_version_is_refused(cast) -> None:
    offer = offered(cast, lead(cast))
    with program_scope(cast.program.pk, partner_id=cast.alder.pk), pytest.raises(Stale):
        accept_offer(actor=cast.actor("alder_seller"), offer=offer, expected_version=offer.version + 1)
    with program_scope(cast.program.pk):
        assert not Opportunity.objects.exists()
        assert not Account.objects.exists()


def test_an_offer_is_taken_back_and_another_made(cast) -> None:
    row = lead(cast)
    first = offered(cast, row)
    with pytest.raises(Clash) as refused:
        offered(cast, row, cast.birch)
    assert refused.value.code == "not_waiting"
    with program_scope(cast.program.pk):
        withdraw_offer(actor=cast.actor("ops"), lead=row)
        with pytest.raises(Clash):
            withdraw_offer(actor=cast.actor("ops"), lead=row)
    assert fresh(cast, first).state == OfferState.WITHDRAWN
    offered(cast, row, cast.birch)
    with pytest.raises(Clash):
        accepted(cast, first)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"status": PartnerStatus.ENDED}, "partnership has ended"),
        ({"status": PartnerStatus.PROSPECT}, "No agreement"),
        ({"lead_capacity": 0}, "Takes no leads"),
    ],
)
def test_who_cannot_take_a_lead_is_refused(cast, fields, why) -> None:
    row = lead(cast)
    with program_scope(cast.program.pk):
        Partner.objects.filter(pk=cast.alder.pk).update(**fields)
    with pytest.raises(Clash, match=why):
        offered(cast, row)
    assert not fresh(cast, row).opened_to_id
    with program_scope(cast.program.pk):
        assert not LeadOffer.objects.exists()


def test_capacity_counts_offers_and_open_deals(cast) -> None:
    with program_scope(cast.program.pk):
        Partner.objects.filter(pk=cast.alder.pk).update(lead_capacity=1)
    accepted(cast, offered(cast, lead(cast)))
    other = lead(cast, customer_name="Otterfell Foods", website="otterfell.com")
    with pytest.raises(Clash, match="Full: 1 of 1"):
        offered(cast, other)
    with program_scope(cast.program.pk):
        Opportunity.objects.update(state="lost", closed_on=MONDAY.date())
    assert offered(cast, other).partner_id == cast.alder.pk


def test_nobody_left_is_said(cast) -> None:
    with program_scope(cast.program.pk):
        Partner.objects.update(lead_capacity=0)
        with pytest.raises(Clash) as refused:
            offer_lead(actor=cast.actor("manager"), lead=lead(cast))
    assert refused.value.code == "nobody"


def test_the_open_part_names_nobody(cast) -> None:
    for field, text in (
        ("need", "Quillmark Robotics wants a tool"),
        ("need", "Birch Systems did not want it"),
        ("details", "Birch Systems did not want it"),
    ):
        with pytest.raises(FieldErrors) as refused:
            lead(cast, **{field: text})
        assert list(refused.value.errors) == [field]


def test_a_lead_is_changed_while_it_is_with_nobody(cast) -> None:
    row = lead(cast)
    with program_scope(cast.program.pk):
        done = change_lead(
            actor=cast.actor("ops"), lead=row, buyer=buyer(segment="Enterprise"), expected_version=1
        )
        assert (done.segment, done.version) == ("Enterprise", 2)
        assert change_lead(actor=cast.actor("ops"), lead=row, buyer=buyer(segment="Enterprise")).version == 2
        with pytest.raises(Stale):
            change_lead(actor=cast.actor("ops"), lead=row, buyer=buyer(), expected_version=1)
    offered(cast, row)
    with program_scope(cast.program.pk), pytest.raises(Clash):
        change_lead(actor=cast.actor("ops"), lead=row, buyer=buyer())


def test_the_version_does_not_count_offers(cast) -> None:
    """A partner that reads the version of its lead must not count by it whom it was offered to before."""
    row = lead(cast)
    declined(cast, offered(cast, row, cast.birch), "birch_admin")
    accepted(cast, offered(cast, row))
    assert fresh(cast, row).version == 2


def test_a_lead_is_given_up_and_its_offer_taken_back(cast) -> None:
    row = lead(cast)
    offer = offered(cast, row)
    with program_scope(cast.program.pk):
        with pytest.raises(FieldErrors):
            close_lead(actor=cast.actor("ops"), lead=row, sentence=" ")
        close_lead(actor=cast.actor("ops"), lead=row, sentence="The buyer chose to wait.")
        with pytest.raises(Clash):
            close_lead(actor=cast.actor("ops"), lead=row, sentence="Again.")
    assert (fresh(cast, row).state, fresh(cast, offer).state) == (LeadState.CLOSED, OfferState.WITHDRAWN)


def test_a_given_lead_is_owed_an_answer(cast) -> None:
    row = given(cast)
    assert (row.opened_to_id, row.state, row.told_by) == (cast.alder.pk, LeadState.WAITING, "Alder Seller")
    assert row.due_at == MONDAY + timedelta(days=2)
    with program_scope(cast.program.pk):
        done = answer_lead(actor=cast.actor("manager"), lead=row, accept=True, sentence="We call them today.")
        deal = Opportunity.objects.get()
        assert (deal.source, deal.partner_id, done.opportunity_id) == (Source.DIRECT, None, deal.pk)
        with pytest.raises(Clash):
            answer_lead(actor=cast.actor("manager"), lead=row, accept=False, reason="no_fit", sentence="No.")
    assert fresh(cast, row).state == LeadState.ACCEPTED


def test_a_no_needs_a_reason_and_a_sentence_without_rivals(cast) -> None:
    row = given(cast)
    with program_scope(cast.program.pk):
        for reason, sentence, field in (
            ("", "Sorry.", "reason"),
            ("no_fit", "", "sentence"),
            ("no_fit", "Birch Systems has it.", "sentence"),
        ):
            with pytest.raises(FieldErrors) as refused:
                answer_lead(
                    actor=cast.actor("manager"), lead=row, accept=False, reason=reason, sentence=sentence
                )
            assert list(refused.value.errors) == [field]
        answer_lead(actor=cast.actor("manager"), lead=row, accept=False, reason="no_fit", sentence="Sorry.")
        assert not Opportunity.objects.exists()
    assert fresh(cast, row).reason == "no_fit"


def test_a_given_lead_another_partner_holds_cannot_become_ours(cast) -> None:
    registered(cast, "birch_admin")
    row = given(cast)
    with program_scope(cast.program.pk), pytest.raises(Clash, match="Birch Systems holds this customer"):
        answer_lead(actor=cast.actor("manager"), lead=row, accept=True)
    assert fresh(cast, row).state == LeadState.WAITING


def test_a_form_sent_twice_makes_one_lead(cast) -> None:
    from deals.leads.services import give_lead

    actor = cast.actor("alder_seller")
    with program_scope(cast.program.pk, partner_id=cast.alder.pk):
        give_lead(actor=actor, buyer=buyer(), public_id="abcdefghjkmnpq")
        with pytest.raises(Clash) as refused:
            give_lead(actor=actor, buyer=buyer(), public_id="abcdefghjkmnpq")
    assert refused.value.code == "sent_twice"


def test_roles(cast) -> None:
    row, mine = lead(cast), given(cast)
    offer = offered(cast, row)
    with program_scope(cast.program.pk):
        for who in ("rep", "sponsor", "alder_admin"):
            actor = cast.actor(who)
            with pytest.raises(NotAllowed):
                offer_lead(actor=actor, lead=row)
            with pytest.raises(NotAllowed):
                answer_lead(actor=actor, lead=mine, accept=True)
        with pytest.raises(NotFound):
            accept_offer(actor=cast.actor("birch_admin"), offer=offer)
        with pytest.raises(NotAllowed):
            accept_offer(actor=cast.actor("rep"), offer=offer)
        # By telephone: staff note the partner's answer, and the ledger says who did.
        accept_offer(actor=cast.actor("manager"), offer=offer)
        entry = LedgerEntry.objects.get(verb="lead.accepted")
        assert (entry.actor_name, entry.partner_id) == ("Manager", cast.alder.pk)


def test_what_went_both_ways(cast) -> None:
    accepted(cast, offered(cast, lead(cast)))
    row = lead(cast, customer_name="Otterfell Foods", website="otterfell.com", amount=Decimal(5000))
    declined(cast, offered(cast, row))
    waiting = lead(cast, customer_name="Marlow Ships", website="marlow-ships.co.uk", amount=None)
    offered(cast, waiting)
    back = offered(cast, lead(cast, customer_name="Taken Back", website="taken-back.com"))
    with program_scope(cast.program.pk):
        withdraw_offer(actor=cast.actor("ops"), lead=back.lead)
    given(cast, customer_name="Fernhill", website="fernhill-logistics.com", amount=Decimal(700))
    with program_scope(cast.program.pk):
        between = leads_between(cast.alder, moment=MONDAY + timedelta(days=3))
        nothing = leads_between(cast.birch, moment=MONDAY)
    out, back_ = between.to_them, between.to_us
    assert (out.count, out.accepted, out.refused, out.waiting, out.overdue) == (3, 1, 1, 1, 1)
    assert out.amounts == {"EUR": Decimal(65000)}
    assert out.oldest == MONDAY
    assert (back_.count, back_.accepted, back_.waiting, back_.overdue) == (1, 0, 1, 1)
    assert back_.amounts == {"EUR": Decimal(700)}
    assert not nothing.any
