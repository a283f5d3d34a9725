"""How company names are read."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from deals.matching.japanese import in_kana, is_japanese
from deals.matching.names import name_key


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("ACME Inc.", "acme"),
        ("Acme, Incorporated", "acme"),
        ("The Acme Company", "acme"),
        ("ACME S.r.l.", "acme"),
        ("ACME S. A. B. de C. V.", "acme"),
        ("Acme GmbH & Co. KG", "acme"),
        ("Acme Aktiengesellschaft", "acme"),
        ("Acme Sp. z o.o.", "acme"),
        ("Acme spółka z ograniczoną odpowiedzialnością", "acme"),
        ("ACME PRIVATE LIMITED", "acme"),
        ("Acme Co., Ltd.", "acme"),
        ("Acme株式会社", "acme"),
        ("(株)Acme", "acme"),
        ("㈱Acme", "acme"),
        ("Acme有限公司", "acme"),
        ("주식회사 Acme", "acme"),
        ("PT Acme Tbk", "acme"),
        ("ООО «Акме»", "akme"),
        ('Acme בע"מ', "acme"),
        ("UAB Acme", "acme"),
        ("Acme A/S", "acme"),
        ("ACME Intl. Mfg. Svcs.", "acme international manufacturing service"),
        ("Müller & Söhne", "muller sohne"),
        ("ＡＣＭＥ", "acme"),
        ("J.P. Smith", "jp smith"),
        ("Smith's Bakery", "smiths bakery"),
        ("H&M", "hm"),
        ("H & M", "hm"),
        ("AT&T Inc.", "att"),
        ("First Bank", "1 bank"),
        ("1st Bank", "1 bank"),
        ("Four Corners", "4 corners"),
        ("ACME CORP /DE/", "acme"),
        ("Or en Ca$h", "or cash"),
        ("L'Acme", "acme"),
    ],
)
def test_reads_the_core_of_a_name(name: str, core: str) -> None:
    assert name_key(name).core == core


@pytest.mark.parametrize("name", ["Limited", "GmbH", "The Company", "SAS Institute", "AG Insurance"])
def test_never_strips_a_name_to_nothing(name: str) -> None:
    assert name_key(name).squash


def test_a_form_at_the_start_is_kept_when_it_may_be_a_brand() -> None:
    assert name_key("SAS Institute").core == "sas institute"


@pytest.mark.parametrize("name", ["", "  ", "()", "(株)", "!!!", "\x00", "\ud800", "’"])
def test_text_without_a_word_gives_an_empty_key(name: str) -> None:
    key = name_key(name)
    assert (key.core, key.tokens, key.squash, key.alternatives) == ("", (), "", ())


@pytest.mark.parametrize(
    ("name", "core", "other"),
    [
        ("Acme (formerly Bolt & Nut GmbH)", "acme", "bolt nut"),
        ("Acme formerly known as Bolt Nut", "acme", "bolt nut"),
        ("Acme f/k/a Bolt Nut Inc", "acme", "bolt nut"),
        ("Acme Ltd t/a Bolt Nut", "acme", "bolt nut"),
        ("Acme Ltd trading as Bolt Nut", "acme", "bolt nut"),
        ("Acme LLC d/b/a Bolt Nut", "acme", "bolt nut"),
        ("Acme (Brand name: Bolt Nut).", "acme", "bolt nut"),
        ("Acme vormals Bolt Nut AG", "acme", "bolt nut"),
        ("Acme (深圳朝闻道)", "acme", "shenzhenchaowendao"),
    ],
)
def test_finds_other_names_for_sure(name: str, core: str, other: str) -> None:
    key = name_key(name)
    assert key.core == core
    assert [(form.core, form.sure) for form in key.alternatives] == [(other, True)]


def test_a_name_in_two_scripts_is_two_names() -> None:
    forms = name_key("香港警務處 Hong Kong Police Force").alternatives
    assert [form.core for form in forms] == ["hong kong police force", "xianggangjingwuchu"]
    assert all(form.sure for form in forms)


@pytest.mark.parametrize("name", ["Acme (Bolting)", "Acme - Bolting", "Acme | Bolting"])
def test_a_remark_is_a_name_that_cannot_prove(name: str) -> None:
    assert ("bolting", False) in [(form.core, form.sure) for form in name_key(name).alternatives]


@pytest.mark.parametrize(
    "name", ["Zambello - S.R.L.", "Acme (Beijing) Co., Ltd.", "Acme (Japan)", "Castellum AB (publ)"]
)
def test_legal_forms_and_places_are_no_other_names(name: str) -> None:
    assert name_key(name).alternatives == ()


def test_notes_the_places_a_name_mentions() -> None:
    assert name_key("Acme (United Kingdom)").places == {"GB"}
    assert name_key("Acme (Korea)").places == {"KR"}
    assert name_key("Acme Deutschland GmbH").places == {"DE"}
    assert name_key("Acme (London)").places == {"london"}
    assert name_key("Acme").places == frozenset()


def test_tells_kinds_of_legal_forms_apart() -> None:
    assert name_key("Acme AG").legal != name_key("Acme GmbH").legal
    assert name_key("Acme Inc").legal == name_key("Acme Corporation").legal == name_key("Acme Ltd").legal
    assert name_key("Acme & Co").legal == frozenset()


def test_initials_of_three_words_and_more() -> None:
    assert name_key("Nordic Paper Mills").initials == "npm"
    assert name_key("Nordic Paper").initials == ""


@pytest.mark.parametrize(
    "piece", ["(", " - ", "f k a ", "a.", "1&", "'", "formerly ", "株式会社", "/DE/", "$"]
)
def test_long_hostile_text_is_read_quickly_and_never_fails(piece: str) -> None:
    key = name_key(piece * 50_000)
    assert len(key.squash) <= 1_500


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("QZB Quartz Zeolite Bakery", "quartz zeolite bakery"),
        ("QZ Quartz Bakery", "qz quartz bakery"),  # two letters of three words may be anything
        ("BRINDLE HOLDING AG NA O.N.", "brindle holding"),
        ("BRINDLE CORP. DL-,001", "brindle"),
        ("Brindle Capital I", "brindle capital 1"),
        ("Brindle I Quartz", "brindle quartz"),
        ("B.R.I.N. Zeolite", "brin zeolite"),
        ("Brindle H B Co", "brindle hb"),
    ],
)
def test_what_lists_add_to_a_name_is_not_part_of_it(name: str, core: str) -> None:
    assert name_key(name).core == core


@pytest.mark.parametrize(
    ("name", "core", "characters"),
    [
        ("九州乳業株式会社", "kyushu nyugyo", "九州乳業"),
        ("三菱重工業株式会社", "mitsubishi ju kogyo", "三菱重工業"),
        ("井上工業株式会社", "inoue kogyo", "井上工業"),  # not every o-u is long
        ("株式会社ミカド", "mikado", ""),
        ("土地銀行", "tudeyinxing", ""),  # nothing says that it is Japanese
        ("大唐集团", "datangjituan", ""),
    ],
)
def test_japanese_characters_are_read_as_japanese(name: str, core: str, characters: str) -> None:
    key = name_key(name)

    assert (key.core, key.characters, key.native) == (core, characters, True)


def test_a_name_that_a_japanese_name_holds_in_brackets_keeps_its_own_characters() -> None:
    key = name_key("株式会社大阪ガス（旧 関西電灯）")

    assert key.characters == "大阪"
    assert [other.characters for other in key.alternatives] == ["関西電灯"]


@pytest.mark.parametrize(
    ("text", "japanese"),
    [
        ("医療法人橘会", True),
        ("とうかい", True),
        ("大连艺术学院", False),
        ("台灣行政法人", False),
        ("Kyushu", False),
    ],
)
def test_kana_or_a_legal_form_tell_a_japanese_name(text: str, japanese: bool) -> None:
    assert is_japanese(text) is japanese


def test_names_are_read_by_several_threads_at_once() -> None:
    names = [f"九州乳業{number}の会" for number in range(200)]
    alone = [in_kana(name) for name in names]

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(in_kana, names)) == alone
