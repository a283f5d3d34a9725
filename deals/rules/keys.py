"""What a customer is found by: entries of an index that answers by equality alone.

Two spellings of one customer share at least one entry almost always; whether they are the same is then for
`deals.rules.matching` to say. Pure.
"""

import re
from collections.abc import Iterable
from enum import StrEnum
from itertools import combinations
from typing import NamedTuple

from deals.rules import vocabulary
from deals.rules.countries import country_code
from deals.rules.domains import Site, site_of
from deals.rules.names import NameKey, fold, name_key
from deals.rules.similarity import stem

MAX_VALUE = 80
_CONSONANTS = str.maketrans("cz", "ks", "aeiouyhw")
_FIRST = str.maketrans("cz", "ks")
_DOUBLE = re.compile(r"(.)\1+")
_LETTERS = re.compile(r"[^a-z0-9]+")
_LONGEST_PAIRED = 4


class KeyKind(StrEnum):
    """What an entry holds. The value is stored, so a letter is enough; `WEIGHT` says which find best."""

    DOMAIN = "d"  # registrable domain that is the customer's own
    NAME = "n"  # the core of a name, or a domain's label, without blanks
    STEM = "s"  # its telling words without blanks
    SOUND = "o"  # the consonants of the telling words: slips of vowels, doubled letters
    PAIR = "p"  # two telling words, in the order of the alphabet
    WORD = "w"  # a long telling word, or the first one
    INITIALS = "i"

    # An import hashes ten of these a row; Enum's own hash is Python code.
    __hash__ = str.__hash__


# Candidates are read in the order of the summed weights of the entries they share with the claim.
WEIGHT: dict[KeyKind, int] = {
    KeyKind.DOMAIN: 100,
    KeyKind.NAME: 40,
    KeyKind.STEM: 20,
    KeyKind.PAIR: 12,
    KeyKind.SOUND: 10,
    KeyKind.WORD: 6,
    KeyKind.INITIALS: 5,
}


class Key(NamedTuple):
    """One entry of the index: ``kind`` is one letter, ``value`` at most 80 ASCII characters."""

    kind: KeyKind
    value: str


def keys_for(
    name: str, website: str | Iterable[str] = "", country: str = "", other_names: Iterable[str] = ()
) -> set[Key]:
    """The index entries of a customer: an account is stored under them, a claim is looked up by them.

    ``website`` takes one site or e-mail address or several. ``country`` is not part of any entry (it is
    blank or wrong too often) and is taken so that all callers pass the same four things.
    """
    found: set[tuple[KeyKind, str]] = set()
    for site in sites_of(website):
        found.add((KeyKind.DOMAIN, site.domain))
        label = squash_label(site.label)
        if len(label) >= 3:
            found.add((KeyKind.NAME, label))
            if len(label) >= 5:
                found.add((KeyKind.SOUND, sound(label)))
    for text in (name, *other_names):
        for form in name_key(text).forms:
            _add_name(found, form)
    return {Key(kind, value[:MAX_VALUE]) for kind, value in found}


def identity_keys(name: str, website: str | Iterable[str] = "", country: str = "") -> list[str]:
    """What to lock, in this order, before deciding whether a customer is new.

    Two registrations that would be called the same customer share at least one entry, also when only one of
    them gives a website or a country; so the second waits for the first and then finds it. Sorted.
    """
    locks: set[str] = set()
    for site in sites_of(website):
        locks.add(f"domain:{site.domain}")
        if label := sound(squash_label(site.label)):
            locks.add(f"name:{label}")
    for form in name_key(name).forms:
        if form.squash:
            told = stem(form)
            # Each telling word too: a slip in one of them must not lead to another lock.
            spellings = ("".join(sorted(told)), form.squash, *told[:_LONGEST_PAIRED], max(told, key=len))
            locks.update(f"name:{sound(spelling)}" for spelling in spellings)
    return sorted(locks)


def sites_of(website: str | Iterable[str]) -> list[Site]:
    """The sites among some texts that are the customer's own (no free mail, no shared host)."""
    texts = (website,) if isinstance(website, str) else tuple(website)
    found = (site_of(text) for text in texts if text)
    return [site for site in found if site is not None and site.own]


def squash_label(label: str) -> str:
    """A domain's label as a name without blanks: ``my-acme`` is ``myacme``."""
    return _LETTERS.sub("", fold(label)) if not label.isalnum() or not label.isascii() else label


def sound(text: str) -> str:
    """The first letter and the consonants after it, doubles once: ``cristalord`` and ``crystalord`` agree."""
    if not text:
        return ""
    if "ph" in text:
        text = text.replace("ph", "f")
    return _DOUBLE.sub(r"\1", text[0].translate(_FIRST) + text[1:].translate(_CONSONANTS))


def _add_name(found: set[tuple[KeyKind, str]], form: NameKey) -> None:
    """The entries of one name."""
    if not form.squash:
        return
    found.add((KeyKind.NAME, form.squash))
    told = stem(form)
    joined = "".join(told)
    telling = [token for token in told if vocabulary.weight(token) > vocabulary.PLACE]
    if telling or len(told) > 1:
        found.add((KeyKind.STEM, joined))
    if len(joined) >= 5 and telling:
        found.add((KeyKind.SOUND, sound(joined)))
        if len(told) > 1:
            found.add((KeyKind.SOUND, sound("".join(sorted(told)))))
    words = told
    if len(told) > 1:
        by_weight = sorted(set(told), key=lambda word: (-vocabulary.weight(word), -len(word)))
        words = tuple(by_weight[:_LONGEST_PAIRED])
        for first, second in combinations(sorted(words), 2):
            found.add((KeyKind.PAIR, f"{first} {second}"))
    for word in (*words[:2], told[0]):
        # A brand of three letters stands first; elsewhere so short a word is rarely one.
        if len(word) >= (3 if word is told[0] else 5) and vocabulary.weight(word) > vocabulary.NUMBER:
            found.add((KeyKind.WORD, word))
    if len(form.initials) >= 3:
        found.add((KeyKind.INITIALS, form.initials))
    elif len(form.tokens) == 1 and 3 <= len(form.squash) <= 6:
        found.add((KeyKind.INITIALS, form.squash))


def code_of(country: str) -> str:
    """The alpha-2 code of a country however written, or "" when blank or unknown."""
    return (country if len(country) == 2 and country.isupper() else country_code(country)) or ""
