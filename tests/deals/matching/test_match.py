"""Same customer or not, and why."""

import itertools

import pytest

from deals.matching.evidence import Party
from deals.matching.keys import WEIGHT, Key, KeyKind, identity_keys, keys_for, lookup_keys, sounds_alike
from deals.matching.match import Band, best_matches, compare
from deals.matching.names import name_key

SAME, POSSIBLE, RELATED, DIFFERENT = Band.SAME, Band.POSSIBLE, Band.RELATED, Band.DIFFERENT


def party(name: str, website: str = "", country: str = "", *others: str) -> Party:
    return Party(name, (website,) if website else (), country, others)


ALIKE = [
    # what they give, what we have, the band
    (party("Fjordvik", "www.fjordvik.no", "NO"), party("Fjordvik Seafood AS", "fjordvik.no", "NO"), SAME),
    (
        party("Renamed Entirely", "https://fjordvik.no/en"),
        party("Fjordvik Seafood AS", "fjordvik.no", "NO"),
        SAME,
    ),
    (party("Fjordvik", "anna@fjordvik.no"), party("Fjordvik Seafood AS", "fjordvik.no", "NO"), SAME),
    (party("Fjordvik Seafood", "", "NO"), party("FJORDVIK SEAFOOD AS", "", "NO"), SAME),
    (party("Fjordvik", "", "NO"), party("FJORDVIK AS", "", "Norway"), SAME),
    (party("Harbour Tool Werke GmbH"), party("Harbour Tool Werke"), SAME),
    (party("Lindqvist Marklund AB"), party("Lindqvist & Marklund"), SAME),
    (party("Marklund Lindqvist", "", "SE"), party("Lindqvist & Marklund AB", "", "SE"), SAME),
    (party("Lindquist Marklund", "", "SE"), party("Lindqvist Marklund", "lindquistmarklund.se", "SE"), SAME),
    (party("River Lane Robotik", "", "GB"), party("Riverlane Robotik Ltd", "", "GB"), SAME),
    (party("Lindqvist Group", "", "SE"), party("Lindqvist AB", "", "SE"), SAME),
    (party("Lindqvist Sverige", "", "SE"), party("Lindqvist AB", "", "SE"), SAME),
    (party("Brindle Energy", "", "US"), party("Brindle", "brindleenergy.com", "US"), SAME),
    (party("Brindle", "", "US"), party("Brindle Zeolite Works", "getbrindle.com", "US"), SAME),
    (party("Bolt & Nut", "", "DE"), party("Acme GmbH", "", "DE", "Bolt & Nut GmbH"), SAME),
    (party("Acme Zeolite (formerly Bolt & Nut)", "", "DE"), party("Bolt & Nut GmbH", "", "DE"), SAME),
    (party("株式会社ソニック", "", "JP"), party("ソニック", "", "JP"), SAME),
    # renamed since: what tells the sites apart is the name each is called by
    (party("Brindle", "brindle.com", "US"), party("Zeolite (formerly Brindle)", "zeolite.io", "US"), SAME),
    (party("Brindle", "brindle.com", "US"), party("Zeolite", "zeolite.io", "US", "Brindle"), SAME),
    # the account's site is the whole claimed name
    (party("Quartzweave", "", "US"), party("Weave", "quartzweave.dev", "US"), SAME),
]


@pytest.mark.parametrize(("claim", "account", "band"), ALIKE)
def test_customers_that_are_or_may_be_the_same(claim: Party, account: Party, band: Band) -> None:
    match = compare(claim, account)
    assert match.band is band
    assert match.reasons
    assert keys_of(claim) & keys_of(account), "they would never meet"


