"""What words in company names mean: legal forms, abbreviations, and how much a word says. Pure tables."""

from functools import cache, lru_cache

from deals.matching import tables
from deals.matching.countries import country_words

type Tokens = tuple[str, ...]

# How much a word says about who the company is, between 0 (nothing) and 1 (a brand).
GENERIC = 0.25
PLACE = 0.3
DIRECTION = 0.5
NUMBER = 0.7
DISTINCTIVE = 1.0
_BY_LENGTH = {1: 0.35, 2: 0.6, 3: 0.8}
LONGEST_FORM = 5


@cache
def legal_forms() -> dict[Tokens, str]:
    """A legal form's words at the end of a name → its family; forms of one family say the same thing."""
    forms: dict[Tokens, str] = {}
    for line in tables.lines("legal_forms"):
        family, _, spellings = line.partition(":")
        for spelling in spellings.split():
            forms.setdefault(tuple(part for part in spelling.split("_") if part), family.strip())
    for words in _forms_cleanco_knows():
        forms.setdefault(words, "any")
    return forms


@cache
def legal_endings() -> frozenset[str]:
    """The last words of all legal forms: the quick test before looking for the whole form."""
    return frozenset(words[-1] for words in legal_forms())


@cache
def legal_beginnings() -> dict[str, tuple[Tokens, ...]]:
    """First word → the legal forms that may stand before a name, longest first."""
    found: dict[str, list[Tokens]] = {}
    for spelling in sorted(tables.words("legal_first"), key=len, reverse=True):
        words = tuple(spelling.split("_"))
        found.setdefault(words[0], []).append(words)
    return {first: tuple(forms) for first, forms in found.items()}


@cache
def abbreviations() -> dict[str, str]:
    """A business word as it may be written → the one spelling it is read as."""
    return tables.mapping("abbreviations")


@cache
def stop_words() -> frozenset[str]:
    """Words that join others ("of", "und") and carry nothing."""
    return tables.words("stop_words")


@cache
def directions() -> dict[str, str]:
    """Words that set branches of one name apart → one spelling for each direction."""
    return {word: line.split()[0] for line in tables.lines("directions") for word in line.split()}


@lru_cache(maxsize=65_536)
def weight(word: str) -> float:
    """How much a word, as names are read here, says about who the company is."""
    if word in tables.words("generic_words"):
        return GENERIC
    if word in country_words() or word in tables.words("cities"):
        return PLACE
    if word in directions():
        return DIRECTION
    if word.isdigit():
        return NUMBER
    return _BY_LENGTH.get(len(word), DISTINCTIVE)


@cache
def is_left_off(word: str) -> bool:
    """True for words a company leaves off when it speaks of itself ("group"), and for countries and
    cities.
    """
    return word in tables.words("left_off") or word in tables.words("cities") or word in country_words()


def is_arm(word: str) -> bool:
    """True for words that make a part of a company out of its name ("foundation", "leasing")."""
    return word in tables.words("arms")


def _forms_cleanco_knows() -> set[Tokens]:
    """cleanco's terms in our spelling, where ours does not have them: they cost nothing when they differ."""
    from cleanco.termdata import terms_by_type

    known: set[Tokens] = set()
    for terms in terms_by_type.values():
        for term in terms:
            words = tuple(term.lower().replace(".", "").replace("&", " ").replace("/", "").split())
            # Words of one or two letters are too often names; ours has those that are safe.
            if words and all(word.isascii() and word.isalnum() for word in words) and len("".join(words)) > 2:
                known.add(words)
    return known
