"""What a customer is found by: entries of an index that answers by equality alone.

Two spellings of one customer share at least one entry almost always; whether they are the same is then for
`deals.matching.match` to say. Pure.

An account is stored under few entries (`keys_for`, about ten); a claim asks for more (`lookup_keys`): every
beginning and end of its name and domain, so that "Acme" is found when "Acme Bakery" is claimed.
"""

import math
import re
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

from deals.matching import tables, vocabulary
from deals.matching.countries import country_code, country_words
from deals.matching.domains import Site, site_of
from deals.matching.names import NameKey, fold, name_key

MAX_VALUE = 80
_SOFT = re.compile(r"c(?=[eiy])")
_CONSONANTS = str.maketrans("czqlv", "kskrb", "aeiouyhw")
_FIRST = str.maketrans("czqlvx", "kskrbs")
_DOUBLE = re.compile(r"(.)\1+")
_LETTERS = re.compile(r"[^a-z0-9]+")
_LONGEST_PAIRED = 3
_WORDS_KEPT = 4
_END = 4  # letters of a beginning or an end
_SHORTEST = 4  # of a part of the claimed name that is looked up as a whole name
_LONGEST_CLAIM = 24
# Countries whose customers may be written in another alphabet, or by their sound in ours.
_OTHER_ALPHABETS = re.compile(
    "A[EM]|B[GY]|C[NY]|EG|G[ER]|HK|I[LNQR]|J[OP]|K[HRWZ]|L[ABK]|M[AEKMNO]|NP|OM|PK|QA|R[SU]|S[AY]|T[HNW]|UA|YE"
)
_WRITTEN_BY_SOUND = frozenset({"JP"})  # whose Latin names leave out or change what kana spell


class KeyKind(StrEnum):
    """What an entry holds. The value is stored, so a letter is enough; `WEIGHT` says which find best."""

    DOMAIN = "d"  # registrable domain that is the customer's own
    NAME = "n"  # a name without blanks: its core, its telling words, a domain's label
    PAIR = "p"  # two words, in the order of the alphabet
    SOUND = "o"  # the consonants of the telling words: slips of vowels, doubled letters
    WORD = "w"  # a telling word
    INITIALS = "i"
    HEAD = "h"  # the first letters of the name and the country
    TAIL = "t"  # its last letters and the country

    # An import hashes ten of these a row; Enum's own hash is Python code.
    __hash__ = str.__hash__


# Candidates are read in the order of the summed weights of the entries they share with the claim; an entry
# weighs less the more accounts share it.
WEIGHT: dict[KeyKind, int] = {
    KeyKind.DOMAIN: 100,
    KeyKind.NAME: 40,
    KeyKind.PAIR: 16,
    KeyKind.SOUND: 12,
    KeyKind.WORD: 12,
    KeyKind.INITIALS: 8,
    KeyKind.HEAD: 6,
    KeyKind.TAIL: 4,
}


# Kinds whose number of accounts tells how rare what is shared is.
COUNTED = frozenset({KeyKind.WORD, KeyKind.PAIR})
PER_KEY = (
    300  # an entry is read so far; one shared by more accounts tells little, the right one shares others
)
CANDIDATES = 24  # how many are compared, best first
LEAST_OF_BEST = 0.05  # of what the best shares with the claim; whoever shares less is not compared


def key_weight(kind: KeyKind, accounts: int) -> float:
    """What a shared entry adds when so many accounts (1 or more) have it."""
    return WEIGHT[kind] / (1 + math.log(accounts))


class Key(NamedTuple):
    """One entry of the index: ``kind`` is one letter, ``value`` at most 80 ASCII characters."""

    kind: KeyKind
    value: str


def keys_for(
    name: str, website: str | Iterable[str] = "", country: str = "", other_names: Iterable[str] = ()
) -> set[Key]:
    """The index entries an account is stored under.

    ``website`` takes one site or e-mail address or several. ``country`` is part of the weakest entries only
    (it is blank or wrong too often).
    """
    found: set[tuple[KeyKind, str]] = set()
    for site in sites_of(website):
        found.add((KeyKind.DOMAIN, site.domain))
        label = squash_label(site.label)
        if len(label) >= 3:
            found.add((KeyKind.NAME, label))
            found.update((KeyKind.NAME, bare) for bare in undressed(label))
    code = code_of(country)
    for text in (name, *other_names):
        for form in name_key(text, code).forms:
            _add_name(found, form, code)
    return {Key(kind, value[:MAX_VALUE]) for kind, value in found}