UNPROVEN = [
    # one general word, one word alone without a country
    (party("Energy"), party("Energy Ltd"), POSSIBLE),
    (party("Brindle"), party("Brindle Inc"), POSSIBLE),
    (party("Energy"), party("Energy Ltd", "energy.example.org"), POSSIBLE),
    (party("Energy"), party("Energy Ltd", "energy.com"), POSSIBLE),
    (party("Brindle", "brindle.com", "US"), party("Mount Brindle Zeolite", "brindle.org", "US"), POSSIBLE),
    # the sites or the countries differ
    (party("Brindle", "brindle.io", "US"), party("Brindle", "brindle-foods.com", "US"), POSSIBLE),
    (party("Brindle", "brindle.io", "US"), party("Brindle", "brindle.de", "DE"), POSSIBLE),
    (party("Brindle", "brindle.io", "US"), party("Brindle", "brindle-foods.com", "DE"), DIFFERENT),
    (party("Brindle", "", "US"), party("Brindle", "", "DE"), POSSIBLE),
    (party("Brindle Zeolite", "", "US"), party("Brindle Zeolite", "", "DE"), POSSIBLE),
    (
        party("Brindle", "brindle-foods.com", "US"),
        party("Zeolite (formerly Brindle)", "zeolite.io", "US"),
        POSSIBLE,
    ),
    # numbers, directions, places, legal forms
    (party("Brindle Zeolite", "", "US"), party("Brindle Zeolite III", "", "US"), RELATED),
    (party("Brindle Zeolite II", "", "US"), party("Brindle Zeolite III", "", "US"), RELATED),
    (party("Brindle Zeolite East", "", "US"), party("Brindle Zeolite West", "", "US"), RELATED),
    (party("Brindle East", "brindle.com", "US"), party("Brindle West", "brindle.com", "US"), POSSIBLE),
    (party("Brindle Zeolite AG", "", "DE"), party("Brindle Zeolite GmbH", "", "DE"), POSSIBLE),
    (party("Brindle Zeolite (Austria)", "", ""), party("Brindle Zeolite (Norway)", "", ""), RELATED),
    # a part, a namesake, initials
    (party("Brindle Foundation", "", "US"), party("Brindle Inc", "", "US"), RELATED),
    (party("Nordic Pulp Mills", "", "FI"), party("NPM", "", "FI"), POSSIBLE),
    (party("Nordic Pulp & Mills Latvia", "", "LV"), party("NPM (Latvia)", "npm.lv", "LV"), POSSIBLE),
    # a beginning of one word, a family's companies
    (party("Brindleworks", "", "US"), party("Brin", "brin.cx", "US"), POSSIBLE),
    (party("T.P. van Brindle Beheer B.V.", "", "NL"), party("Van Brindle Beheer B.V.", "", "NL"), POSSIBLE),
    (party("Brindle Energy", "", "US"), party("Brindle Bank", "", "US"), POSSIBLE),
    (party("Nordic Energy", "", "SE"), party("Baltic Energy", "", "SE"), DIFFERENT),
    (party("Energy Solutions", "", "SE"), party("Global Energy Services", "", "SE"), DIFFERENT),
    (party("Brindle", "", "US"), party("Quartz", "", "US"), DIFFERENT),
    (party("", "", ""), party("", "", ""), DIFFERENT),
]


@pytest.mark.parametrize(("claim", "account", "band"), UNPROVEN)
def test_customers_that_are_not_proven_the_same(claim: Party, account: Party, band: Band) -> None:
    assert compare(claim, account).band is band


@pytest.mark.parametrize("site", ["anna@gmail.com", "facebook.com/acme", "yahoo.co.uk", "github.io"])
def test_free_mail_and_shared_hosts_prove_nothing(site: str) -> None:
    assert compare(party("Brindle", site, "US"), party("Quartz", site, "US")).band is DIFFERENT
    assert not any(key.kind is KeyKind.DOMAIN for key in keys_for("Brindle", site, "US"))
    assert not any(lock.startswith("domain:") for lock in identity_keys("Brindle", site, "US"))


def test_departments_under_one_domain_are_told_apart_by_name() -> None:
    physics = party("Department of Quantum Optics", "optics.brindle.ac.uk", "GB")
    assert compare(physics, party("School of Zeolite Law", "law.brindle.ac.uk", "GB")).band is POSSIBLE
    assert compare(physics, party("Quantum Optics Department", "brindle.ac.uk", "GB")).band is SAME


@pytest.mark.parametrize(("claim", "account", "band"), ALIKE + UNPROVEN)
def test_the_answer_does_not_depend_on_who_asks(claim: Party, account: Party, band: Band) -> None:
    there, back = compare(claim, account), compare(account, claim)
    assert (there.band, there.score) == (back.band, back.score)
    assert 0.0 <= there.score <= 1.0
    assert (there.score >= 0.9) is (there.band is SAME)


