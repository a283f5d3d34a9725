"""How a company's name is read: the same customer under two spellings should come out alike. Pure and quick.

``ACME Intl. Mfg. Co., Ltd. (formerly Bolt & Nut GmbH)`` is read as the words *acme international
manufacturing* with the other name *bolt nut*. Legal forms go, abbreviations are written out, other
alphabets are transliterated, what stands in brackets or after "formerly", "trading as" is a name of its
own.
"""

import re
import unicodedata
from collections.abc import Collection
from functools import lru_cache
from typing import NamedTuple

from anyascii import anyascii

from deals.matching import tables, vocabulary
from deals.matching.countries import country_words, read_country
from deals.matching.japanese import characters_of, in_kana, is_japanese, spelt

_WORDS = re.compile(r"[a-z0-9]+")
_BRACKETS = re.compile(r"[(\[{（【「『<]([^()\[\]{}（）【】「」『』<>]*)(?:[)\]}）】」』>]|$)")
_SPLIT = re.compile(r"\s[-–—|/~]\s|[|;；•·]|\s*:\s+|\s[-–—]|[-–—]\s")
_OTHER_NAME = re.compile(
    r"\b(?:(?:formerly|previously|originally|also|now)(?:\s+known)?(?:\s+as)?\b"
    r"|(?:f|a|n)[./]?\s?k[./]?\s?a\b\.?|d[./]\s?b[./]\s?a\b\.?|dba\b|doing business as\b|trading as\b|t/a\b"
    r"|operating as\b|known as\b|brand(?:\s+name)?\s*:"
    r"|(?:vormals|ehemals|früher|anciennement|ex-nom|voorheen|antes|già)\b)\s*:?",
    re.IGNORECASE,
)
_EX = re.compile(r"^\s*(?:ex|née|was|旧|舊|原)[\s.:-]*", re.IGNORECASE)
_ELISION = re.compile(r"\b([dl]|dell|all|nell|dall|sull|qu)['’`´]")
_APOSTROPHES = str.maketrans("", "", "'’`´ʼ‘\"″“”„«»")
_DOTTED = re.compile(r"\b[^\W\d_](?:\.[^\W\d_])+\b")
# How exchanges mark a share at the end of a company's name: "-,001", "DL-,10", "O.N.".
_SHARE = re.compile(
    r"(?:\s*\b(?:DL|EO|LS|SF|CD|AD|HD|YC|SK|NK)\s*)?-\s*[,.]\d+\s*$|\s+(?:O\.?N\.?|N[VY]\s+\d)\s*$"
)
_SHORT_AND = re.compile(r"\b(\w{1,3})&(?=\w{1,3}\b)")
_DOLLAR_S = re.compile(r"(?<=[a-z])\$(?=[a-z]|\b|$)")
_FILING_STATE = re.compile(r"\s*[/\\][A-Z]{2,4}[/\\]?\s*$")
_ORDINAL = re.compile(r"(\d+)(?:st|nd|rd|th)")
_MAX_NAME = 300
_BEYOND_LATIN = "\u0370"
_MAX_OTHERS = 6
_JAPAN = "JP"


class NameKey(NamedTuple):  # made by the dozen at each claim: a frozen dataclass takes longer to make
    """A name as read.

    - ``full``: all its words; ``core``: without legal form and joining words.
    - ``tokens``: the words of the core in order, abbreviations written out; ``squash``: without blanks.
    - ``telling``: of the tokens all but the generic ones and places; all when nothing else is there.
    - ``initials``: of three or more words, else empty.
    - ``legal``: families of the legal forms found.
    - ``places``: countries it mentions (alpha-2), and cities or regions in brackets (lower case).
    - ``alternatives``: other names found in it; ``sure`` is false for one that may be a description
      ("Acme - Consulting"): it can hint but not prove.
    - ``native``: written in another alphabet than the Latin one, so that only its sound can be compared.
    - ``characters``: the Chinese characters of a Japanese name, whose words are its reading.
    """

    full: str
    core: str
    tokens: tuple[str, ...]
    squash: str
    initials: str
    telling: tuple[str, ...]
    legal: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    alternatives: tuple["NameKey", ...] = ()
    sure: bool = True
    native: bool = False
    characters: str = ""

    @property
    def forms(self) -> tuple["NameKey", ...]:
        """The name itself and every other name found in it."""
        return (self, *self.alternatives)


_NOTHING: frozenset[str] = frozenset()


def name_key(name: str, code: str = "") -> NameKey:
    """Reads a name. Anything may come in; a text without a letter or digit gives an empty key.

    ``code`` is the alpha-2 code of the customer's country: in Japan, characters are read as Japanese, too.
    """
    return _name_key(name, code == _JAPAN)


