"""A part of a name, and a name spelt almost alike, prove a customer only when a website agrees."""

import pytest

from deals.matching.evidence import Party
from deals.matching.match import Band, Match, best_matches, compare


def party(name: str, country: str, *sites: str, known_as: tuple[str, ...] = ()) -> Party:
    return Party(name, sites, country, known_as)


def alone(claim: Party, account: Party) -> Match:
    """The answer when no other account shares a word with the claim."""
    ((_, match),) = best_matches(claim, [(1, account)], sharers={1: 1})
    return match


# what they give, what we have, the country, a website called as what they give (or "": none can be read so)
PART_OF_IT = [
    ("Brindle Quartz", "Brindle Inc", "US", "brindlequartz.com"),
    ("Fjordvik Zeolite AS", "Fjordvik", "NO", "fjordvikzeolite.no"),
    ("Müller Zeolith GmbH", "Müller", "DE", "muller-zeolith.de"),
    ("Кристалл Зеолит", "Кристалл", "RU", "kristallzeolit.ru"),
    ("Κρύσταλλος Ζεόλιθος", "Κρύσταλλος", "GR", ""),
    ("ヤスハラケミカル株式会社", "Yasuhara Chemical Co., Ltd.", "JP", ""),
]
ALMOST_ALIKE = [
    ("Brindlewood", "Brindelwood", "US", "brindlewood.com"),
    ("Brindlewood Quartz Ltd", "Brindelwood Quartz", "GB", "brindlewoodquartz.co.uk"),
    ("Lindquist Marklund", "Lindqvist Marklund AB", "SE", "lindquistmarklund.se"),
    ("Кристаллин Зеолит", "Кристалин Зеолит", "RU", "kristallinzeolit.ru"),
    ("九州乳業株式会社", "Kyusyu Nyugyo Co., Ltd.", "JP", "kyushunyugyo.co.jp"),
    ("ソニックゼオライト", "ソニック", "JP", ""),
]
SAID = {"part": "one name is part of the other", "slip": "name spelt almost alike"}
CASES = [("part", *case) for case in PART_OF_IT] + [("slip", *case) for case in ALMOST_ALIKE]
_SITED = [case for case in CASES if case[-1]]


@pytest.mark.parametrize(("kind", "given", "held", "country", "site"), CASES)
def test_without_a_website_it_is_possible_and_a_person_looks(
    kind: str, given: str, held: str, country: str, site: str
) -> None:
    claim, account = party(given, country), party(held, country)
    for one, other in ((claim, account), (account, claim)):
        match = alone(one, other)
        assert (match.band, match.stops) == (Band.POSSIBLE, True)
        assert any(reason.startswith(SAID[kind]) for reason in match.reasons)
        assert compare(one, other).band is Band.POSSIBLE


@pytest.mark.parametrize(("kind", "given", "held", "country", "site"), CASES)
def test_a_website_that_says_nothing_of_the_other_changes_nothing(
    kind: str, given: str, held: str, country: str, site: str
) -> None:
    told, bare = party(given, country, "unrelated-nickel.com"), party(held, country)
    assert alone(told, bare).band is Band.POSSIBLE
    assert alone(bare, told).band is Band.POSSIBLE
    mailed = party(held, country, "anna@gmail.com")
    assert alone(party(given, country, "bert@gmail.com"), mailed).band is Band.POSSIBLE


@pytest.mark.parametrize(("kind", "given", "held", "country", "site"), _SITED)
def test_a_website_on_either_side_that_agrees_makes_it_the_same(
    kind: str, given: str, held: str, country: str, site: str
) -> None:
    claim, account = party(given, country), party(held, country, site)
    for one, other in ((claim, account), (account, claim)):
        assert alone(one, other).band is Band.SAME
        assert compare(one, other).band is Band.SAME
    assert alone(party(given, country, site), account).band is Band.SAME


def test_websites_of_one_name_in_two_countries_agree() -> None:
    claim = party("Brindle Quartz Anvil", "US", "brindleqz.com")
    match = alone(claim, party("Brindle Quartz", "US", "brindleqz.de"))
    assert match.band is Band.SAME
    assert match.reasons[:2] == (
        "websites of one name (brindleqz.com, brindleqz.de)",
        "one name is part of the other (0.80)",
    )


@pytest.mark.parametrize(("kind", "given", "held", "country", "site"), CASES)
def test_an_equal_core_name_needs_no_website(
    kind: str, given: str, held: str, country: str, site: str
) -> None:
    for name in (given, held):
        assert alone(party(name, country), party(name, country)).band is Band.SAME
        known = party("Nickel Anvil", country, known_as=(name,))
        assert alone(party(name, country), known).band is Band.SAME


def test_a_former_name_that_is_only_near_proves_as_little() -> None:
    account = party("Nickel Anvil", "SE", known_as=("Lindqvist Marklund AB",))
    assert alone(party("Lindquist Marklund", "SE"), account).band is Band.POSSIBLE


def test_what_only_resembles_the_claim_still_keeps_another_from_being_the_one() -> None:
    """Two accounts answer to the name as before; that one of them proves nothing makes the other no surer."""
    accounts = [(1, party("Brindle Energy", "US")), (2, party("Brindle Quartz", "US"))]
    sharers = {1: 2, 2: 2}
    found = best_matches(party("Brindle", "US"), accounts, sharers=sharers)
    assert [match.band for _, match in found] == [Band.POSSIBLE, Band.POSSIBLE]
    assert all("several accounts answer to this name" in match.reasons for _, match in found)