@pytest.mark.parametrize(("claim", "account", "band"), ALIKE)
def test_what_is_the_same_waits_for_the_same_lock(claim: Party, account: Party, band: Band) -> None:
    def locks(one: Party) -> set[str]:
        names = (one.name, *one.other_names)
        return {lock for name in names for lock in identity_keys(name, one.websites, one.country)}

    assert locks(claim) & locks(account)


def test_locks_are_sorted_and_those_of_a_stranger_differ() -> None:
    locks = identity_keys("Brindle Zeolite (formerly Quartz)", "brindle.com", "US")
    assert locks == sorted(set(locks))
    assert "domain:brindle.com" in locks
    assert not set(locks) & set(identity_keys("Fjordvik Seafood", "fjordvik.no", "NO"))
    assert identity_keys("", "", "") == []


def test_reasons_are_words_a_person_understands() -> None:
    match = compare(party("Fjordvik", "fjordvik.no", "NO"), party("Fjordvik AS", "fjordvik.no", "NO"))
    assert match.reasons == ("same website fjordvik.no", "same name", "same country (Norway)")
    match = compare(party("Bolt & Nut", "", "DE"), party("Acme GmbH", "acme.de", "DE", "Bolt & Nut GmbH"))
    assert match.reasons == ("same name: known as Bolt & Nut GmbH", "same country (Germany)")
    match = compare(
        party("Brindle Zeolite AG", "a-b.com", "DE"), party("Brindle Zeolite GmbH", "c-d.com", "AT")
    )
    assert match.reasons == (
        "same name",
        "but the legal forms differ",
        "but the websites differ (a-b.com, c-d.com)",
        "but the countries differ",
    )


def test_best_matches_are_ordered_and_few() -> None:
    accounts = [
        (number, party(f"Brindle {word}", "", "US"))
        for number, word in enumerate(["Bank", "Inc", "Zeolite", "Retail"])
    ]
    found = best_matches(party("Brindle", "", "US"), accounts, limit=2)
    assert len(found) == 2
    assert found[0][0] == 1
    assert found[0][1].band is SAME
    assert best_matches(party("Brindle"), []) == []


def test_two_accounts_of_one_name_prove_nothing() -> None:
    accounts = [
        (1, party("Brindle Inc", "brindle.io", "US")),
        (2, party("Brindle Corp", "brindle.app", "US")),
    ]
    found = best_matches(party("Brindle", "", "US"), accounts)
    assert [match.band for _, match in found] == [POSSIBLE, POSSIBLE]
    assert all("several accounts answer to this name" in match.reasons for _, match in found)


def test_the_website_decides_between_two_accounts_of_one_name() -> None:
    accounts = [(1, party("Brindle Inc", "", "US")), (2, party("Brindle Corp", "brindle.app", "US"))]
    found = best_matches(party("Brindle", "brindle.app", "US"), accounts)
    assert [(number, match.band) for number, match in found] == [(2, SAME), (1, POSSIBLE)]
    assert "another account has the same website" in found[1][1].reasons


def test_the_name_decides_between_two_accounts_of_one_website() -> None:
    accounts = [(1, party("Quartz", "brindle.app", "US")), (2, party("Brindle Corp", "brindle.app", "US"))]
    found = best_matches(party("Brindle", "brindle.app", "US"), accounts)
    assert [(number, match.band) for number, match in found] == [(2, SAME), (1, POSSIBLE)]
    neither = best_matches(party("Fjordvik", "brindle.app", "US"), accounts)
    assert [match.band for _, match in neither] == [POSSIBLE, POSSIBLE]
    assert all("several accounts have this website" in match.reasons for _, match in neither)


def test_a_name_but_for_what_it_does_is_the_same_when_nobody_else_bears_it() -> None:
    claim, account = party("Brindle Bakery", "", "US"), party("Brindle", "", "US")
    assert compare(claim, account).band is POSSIBLE
    alone = best_matches(claim, [(1, account)])
    assert alone[0][1].band is SAME
    assert "no other account bears this name" in alone[0][1].reasons
    crowded = best_matches(claim, [(1, account), (2, party("Brindle Zeolite", "", "DE"))])
    assert crowded[0][1].score < alone[0][1].score
    assert "no other account bears this name" not in crowded[0][1].reasons


def keys_of(one: Party) -> set[Key]:
    return keys_for(one.name, one.websites, one.country, one.other_names)