@lru_cache(maxsize=16_384)
def _name_key(name: str, in_japan: bool) -> NameKey:
    text = _SHARE.sub("", name[:_MAX_NAME]) if name.isupper() or "," in name else name[:_MAX_NAME]
    others: list[tuple[str, bool]] = []
    asides: list[str] = []
    # Most names are Latin: what only other scripts need is not looked for in them.
    latin = text.isascii() or max(text) < _BEYOND_LATIN
    japanese = False
    if not latin:
        text, japanese = _without_native_forms(unicodedata.normalize("NFKC", text))
    if not latin or "(" in text or "[" in text or "<" in text or "{" in text:
        asides = _BRACKETS.findall(text)
        if asides:
            text = _BRACKETS.sub(" ", text)
            if not _has_letters(text):
                text, asides = name[:_MAX_NAME].translate(_BRACKET_MARKS), []
    text = _split_off(text, others)
    places, legal = _read_asides(asides, others, _is_latin(text))
    if not latin:
        _split_scripts(text, others)
    own = _read(text, places=places, legal=legal, japanese=japanese)
    read = (_read(other, sure=sure, japanese=japanese) for other, sure in others[:_MAX_OTHERS])
    alternatives = [key for key in read if key.squash != own.squash and _says_who(key)]
    if in_japan and not japanese and characters_of(text):
        alternatives.append(_read(text, places=places, legal=legal, japanese=True))
    if not alternatives:
        return own
    return own._replace(alternatives=tuple(dict.fromkeys(alternatives)))


def _without_native_forms(text: str) -> tuple[str, bool]:
    """A name without the legal forms of other scripts, and whether it is Japanese."""
    japanese = is_japanese(text)
    for form in _NATIVE:
        if form in text:
            text = text.replace(form, " ")
    return text, japanese


_DOUBLED = str.maketrans("", "", "ッっ")  # only doubles the next consonant; spelt alone it would be a t
_BRACKET_MARKS = str.maketrans(dict.fromkeys("()[]{}（）【】「」『』<>", " "))


def fold(text: str) -> str:
    """Lower-case ASCII of any alphabet, without apostrophes: what words are cut from."""
    if not text.isascii():
        text = anyascii(unicodedata.normalize("NFKC", text).casefold().translate(_DOUBLED))
    text = text.lower()
    if "$" in text:
        text = _DOLLAR_S.sub("s", text)
    if "'" in text or "`" in text or '"' in text:
        text = _ELISION.sub(r"\1 ", text).translate(_APOSTROPHES)
    return text


def _read(
    text: str,
    *,
    sure: bool = True,
    places: frozenset[str] = _NOTHING,
    legal: frozenset[str] = _NOTHING,
    japanese: bool = False,
) -> NameKey:
    """One name without brackets and other names → its key."""
    said_as = spelt(in_kana(text)) if japanese else text
    letters = _WORDS.findall(fold(_without_marks(said_as)))
    words = _join_letters(letters)
    initials = [word for word in words if len(word) == 2 and word not in letters]
    rest, families = _strip_legal(words, initials)
    known, stop = vocabulary.abbreviations(), vocabulary.stop_words()
    if len(rest) > 1 and rest[-1] == "i":
        rest = [*rest[:-1], "1"]  # the first of several, not a word that joins
    said = _without_own_initials([word for word in rest if word not in stop])
    core = [known.get(word, word) for word in said] or rest
    tokens = tuple(_ORDINAL.sub(r"\1", word) if word[0].isdigit() else word for word in core)
    countries = country_words()
    mentioned = {countries[word] for word in tokens if word in countries}
    return NameKey(
        full=" ".join(words),
        core=" ".join(tokens),
        tokens=tokens,
        squash="".join(tokens),
        initials="".join(word[0] for word in tokens) if len(tokens) > 2 else "",
        telling=tuple(word for word in tokens if vocabulary.weight(word) > vocabulary.PLACE) or tokens,
        legal=legal | families if families else legal,
        places=places | mentioned if mentioned else places,
        sure=sure,
        native=not _is_latin(text),
        characters=characters_of(text) if japanese else "",
    )


def _without_marks(text: str) -> str:
    """Short words with points or "&" in them are one word; a state filed in after a slash goes."""
    if "/" in text or "\\" in text:
        text = _FILING_STATE.sub("", text)
    if "&" in text:
        text = _SHORT_AND.sub(r"\1", text)
    if "." in text:
        text = _DOTTED.sub(lambda found: found[0].replace(".", ""), text)
    return text


def _without_own_initials(words: list[str]) -> list[str]:
    """``CTC Clinical Trial Consultants`` says its name twice: the initials before it go."""
    if len(words) > 2 and words[0] == "".join(word[0] for word in words[1:]):
        return words[1:]
    return words