def lookup_keys(
    name: str, website: str | Iterable[str] = "", country: str = "", other_names: Iterable[str] = ()
) -> set[Key]:
    """The entries a claim is looked up by: those it would be stored under, and the parts of its name."""
    found: set[tuple[KeyKind, str]] = set(keys_for(name, website, country, other_names))
    code = code_of(country)
    spellings: set[str] = set()
    for text in (name, *other_names):
        for form in name_key(text, code).forms:
            spellings.add(form.squash)
            spellings.add(form.full.replace(" ", ""))
            found.update(Key(KeyKind.INITIALS, word) for word in initials_of(form))
            found.update(Key(KeyKind.NAME, word[:MAX_VALUE]) for word in initials_of(form))
            found.update(Key(KeyKind.WORD, word) for word in form.tokens if len(word) >= 3)
            if form.native:
                said = sound(form.squash)
                found.update(Key(KeyKind.SOUND, said[:end]) for end in range(3, min(len(said), 9)))
                found.update(Key(KeyKind.SOUND, said[:MAX_VALUE]) for said in _as_spoken(form, code))
            if code:
                long = (word for word in form.telling if len(word) > _END)
                found.update(Key(KeyKind.HEAD, word[:_END] + code) for word in long)
            for length in range(1, len(form.tokens)):
                found.update(
                    Key(KeyKind.NAME, "".join(form.tokens[at : at + length])[:MAX_VALUE])
                    for at in range(len(form.tokens) - length + 1)
                )
    spellings.update(squash_label(site.label) for site in sites_of(website))
    for spelling in spellings:
        text = spelling[:_LONGEST_CLAIM]
        found.update(Key(KeyKind.NAME, text[:end]) for end in range(_SHORTEST, len(text)))
        found.update(Key(KeyKind.NAME, text[at:]) for at in range(1, len(text) - _SHORTEST + 1))
        _add_ends(found, spelling, code)
        if code:
            _add_ends(found, spelling, "")
    return {Key(kind, value) for kind, value in found if value}


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
    code = code_of(country)
    for form in name_key(name, code).forms:
        if form.squash:
            told = form.telling
            # Each telling word too: a slip in one of them must not lead to another lock.
            spellings = ("".join(sorted(told)), form.squash, *told[:_WORDS_KEPT], max(told, key=len))
            locks.update(f"name:{sound(spelling)}" for spelling in spellings)
            # Names that only begin alike ("Home Co", "HomeCo") may be called the same, too.
            locks.add(f"start:{form.squash[:_END]}")
            if form.native:
                # Written without blanks: "土地銀行" is the end of "臺灣土地銀行".
                locks.add(f"end:{form.squash[-_END:]}")
            if form.native or _OTHER_ALPHABETS.fullmatch(code):
                locks.add(f"spoken:{spoken(form)[:3]}")
    return sorted(locks)


def sites_of(website: str | Iterable[str]) -> list[Site]:
    """The sites among some texts that are the customer's own (no free mail, no shared host)."""
    texts = (website,) if isinstance(website, str) else tuple(website)
    found = (site_of(text) for text in texts if text)
    return [site for site in found if site is not None and site.own]


def squash_label(label: str) -> str:
    """A domain's label as a name without blanks: ``my-acme`` is ``myacme``."""
    return _LETTERS.sub("", fold(label)) if not label.isalnum() or not label.isascii() else label


@lru_cache(maxsize=1_024)
def undressed(label: str) -> frozenset[str]:
    """The label without what is put around a name to get a free domain (``getacme``, ``acmeapp``)."""
    found = {label.removeprefix(word) for word in tables.words("label_before") if label.startswith(word)}
    found |= {label.removesuffix(word) for word in tables.words("label_after") if label.endswith(word)}
    return frozenset(word for word in found if len(word) >= 4)


def sound(text: str) -> str:
    """The first letter and the consonants after it, doubles once: ``cristalord`` and ``crystalord`` agree.

    L and r, v and b are one, as they are in names that came through Japanese.
    """
    if not text:
        return ""
    if "ph" in text:
        text = text.replace("ph", "f")
    if "c" in text:
        text = _SOFT.sub("s", text)
    return _DOUBLE.sub(r"\1", text[0].translate(_FIRST) + text[1:].translate(_CONSONANTS))