def test_keys_are_short_plain_and_few() -> None:
    keys = keys_for(
        "Zeolite " * 40 + "GmbH (formerly " + "Quartz " * 40, "x" * 60 + ".com", "DE", ("Fjordvik",) * 3
    )
    assert all(key.value.isascii() and 0 < len(key.value) <= 80 for key in keys)
    assert len(keys) < 40
    assert {key.kind for key in keys} <= set(WEIGHT)
    assert keys_for("", "", "") == set()


def test_which_words_are_paired_is_the_same_in_every_process() -> None:
    # All weigh the same and are as long: the alphabet decides, not the order of a set.
    pairs = {key.value for key in keys_for("Ulmsee Brenko Zarvik Dolmar Kestan") if key.kind is KeyKind.PAIR}
    assert pairs == {"brenko dolmar", "brenko kestan", "dolmar kestan"}


def test_keys_of_known_names_and_several_sites_are_there() -> None:
    keys = keys_for("Acme", ("acme.com", "acme.de"), "DE", ("Bolt & Nut GmbH",))
    assert Key(KeyKind.DOMAIN, "acme.com") in keys
    assert Key(KeyKind.DOMAIN, "acme.de") in keys
    assert Key(KeyKind.NAME, "boltnut") in keys


def test_a_claim_is_looked_up_by_the_parts_of_its_name() -> None:
    for claim, account in (
        (party("Brindle Bakery of Boston", "", "US"), party("Brindle", "", "US")),
        (party("Gourmet Brindle", "", "US"), party("Brindle", "", "US")),
        (party("Brindlex", "", "US"), party("Brindle", "", "US")),
        (party("Brind", "", "US"), party("Brindle", "", "US")),
        (party("Nordic Zeolite and Pulp Company", "", "FI"), party("NZPC", "", "FI")),
    ):
        stored = keys_of(account)
        assert lookup_keys(claim.name, claim.websites, claim.country, claim.other_names) & stored, claim


@pytest.mark.parametrize(
    ("claim", "account"),
    [
        (party("Brindle", "", "US"), party("Brindle", "", "")),
        (party("Energy", "", "US"), party("Energy Ltd", "", "US")),
        (party("Brindle Quartz Zeolite", "", "US"), party("BQZ", "bqz.com", "US")),
        (party("Brindle Foundation", "", "US"), party("Brindle", "", "US")),
        (party("Brindle Zeolite East", "", "US"), party("Brindle Zeolite West", "", "US")),
        (party("Brindle Foods", "brindlefoods.com", "US"), party("Brindle", "brindle.com", "US")),
    ],
)
def test_what_is_never_the_same_however_likely(claim: Party, account: Party) -> None:
    for one, other in ((claim, account), (account, claim)):
        assert [match.band for _, match in best_matches(one, [(1, other)])] != [SAME]


def test_a_part_by_its_name_is_shown_and_stops_nothing() -> None:
    """A bank and its holding may be one customer; a person who looks sees it, a claim is not kept waiting."""
    claim = party("UQB Financial Corporation", "", "US")
    ((_, match),) = best_matches(claim, [(1, party("UQB Bank", "uqb.com", "US"))])
    assert (match.band, match.part, match.stops) == (POSSIBLE, True, False)
    assert compare(claim, party("UQB Bank", "uqb.com", "US")).band is RELATED
    two, three = party("Brindle Zeolite II", "", "US"), party("Brindle Zeolite III", "", "US")
    ((_, match),) = best_matches(two, [(1, three)])
    assert (match.band, match.part, match.stops) == (RELATED, False, False)


def test_what_is_hardly_likely_is_marked_faint() -> None:
    claim = party("Brindle Bakery Holdings of Northern Quartz", "", "US")
    others = [(number, party(f"Brindlow {word}", "", "US")) for number, word in enumerate(["Air", "Foods"])]
    found = best_matches(claim, others)
    assert found
    assert all(match.faint and match.band is POSSIBLE and not match.stops for _, match in found)


HOSTILE = [
    "\x00",
    "\ud800",
    "'; DROP TABLE--",
    "=cmd|' /C calc'!A0",
    "<script>",
    "👩‍👩‍👧",
    "\u202etest",
    "A" * 100_000,
    "%s%n",
    "()",
]


