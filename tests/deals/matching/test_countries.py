"""Which country somebody wrote, and how surely."""

import pytest

from deals.matching.countries import country_code, country_words, read_country
from partners.rules.countries import country_name


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("DE", "DE"),
        ("de ", "DE"),
        ("DEU", "DE"),
        ("Germany", "DE"),
        ("germany", "DE"),
        ("Deutschland", "DE"),
        ("Allemagne", "DE"),
        ("USA", "US"),
        ("U.S.A.", "US"),
        ("United States of America (the)", "US"),
        ("UK", "GB"),
        ("Great Britain", "GB"),
        ("England", "GB"),
        ("South Korea", "KR"),
        ("Korea, Republic of", "KR"),
        ("Korea (North)", "KP"),
        ("Côte d'Ivoire", "CI"),
        ("Cote d’Ivoire", "CI"),
        ("Ivory Coast", "CI"),
        ("Bolivia", "BO"),
        ("Taiwan", "TW"),
        ("Viet Nam", "VN"),
        ("Turkey", "TR"),
        ("Türkiye", "TR"),
        ("The Netherlands", "NL"),
        ("Holland", "NL"),
        ("日本", "JP"),
        ("中国", "CN"),
        ("Россия", "RU"),
        ("Niger", "NE"),
        ("Nigeria", "NG"),
        ("Austria", "AT"),
        ("Australia", "AU"),
        ("Kosovo", "XK"),
    ],
)
def test_reads_codes_and_names(text: str, code: str) -> None:
    reading = read_country(text)
    assert (reading.code, reading.certainty) == (code, "exact")
    assert country_code(text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Philipines", "PH"),
        ("Swizerland", "CH"),
        ("Untied States", "US"),
        ("Autria", "AT"),
        ("Belgum", "BE"),
        ("Irlnad", "IE"),
        ("Korea", "KR"),
        ("Congo", "CG"),
    ],
)
def test_reads_slips_and_says_so(text: str, code: str) -> None:
    reading = read_country(text)
    assert (reading.code, reading.certainty) == (code, "close")
    assert reading.name == country_name(code)


@pytest.mark.parametrize(
    "text",
    [
        "Atlantis",
        "Nigera",
        "Virgin Islands",
        "XX",
        "Itly",
        "Europe",
        "42",
        "Acme GmbH",
        "x" * 100_000,
    ],
)
def test_does_not_guess(text: str) -> None:
    reading = read_country(text)
    assert (reading.code, reading.certainty, reading.name) == (None, "unknown", "")


@pytest.mark.parametrize("text", ["", "   ", "\x00", "-", "…", "\ud800"])
def test_blank_is_blank(text: str) -> None:
    assert read_country(text).certainty == "blank"
    assert country_code(text) is None


def test_names_a_country_in_english() -> None:
    assert country_name("TW") == "Taiwan"
    assert country_name("XK") == "Kosovo"
    assert country_name("ZZ") == "ZZ"


def test_a_word_of_a_third_language_is_not_a_country_in_a_company_name() -> None:
    assert country_words()["deutschland"] == "DE"
    assert country_words()["japan"] == "JP"
    assert "island" not in country_words()
    assert "de" not in country_words()
