"""Competing products of a partner, and the pay of direct reps: what is warned of, and where."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from partners.core import clock
from partners.core.errors import Clash, DomainError, FieldErrors, NotAllowed, Stale
from partners.core.scope import program_scope
from partners.models import Charter, CompetingLine, LedgerEntry
from partners.rules.compensation import neutrality
from partners.rules.lines import Line, YesNoUnknown, warnings
from partners.services.charters import sign_charter
from partners.services.lines import add_line, change_line, remove_line
from plans.services.plans import draft_plan
from tests.support.cast import Cast

TODAY = date(2026, 5, 6)


def line(cast: Cast, product: str = "Slotter", **values: Any) -> CompetingLine:
    with program_scope(cast.program.pk):
        return add_line(actor=cast.actor("manager"), partner=cast.alder, product=product, **values)


def address(name: str, **kwargs: str) -> str:
    return reverse(name, kwargs={"program": "northwind", **kwargs})


def text_of(cast: Cast, url: str, who: str = "leader") -> str:
    return cast.client(who).get(url).content.decode()


@pytest.mark.parametrize(
    ("margin", "exclusive", "sentence"),
    [
        ("yes", "no", ["Sells Slotter of Rival at a higher margin."]),
        ("yes", "yes", ["Sells Slotter of Rival at a higher margin, and exclusively."]),
        ("no", "yes", ["Is bound to Slotter of Rival exclusively."]),
        ("unknown", "unknown", []),
        ("no", "no", []),
    ],
)
def test_a_warning_is_one_plain_sentence(margin: str, exclusive: str, sentence: list[str]) -> None:
    assert warnings([Line("Slotter", "Rival", YesNoUnknown(margin), YesNoUnknown(exclusive))]) == sentence


def test_the_plan_asks_why_their_sellers_would_sell_ours(cast: Cast) -> None:
    with program_scope(cast.program.pk):
        plan = draft_plan(
            actor=cast.actor("manager"), partner=cast.alder, purpose="Grow", why_call_us="Money"
        )
    url = address("plans:plan", public_id=plan.public_id)
    line(cast, vendor="Rival", higher_margin="no")
    assert "Slotter" not in text_of(cast, url)
    line(cast, "Planner", vendor="Rival", higher_margin="yes")
    assert "Sells Planner of Rival at a higher margin." in text_of(cast, url)


def test_a_product_is_listed_once_whatever_its_case(cast: Cast) -> None:
    line(cast, vendor="Rival")
    with pytest.raises(Clash):
        line(cast, "SLOTTER", vendor="rival")
    other = line(cast, "Planner", vendor="Rival")
    with program_scope(cast.program.pk), pytest.raises(Clash):
        change_line(actor=cast.actor("manager"), public_id=other.public_id, product="slotter")
    with program_scope(cast.program.pk):
        assert CompetingLine.objects.count() == 2


@pytest.mark.parametrize(
    ("values", "field"),
    [({"product": " "}, "product"), ({"vendor": "x" * 121}, "vendor"), ({"exclusive": "maybe"}, "exclusive")],
)
def test_lines_that_cannot_be(cast: Cast, values: dict[str, Any], field: str) -> None:
    with pytest.raises(FieldErrors) as refused:
        line(cast, **values)
    assert set(refused.value.errors) == {field}


def test_a_change_is_recorded_and_a_late_one_refused(cast: Cast) -> None:
    row = line(cast)
    with program_scope(cast.program.pk):
        change_line(
            actor=cast.actor("leader"), public_id=row.public_id, higher_margin="yes", expected_version=1
        )
        with pytest.raises(Stale):
            change_line(
                actor=cast.actor("manager"), public_id=row.public_id, higher_margin="no", expected_version=1
            )
        with pytest.raises(Stale):
            remove_line(actor=cast.actor("manager"), public_id=row.public_id, expected_version=1)
        remove_line(actor=cast.actor("manager"), public_id=row.public_id, expected_version=2)
        assert not CompetingLine.objects.exists()
        kept = LedgerEntry.objects.filter(subject="competingline").order_by("pk")
        assert [entry.verb.partition(".")[2] for entry in kept] == ["added", "changed", "removed"]
        assert kept[2].old["product"] == "Slotter"


def test_a_line_of_another_partner_is_not_reached_through_this_one(cast: Cast) -> None:
    row = line(cast)
    wrong = {"public_id": cast.birch.public_id, "line_id": row.public_id}
    assert cast.client("manager").post(address("partners:line_remove", **wrong)).status_code == 404
    with program_scope(cast.program.pk):
        assert CompetingLine.objects.exists()


def test_only_leader_and_manager_write_and_no_partner_reads(cast: Cast) -> None:
    line(cast)
    for who in ("ops", "rep", "sponsor"):
        with program_scope(cast.program.pk), pytest.raises(NotAllowed):
            add_line(actor=cast.actor(who), partner=cast.alder, product="x")
    with program_scope(cast.program.pk, partner_id=cast.alder.pk):
        assert not CompetingLine.objects.exists()
        with pytest.raises(DomainError):
            add_line(actor=cast.actor("alder_admin"), partner=cast.alder, product="x")


# ---- the pay of direct reps (R57) ----------------------------------------------------------------------


def asked(
    redesigned: date | None, direct: str | None = None, partner: str | None = None
) -> tuple[bool, str] | None:
    flag = neutrality(
        redesigned_on=redesigned,
        rate_direct=Decimal(direct) if direct else None,
        rate_partner=Decimal(partner) if partner else None,
        today=TODAY,
    )
    return (flag.red, flag.evidence) if flag else None


def test_a_pay_plan_that_was_not_redesigned_is_a_red_flag() -> None:
    for redesigned in (None, date(2026, 5, 7)):
        found = asked(redesigned, "10", "10")
        assert found is not None
        assert found[0]


def test_after_the_redesign_the_rates_decide() -> None:
    day = date(2026, 5, 6)
    assert asked(day, "10", "10") is None
    assert asked(day, "8", "10") is None
    unknown, less = asked(day, "10"), asked(day, "10", "7.50")
    assert unknown is not None
    assert not unknown[0]
    assert less is not None
    assert less[0]
    assert "7.5%" in less[1]
    assert "10%" in less[1]


def test_the_flag_stands_on_program_and_on_the_leaders_today_until_it_is_signed_away(cast: Cast) -> None:
    flag = "was not redesigned for partner-sourced revenue"
    program, today = address("partners:program"), address("prm:today")
    assert flag in text_of(cast, program)
    assert flag in text_of(cast, today)
    assert flag not in text_of(cast, today, "manager")
    with program_scope(cast.program.pk), clock.at(datetime(2026, 5, 6, 12, tzinfo=UTC)):
        sign_charter(
            actor=cast.actor("leader"),
            expected_number=1,
            comp_redesigned_on=date(2026, 1, 1),
            comp_rate_direct=Decimal(8),
            comp_rate_partner=Decimal(8),
        )
    assert flag not in text_of(cast, program)
    assert flag not in text_of(cast, today)


def test_the_charter_is_signed_by_screen_and_by_api(cast: Cast) -> None:
    leader = cast.client("leader")
    url = "/api/v1/programs/northwind/charter/"
    terms = {"number": 1, "comp_rate_direct": "12.5", "hourly_cost": "80"}
    signed = leader.post(url, json.dumps(terms), content_type="application/json")
    assert signed.status_code == 201
    assert (signed.json()["number"], signed.json()["comp_rate_direct"]) == (2, "12.50")
    late = leader.post(url, json.dumps(terms), content_type="application/json")
    assert late.status_code == 412
    wrong = {"number": 2, "comp_rate_partner": "101"}
    assert leader.post(url, json.dumps(wrong), content_type="application/json").status_code == 422
    missing = leader.post(url, json.dumps({"hourly_cost": "70"}), content_type="application/json")
    assert missing.status_code == 422
    form = address("partners:charter")
    assert 'name="comp_redesigned_on"' in text_of(cast, form)
    with program_scope(cast.program.pk):
        assert Charter.objects.count() == 2
