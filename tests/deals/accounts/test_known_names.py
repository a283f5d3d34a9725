"""What else a customer is called: by rule, by ruling, by screen and by API; a claim under it finds it."""

from typing import Any

import pytest

from deals.accounts.known_names import set_known_names
from deals.accounts.lookup import matching_accounts
from deals.accounts.rules import known_by
from deals.cases.ruling import rule
from deals.matching.evidence import Party
from deals.matching.match import Band
from deals.models import Account, AccountKey, Registration
from deals.rules.lifecycle import State
from partners.core.errors import Clash, FieldErrors, NotAllowed, Stale
from partners.core.scope import program_scope
from partners.models import LedgerEntry
from tests.deals.making import account, decided, decision, registered
from tests.support.cast import Cast

P = "/p/northwind/accounts/"
API = "/api/v1/programs/northwind/accounts/"


def test_what_is_typed_is_kept_once_and_as_typed() -> None:
    names = ["Brindle  Pay ", "", "brindle pay", "QUARTZLANE", "石英巷"]
    sites = ["https://www.brindle-pay.com/about", "brindle-pay.com", " ", "quartzlane.io"]
    known = known_by("Quartzlane", "quartzlane.io", names, sites)
    assert (known.names, known.domains, known.problems) == (
        ["Brindle Pay", "石英巷"],
        ["brindle-pay.com"],
        {},
    )


def test_what_would_find_nobody_or_everybody_is_refused_with_its_text() -> None:
    known = known_by(
        "Quartzlane", "", ["--", "x" * 256], ["no site", "linkedin.com/company/quartz", "a@gmail.com"]
    )
    assert known.problems == {
        "other_names": [
            "“--” is no name: it has no letter and no digit.",
            f"“{'x' * 40}…” is longer than 255 characters.",
        ],
        "other_domains": [
            "“no site” is not a website. Enter one such as acme.com.",
            "linkedin.com is shared by many and tells no customer apart.",
            "gmail.com is shared by many and tells no customer apart.",
        ],
    }
    many = known_by("Quartzlane", "", [f"Quartz {number}" for number in range(21)], [])
    assert many.problems == {"other_names": ["These are 21; at most 20 are kept."]}


def stored(cast: Cast, row: Account) -> tuple[list[str], list[str], int, set[str]]:
    with program_scope(cast.program.pk):
        row = Account.objects.get(pk=row.pk)
        keys = set(AccountKey.objects.filter(account=row).values_list("value", flat=True))
    return row.other_names, row.other_domains, row.version, keys


def test_a_claim_under_a_former_name_finds_the_account(cast: Cast) -> None:
    row = account(cast, "Quartzlane", "quartzlane.io", "GB", is_customer=True)
    before = registered(cast, customer_name="Brindle Payments", website="", country="GB")
    assert before.state == State.APPROVED
    with program_scope(cast.program.pk):
        set_known_names(
            actor=cast.actor("ops"), account=row, names=["Abacus Protocol"], websites=["abacus-protocol.com"]
        )
        for asked in (Party("Abacus Protocol", (), "GB"), Party("Abacus", ("abacus-protocol.com",), "")):
            [found] = matching_accounts(asked)
            assert (found.account, found.match.band) == (row, Band.SAME)
        entry = LedgerEntry.objects.get(verb="account.known_as")
        assert entry.old == {"other_names": [], "other_domains": []}
        assert entry.new == {"other_names": ["Abacus Protocol"], "other_domains": ["abacus-protocol.com"]}
    claim = registered(cast, "birch_admin", customer_name="Abacus Protocol", website="", country="GB")
    assert claim.state == State.IN_REVIEW
    with program_scope(cast.program.pk):
        set_known_names(actor=cast.actor("leader"), account=row, names=[], websites=[])
        assert matching_accounts(Party("Abacus Protocol", (), "GB")) == []
    assert stored(cast, row)[:2] == ([], [])
    with program_scope(cast.program.pk):
        assert Registration.objects.count() == 2