def spoken(form: NameKey) -> str:
    """The whole name by its sound, so that a name in kana is beside its Latin spelling what it sounds like:
    r, which Japanese leaves out after a vowel or puts in for l, is left out, and so is the last s.
    """
    said = sound(form.squash)
    said = _DOUBLE.sub(r"\1", said[:1] + said[1:].replace("r", ""))
    return said.removesuffix("s") if len(said) > 2 else said


def sounds_alike(left: NameKey, right: NameKey) -> bool:
    """One of two names is in another alphabet, and they sound the same: three consonants or more."""
    return (left.native or right.native) and len(said := spoken(left)) >= 3 and said == spoken(right)


@lru_cache(maxsize=1_024)
def initials_of(form: NameKey) -> frozenset[str]:
    """The ways a name is shortened to letters: with and without the legal form and the joining words."""
    words = form.full.split()
    found = {form.initials, "".join(word[0] for word in words)}
    found.add("".join(word[0] for word in words if word not in vocabulary.stop_words()))
    if len(words) > 2 and len(words[0]) < 4:
        found.add(words[0] + "".join(word[0] for word in words[1:]))
    if form.places and len(form.tokens) > 3:  # "MSD" of "Merck Sharp & Dohme Latvia"
        found.add("".join(word[0] for word in form.tokens if word not in country_words()))
    return frozenset(word for word in found if 3 <= len(word) <= 8)


def _add_name(found: set[tuple[KeyKind, str]], form: NameKey, code: str) -> None:
    """The entries of one name."""
    squash = form.squash
    if not squash:
        return
    found.add((KeyKind.NAME, squash))
    tokens = form.tokens
    told = form.telling if len(tokens) > 1 else tokens
    joined = "".join(told)
    weigh = vocabulary.weight
    if len(told) < len(tokens) and weigh(told[0]) > vocabulary.PLACE:
        found.add((KeyKind.NAME, joined))
    if len(joined) >= 4:
        found.add((KeyKind.SOUND, sound(joined)))
    if code in _WRITTEN_BY_SOUND:
        found.update((KeyKind.SOUND, said) for said in _as_spoken(form, code))
    if len(tokens) > 1:
        _add_words(found, form, told[0])
    else:
        if 3 <= len(squash) <= 6:
            found.add((KeyKind.INITIALS, squash))
        if weigh(squash) > vocabulary.PLACE:
            found.add((KeyKind.WORD, squash))
    _add_ends(found, squash, code)


def _add_words(found: set[tuple[KeyKind, str]], form: NameKey, first_told: str) -> None:
    """The entries of a name of several words: its beginning, pairs, words and initials."""
    tokens, weigh = form.tokens, vocabulary.weight
    found.add((KeyKind.NAME, tokens[0] + tokens[1]))
    # The alphabet decides between equals: a set has another order in every process.
    by_weight = sorted(set(tokens), key=lambda word: (-weigh(word), -len(word), word))
    for first, second in combinations(sorted(by_weight[:_LONGEST_PAIRED]), 2):
        found.add((KeyKind.PAIR, f"{first} {second}"))
    for word in by_weight[:_WORDS_KEPT]:
        if len(word) >= 3 and (weigh(word) > vocabulary.NUMBER or word == first_told):
            found.add((KeyKind.WORD, word))
    if len(tokens) > 2:
        found.update((KeyKind.INITIALS, word) for word in initials_of(form))


def _as_spoken(form: NameKey, code: str) -> list[str]:
    """The sound it is stored and looked up by; two consonants only tell something within one country."""
    said = spoken(form)
    return [said] if len(said) >= 3 else [said + code] if len(said) == 2 and code else []


def _add_ends(found: set[tuple[KeyKind, str]], squash: str, code: str) -> None:
    """The entries of its first and last letters."""
    if len(squash) >= _END:
        found.add((KeyKind.HEAD, squash[:_END] + code))
        found.add((KeyKind.TAIL, squash[-_END:] + code))


def code_of(country: str) -> str:
    """The alpha-2 code of a country however written, or "" when blank or unknown."""
    return (country if len(country) == 2 and country.isupper() else country_code(country)) or ""