def _join_letters(words: list[str]) -> list[str]:
    """Letters standing alone belong together: ``s r l`` is ``srl``, ``j p morgan`` is ``jp morgan``."""
    joined: list[str] = []
    previous_single = False
    for word in words:
        single = len(word) == 1 and not word.isdigit()
        if single and previous_single:
            joined[-1] += word
        else:
            joined.append(word)
        previous_single = single
    return joined


def _strip_legal(words: list[str], initials: Collection[str] = ()) -> tuple[list[str], frozenset[str]]:
    """The words without the legal forms at either end (one word always stays), and the forms' families."""
    families: set[str] = set()
    endings, forms = vocabulary.legal_endings(), vocabulary.legal_forms()
    end, start = len(words), 0
    while end > 1 and words[end - 1] in endings:
        for length in range(min(vocabulary.LONGEST_FORM, end - 1), 0, -1):
            family = forms.get(tuple(words[end - length : end]))
            # "Fuller H B Co": two letters before a form are somebody's initials more often than another form.
            if family is not None and not (words[end - 1] in initials and end < len(words)):
                families.add(family)
                end -= length
                break
        else:
            break
    for form in vocabulary.legal_beginnings().get(words[0], ()) if words else ():
        if end > len(form) and tuple(words[: len(form)]) == form:
            families.add(forms.get(form, "any"))
            start = len(form)
            break
    families.discard("any")
    return words[start:end], frozenset(families)


# Legal forms of scripts without blanks, longest first so that a part never hides the whole.
_NATIVE = tuple(
    sorted(
        {unicodedata.normalize("NFKC", form) for form in tables.words("legal_native")},
        key=lambda form: -len(form),
    )
)


def _split_off(text: str, others: list[tuple[str, bool]]) -> str:
    """The name before "formerly", "trading as" and the like; what follows, and parts by dashes, to
    ``others``.
    """
    found = _OTHER_NAME.search(text) if len(text) > 6 else None
    if found:
        before, after = text[: found.start()], text[found.end() :]
        if _has_letters(before) and _has_letters(after):
            others.append((after, True))
            text = before
    parts = [part for part in _SPLIT.split(text) if _has_letters(part)]
    if len(parts) > 1:
        others.extend((part, False) for part in parts)
    return text


def _read_asides(
    asides: list[str], others: list[tuple[str, bool]], latin: bool
) -> tuple[frozenset[str], frozenset[str]]:
    """What brackets say: the countries and legal forms among them; any other text is one more name.

    The same name in another script ("Taobotics (深圳朝闻道)") is surely a name,
    anything else may be a remark.
    """
    places: set[str] = set()
    legal: set[str] = set()
    for aside in asides:
        if not _has_letters(aside):
            continue
        marked = _OTHER_NAME.match(aside.lstrip()) or _EX.match(aside)
        if marked:
            others.extend(
                (part, True)
                for part in re.split(r"[,;]", aside.lstrip()[marked.end() :])
                if _has_letters(part)
            )
            continue
        reading = (
            read_country(aside) if len(aside) > 3 or aside.upper() in ("UK", "USA", "UAE", "UK.") else None
        )
        if reading and reading.code:
            places.add(reading.code)
            continue
        words = tuple(_join_letters(_WORDS.findall(fold(aside))))
        if words and all(word in tables.words("cities") for word in words):
            places.add(" ".join(words))
            continue
        family = vocabulary.legal_forms().get(words)
        if family:
            legal.add(family)
        elif len("".join(words)) > 2:
            others.append((aside, _is_latin(aside) != latin))
    legal.discard("any")
    return frozenset(places), frozenset(legal)


def _split_scripts(text: str, others: list[tuple[str, bool]]) -> None:
    """``香港警務處 Hong Kong Police Force`` holds the name twice: each script is a name of its own."""
    latin: list[str] = []
    native: list[str] = []
    for word in text.split():
        if _has_letters(word):
            (latin if _is_latin(word) else native).append(word)
    if latin and native and len("".join(latin)) > 2 and len("".join(native)) > 1:
        others.append((" ".join(latin), True))
        others.append((" ".join(native), True))


def _says_who(key: NameKey) -> bool:
    """More than a legal form, a place or a line of business."""
    if len(key.squash) < 2 or tuple(key.full.split()) in vocabulary.legal_forms():
        return False
    return vocabulary.weight(key.telling[0]) > vocabulary.PLACE


def _is_latin(text: str) -> bool:
    """True when every letter is a Latin one, with or without marks."""
    return text.isascii() or all(
        char < "\u0370" or "\u1e00" <= char < "\u1f00" or not char.isalpha() for char in text
    )


def _has_letters(text: str) -> bool:
    """True when there is anything to read."""
    return any(char.isalnum() for char in text)