def test_by_screen(cast: Cast) -> None:
    row = account(cast, "Quartzlane", "quartzlane.io", "GB")
    client, url = cast.client("ops"), f"{P}{row.public_id}/names/"
    assert url in client.get(f"{P}{row.public_id}/").content.decode()
    assert url not in cast.client("manager").get(f"{P}{row.public_id}/").content.decode()
    nothing = stored(cast, row)
    wrong = client.post(url, {"other_names": "Brindle Pay\n--", "other_domains": "gmail.com", "version": 1})
    shown = wrong.content.decode()
    assert wrong.status_code == 422
    assert "“--” is no name" in shown
    assert "gmail.com is shared by many" in shown
    assert "Brindle Pay" in shown
    stale = client.post(url, {"other_names": "Brindle Pay", "other_domains": "", "version": 9})
    assert stale.status_code in (412, 422)
    assert stored(cast, row) == nothing
    sent = {"other_names": "Brindle Pay\r\nBP Ltd", "other_domains": "brindle-pay.com", "version": 1}
    assert client.post(url, sent).status_code == 302
    names, domains, version, keys = stored(cast, row)
    assert (names, domains, version) == (["Brindle Pay", "BP Ltd"], ["brindle-pay.com"], 2)
    assert {"brindlepay", "brindle-pay.com", "quartzlane"} <= keys
    assert "Brindle Pay\nBP Ltd</textarea>" in client.get(url).content.decode()


def test_by_api(cast: Cast) -> None:
    row = account(cast, "Quartzlane", "quartzlane.io", "GB")
    url = f"{API}{row.public_id}/names/"

    def post(body: object, **headers: str):
        return cast.client("ops").post(url, body, content_type="application/json", headers=headers)

    assert post({"other_names": ["X"]}).status_code == 422
    answer = post({"other_names": ["--"], "other_domains": []})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "other_names")
    good = {"other_names": ["Brindle Pay"], "other_domains": ["www.brindle-pay.com"]}
    assert post(good, **{"If-Match": '"v7"'}).status_code == 412
    assert stored(cast, row)[:3] == ([], [], 1)
    answer = post(good)
    assert answer.status_code == 200
    assert (answer.json()["other_names"], answer.json()["other_domains"]) == (
        ["Brindle Pay"],
        ["brindle-pay.com"],
    )


def test_refusals(cast: Cast) -> None:
    row = account(cast, "Quartzlane", "quartzlane.io", "GB")
    with program_scope(cast.program.pk):
        for who in ("rep", "manager"):
            with pytest.raises(NotAllowed):
                set_known_names(actor=cast.actor(who), account=row, names=["A"], websites=[])
        with pytest.raises(Stale):
            set_known_names(
                actor=cast.actor("ops"), account=row, names=["A"], websites=[], expected_version=3
            )
        with pytest.raises(FieldErrors):
            set_known_names(actor=cast.actor("ops"), account=row, names=["A"], websites=["gmail.com"])
        Account.objects.filter(pk=row.pk).update(removed_at="2026-01-01T00:00Z")
        with pytest.raises(Clash, match="removed or merged"):
            set_known_names(actor=cast.actor("ops"), account=row, names=["A"], websites=[])
        assert not LedgerEntry.objects.filter(verb="account.known_as").exists()


def ruled_for(cast: Cast, row: Registration, **changes: Any) -> None:
    with program_scope(cast.program.pk):
        rule(actor=cast.actor("ops"), registration=row, decision=decision(**changes))


def test_a_ruling_teaches_the_account_the_name_it_was_claimed_by(cast: Cast) -> None:
    row = account(cast, "Quartzlane", "quartzlane.io", "GB", is_customer=True)
    asked = Party("Brindle Payments", (), "GB")
    claim = registered(cast, customer_name="Brindle Payments", website="quartzlane.io", country="GB")
    with program_scope(cast.program.pk):
        assert matching_accounts(asked) == []
    ruled_for(cast, claim, account=row.public_id)
    assert stored(cast, row)[0] == ["Brindle Payments"]
    with program_scope(cast.program.pk):
        [found] = matching_accounts(asked)
        assert (found.account, found.match.band) == (row, Band.SAME)
        [entry] = LedgerEntry.objects.filter(verb="account.known_as")
        assert (entry.actor_name, entry.new) == (
            cast.seats["ops"].user.name,
            {"other_names": ["Brindle Payments"], "other_domains": []},
        )
    later = registered(cast, "birch_admin", customer_name="Brindle Payments Ltd", website="", country="GB")
    assert later.state == State.IN_REVIEW


def test_a_name_it_has_and_a_no_teach_nothing(cast: Cast) -> None:
    row = account(cast, "Quartzlane", "quartzlane.io", "GB", is_customer=True)
    before = stored(cast, row)
    same = registered(cast, customer_name="QUARTZLANE Ltd", website="quartzlane.io", country="GB")
    ruled_for(cast, same, account=row.public_id)
    refused = registered(
        cast, "birch_admin", customer_name="Brindle Payments", website="quartzlane.io", country="GB"
    )
    decided(cast, refused)
    assert stored(cast, row) == before
    with program_scope(cast.program.pk):
        assert not LedgerEntry.objects.filter(verb="account.known_as").exists()
