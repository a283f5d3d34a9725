"""Which country somebody wrote. Pure; ISO 3166-1 from pycountry, and its translations shipped with it.

Reading never guesses silently: the answer says whether the text is a known name (``exact``), was read as the
one known name close to it (``close``), or is ``unknown``; an import can then name what it changed.
"""

import gettext
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

import pycountry
from rapidfuzz import process
from rapidfuzz.distance import OSA

from deals.matching import tables
from partners.rules.countries import KOSOVO, country_name

type Certainty = Literal["exact", "close", "unknown", "blank"]

# Languages whose country names are known as well; an earlier one wins where two disagree.
_LANGUAGES = [
    "de",
    "fr",
    "es",
    "it",
    "pt",
    "nl",
    "pl",
    "cs",
    "hu",
    "ro",
    "sv",
    "da",
    "nb",
    "fi",
    "el",
    "tr",
    "ru",
    "uk",
    "he",
    "ar",
    "ja",
    "ko",
    "zh_CN",
    "zh_TW",
    "id",
    "vi",
    "th",
]
# Short names that usually mean one country although another could be meant: read, and said.
_USUAL = {"korea": "KR", "congo": "CG", "america": "US"}
_SHORT_WORDS = frozenset({"usa", "uk", "uae"})
# Ordinary words that are also a country's own name for itself or short for one.
_ORDINARY = frozenset({"island", "states"})
_LONGEST = 100


@dataclass(frozen=True, slots=True)
class CountryReading:
    """What a text was read as: ``code`` is ISO 3166-1 alpha-2 (or XK for Kosovo), None when not known.

    ``name`` is the country's English name, to say "read as Philippines (PH)".
    """

    code: str | None
    certainty: Certainty
    name: str = ""


def country_code(text: str) -> str | None:
    """The alpha-2 code that ``text`` is read as, exactly or closely; None when unknown or blank."""
    return read_country(text).code


@lru_cache(maxsize=8_192)
def read_country(text: str) -> CountryReading:
    """Reads a code (DE, DEU), an English or local name (Germany, Deutschland, 日本), or a slip of one.

    A slip is close when exactly one country has a name within one typing error (two from nine letters on):
    a letter missing, added, changed, or two swapped. Names under five letters have to be right.
    """
    written = _fold(text[: _LONGEST * 2])
    if not written:
        return CountryReading(None, "blank")
    known = _known_names()
    if code := known.get(written) or known.get(written.replace(" ", "")):
        return CountryReading(code, "exact", country_name(code))
    code = _USUAL.get(written) or _closest(written)
    if code:
        return CountryReading(code, "close", country_name(code))
    return CountryReading(None, "unknown")


def _closest(written: str) -> str | None:
    """The one country with a name as near as any, or None when there is none or more than one."""
    if not 5 <= len(written) <= _LONGEST:
        return None
    allowed = 2 if len(written) >= 9 else 1
    near = process.extract(written, _long_names(), scorer=OSA.distance, score_cutoff=allowed, limit=None)
    codes = {_known_names()[name] for name, _, _ in near}
    # A second country within reach makes it a guess, however much farther it is.
    return codes.pop() if len(codes) == 1 else None


@cache
def _long_names() -> list[str]:
    """The known names that may be written with a slip."""
    return [name for name in _known_names() if len(name) >= 5]


def _fold(text: str) -> str:
    """Lower case, no accents, no punctuation, no leading "the": how names are compared."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(
        char if char.isalnum() else " "
        for char in decomposed
        if not unicodedata.combining(char) and char not in "'’.`"
    )
    folded = " ".join(letters.split())
    return folded.removeprefix("the ").removesuffix(" the")


@cache
def _known_names() -> dict[str, str]:
    """Folded name or code → alpha-2. Codes and English names first, then our own table, then translations."""
    known: dict[str, str] = {}
    countries = list(pycountry.countries)
    # "Bolivia, Plurinational State of" is Bolivia to everyone; two countries are "Virgin Islands, …".
    before_comma = Counter(_fold(country.name.partition(",")[0]) for country in countries)
    for country in countries:
        for field in ("alpha_2", "alpha_3", "name", "common_name", "official_name"):
            value = getattr(country, field, None)
            if value:
                known.setdefault(_fold(value), country.alpha_2)
        short = _fold(country.name.partition(",")[0])
        if before_comma[short] == 1:
            known.setdefault(short, country.alpha_2)
    for name, code in tables.mapping("countries").items():
        known[_fold(name)] = code
    known[KOSOVO[0].lower()] = KOSOVO[0]
    for language in _LANGUAGES:
        _add_translations(known, language)
    for usual in _USUAL:
        known.pop(usual, None)
    return known


def _add_translations(known: dict[str, str], language: str) -> None:
    """Adds the country names of one language where no earlier one claimed the word."""
    try:
        catalogue = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=[language])
    except FileNotFoundError:  # this build of pycountry ships fewer languages; the others still count
        return
    for country in pycountry.countries:
        for name in {country.name, getattr(country, "common_name", country.name)}:
            translated = catalogue.gettext(name)
            folded = _fold(translated)
            if len(folded) > 3 or not folded.isascii():
                known.setdefault(folded, country.alpha_2)


@cache
def country_words() -> dict[str, str]:
    """Single words that name a country inside a company's name ("Acme Deutschland") → its code.

    Only English and each country's own spelling: a word of a third language ("Island") is more often a word.
    """
    own = {_fold(name): code for name, code in tables.mapping("countries").items()}
    english = {
        _fold(getattr(country, "common_name", country.name).partition(",")[0]): country.alpha_2
        for country in pycountry.countries
    }
    both = own | english | _USUAL
    return {
        word: code
        for word, code in both.items()
        if " " not in word and word not in _ORDINARY and (len(word) > 3 or word in _SHORT_WORDS)
    }