@pytest.mark.parametrize(("left", "right"), [*itertools.product(HOSTILE, repeat=2)])
def test_hostile_text_gets_an_answer(left: str, right: str) -> None:
    match = compare(Party(left, (left,), left, (left,)), Party(right, (right,), right))
    assert match.band in set(Band)
    assert all(isinstance(lock, str) for lock in identity_keys(left, right, left))


@pytest.mark.parametrize(
    ("native", "latin"),
    [("ソニック", "Sonic"), ("クリスタル", "Crystal"), ("Кристалл", "Kristall")],
)
def test_a_name_in_another_alphabet_meets_its_sound_in_ours(native: str, latin: str) -> None:
    assert sounds_alike(name_key(native), name_key(latin))
    assert not sounds_alike(name_key(latin), name_key(latin))  # letters compare better than sound
    claim, account = party(native, "", "JP"), party(f"{latin} Inc", "", "JP")
    assert keys_of(claim) & keys_of(account), "they would never meet"
    assert compare(claim, account).band in (SAME, POSSIBLE)
    locks = set(identity_keys(native, "", "JP")) & set(identity_keys(latin, "", "JP"))
    assert locks, "two claims at once would make two accounts"


def test_characters_are_read_as_japanese_in_japan() -> None:
    assert [form.core for form in name_key("九州乳業", "JP").forms] == ["jiuzhouruye", "kyushu nyugyo"]
    assert [form.core for form in name_key("九州乳業", "CN").forms] == ["jiuzhouruye"]
    assert Key(KeyKind.NAME, "kyushunyugyo") in lookup_keys("九州乳業", "", "JP")
    japanese = party("九州乳業", "", "JP")
    assert compare(japanese, party("九州乳業株式会社", "", "JP")).band is SAME
    assert compare(japanese, party("九州乳業", "", "")).band in (SAME, POSSIBLE)
    assert set(identity_keys("九州乳業", "", "JP")) & set(identity_keys("九州乳業", "", ""))


def test_two_consonants_find_within_one_country_only() -> None:
    assert Key(KeyKind.SOUND, "tsJP") in keys_for("Towser", "", "JP") & lookup_keys("タウザー", "", "JP")
    assert Key(KeyKind.SOUND, "tsJP") not in lookup_keys("タウザー", "", "")


def test_what_begins_otherwise_but_ends_alike_without_blanks_waits_too() -> None:
    assert set(identity_keys("土地銀行", "", "TW")) & set(identity_keys("臺灣土地銀行", "", "TW"))


def test_sound_alone_proves_nothing_in_another_country() -> None:
    assert compare(party("クリスタル", "", "JP"), party("Crystal", "", "US")).band is not SAME
    assert compare(party("クリスタル", "", ""), party("Crystal", "", "US")).band is not SAME


@pytest.mark.parametrize(
    ("claimed", "held", "band"),
    [
        ("九州乳業株式会社", "Kyusyu Nyugyo Co., Ltd.", POSSIBLE),  # read kyushu: spelt almost alike
        ("大塚産業クリエイツ株式会社", "Ohtsuka Sangyo Creates Co., Ltd.", SAME),
        ("株式会社インフォーマテック", "Informatek, Inc.", POSSIBLE),
    ],
)
def test_a_japanese_name_meets_its_latin_spelling(claimed: str, held: str, band: Band) -> None:
    assert keys_for(held, "", "JP") & lookup_keys(claimed, "", "JP")
    ((_, match),) = best_matches(party(claimed, "", "JP"), [(1, party(held, "", "JP"))], sharers={1: 1})
    assert match.band is band
    assert "the names sound the same" in match.reasons


@pytest.mark.parametrize(
    ("left", "right"), [("日光商事株式会社", "日興商事株式会社"), ("光洋産業株式会社", "高陽産業株式会社")]
)
def test_japanese_names_that_are_only_read_alike_are_never_the_same(left: str, right: str) -> None:
    matches = best_matches(party(left, "", "JP"), [(1, party(right, "", "JP"))], sharers={1: 1})

    assert [match.band for _, match in matches] == [POSSIBLE]
    assert "but the names are written with other characters" in matches[0][1].reasons
    ((_, match),) = best_matches(party(left, "", "JP"), [(1, party(left, "", "JP"))], sharers={1: 1})
    assert match.band is SAME
