"""What the evidence about a pair proves, speaks for and speaks against: plain conditions. Pure."""

from deals.rules.evidence import Evidence, Place, Web
from deals.rules.features import Features, abbreviated, words_apart
from deals.rules.keys import sounds_alike, squash_label
from deals.rules.similarity import Kind
from deals.rules.vocabulary import is_arm

TELLING = 0.8  # weight of shared words from which a name can speak for itself: one brand of three letters
_TWO_WORDS = 1.6
AGREE = (Kind.EQUAL, Kind.REORDERED, Kind.SPELLING)
SAME_SITE = (Web.HOST, Web.DOMAIN)
_SITE_HINTS = (
    "site_ratio",
    "site_begins",
    "site_holds",
    "site_begins_name",
    "site_initials",
    "site_every_word",
)
_LONG_LABEL = 8
_CERTAIN = 0.93  # so sure that two names may each have a word of their own
_FOUR_LETTERS = 0.4  # as the feature counts them
_HALF = 0.5


def proves(evidence: Evidence, likely: float) -> bool:
    """Does nothing speak against it, and is it more than one word or some initials that speak for it?"""
    name = evidence.name
    if _speaks_against(evidence) or name.kind is Kind.INITIALS:
        return False
    if name.shared < TELLING and _least_words(evidence) < 2 and not _spelt_out(evidence):
        return False
    if not evidence.sure and _least_words(evidence) < 2 and likely < _CERTAIN:
        return False
    if evidence.web is Web.LABEL and not _of_one_name(evidence):
        return False
    if evidence.named or evidence.called.spelt:
        return True
    if sounds_alike(evidence.left, evidence.right):
        return evidence.place is Place.SAME
    if name.kind is Kind.ARM or _one_is_an_arm(evidence):
        return False
    if _differ(evidence) and name.kind is not Kind.SPELLING and likely < _CERTAIN:
        return False
    # One word is enough in one country only.
    agree = name.kind in (*AGREE, Kind.DRESSED) and name.shared >= TELLING
    return evidence.place is Place.SAME or (
        _least_words(evidence) > 1 and (agree or name.shared >= _TWO_WORDS)
    )


def _of_one_name(evidence: Evidence) -> bool:
    """``acme.com`` and ``acme.de`` are one customer's when the names say more than that as well."""
    name, (left, right) = evidence.name, (evidence.left.tokens, evidence.right.tokens)
    if name.kind is Kind.CONTAINED:
        return left[:1] == right[:1]
    return name.kind in (*AGREE, Kind.DRESSED, Kind.EXTENDED)


def _spelt_out(evidence: Evidence) -> bool:
    """The short name's site is the whole long name: ``unitedpetroleum.com`` of "United". Or both sound the
    same, in two alphabets.
    """
    longer = max(evidence.left.tokens, evidence.right.tokens, key=len)
    site = squash_label(evidence.named.partition(".")[0])
    if evidence.left.native and evidence.right.native:
        return True  # what is written without blanks cannot be cut into words
    spelt = len(longer) > 1 and len(site) >= _LONG_LABEL and "".join(longer).startswith(site)
    return spelt or sounds_alike(evidence.left, evidence.right)


def _speaks_against(evidence: Evidence) -> bool:
    """Something that alone keeps a name from being proof."""
    return (
        evidence.name.clash
        or evidence.place_clash
        or evidence.legal_clash
        or only_read_alike(evidence)
        or evidence.place is Place.OTHER
        or evidence.web is Web.OTHER
    )


def only_read_alike(evidence: Evidence) -> bool:
    """Two Japanese names written with other characters: many companies are read alike."""
    mine, theirs = evidence.left.characters, evidence.right.characters
    return bool(mine and theirs) and mine != theirs


def set_apart(evidence: Evidence) -> bool:
    """One name, and words that set two of its bearers apart: a number, a direction, a country, an arm."""
    name = evidence.name
    if name.shared < TELLING:
        return False
    return name.clash or evidence.place_clash or name.kind is Kind.ARM or _one_is_an_arm(evidence)


def bears_on(evidence: Evidence, told: Features) -> bool:
    """Is there enough to bother a person with? A general word in common is not, nor a namesake elsewhere."""
    if evidence.place is Place.OTHER and evidence.web is Web.OTHER:
        return False
    if evidence.name.shared >= TELLING or evidence.name.kind is Kind.INITIALS or evidence.named:
        return True
    site = any(told[name] for name in _SITE_HINTS)
    letters = told["start_length"] >= _FOUR_LETTERS or told["whole"] or told["sound"]
    return bool(site or letters or told["cover_less"] >= _HALF)


def namesake(evidence: Evidence) -> bool:
    """The very name, be it in another country: somebody may have erred, unless one word and two sites."""
    name = evidence.name
    if name.kind not in AGREE or name.clash or evidence.place_clash:
        return False
    elsewhere, sites = evidence.place is Place.OTHER, evidence.web is Web.OTHER
    if name.shared >= _TWO_WORDS or not elsewhere:
        return True
    return name.shared >= TELLING and not sites


def same_words(evidence: Evidence) -> bool:
    """The very name, of two telling words, or of any two in one country: proof if nothing speaks against."""
    name = evidence.name
    if name.kind not in (Kind.EQUAL, Kind.REORDERED) or not evidence.sure:
        return False
    words = max(len(evidence.left.tokens), len(evidence.right.tokens))
    return name.shared >= _TWO_WORDS or (words > 1 and evidence.place is Place.SAME)


def whole(evidence: Evidence) -> bool:
    """Whole names agree, or one's site is called as the other is."""
    return evidence.name.kind in (*AGREE, Kind.DRESSED) or bool(evidence.named) or evidence.called.spelt


def _differ(evidence: Evidence) -> bool:
    """Each has a word the other has not, and it is not an abbreviation: two lines of business, often."""
    mine, theirs = words_apart(evidence.left, evidence.right)
    return len(mine) > (paired := abbreviated(mine, theirs)) and len(theirs) > paired


def _one_is_an_arm(evidence: Evidence) -> bool:
    """The words that only one has name a part of a company: its foundation, its leasing."""
    mine, theirs = words_apart(evidence.left, evidence.right)
    return any(is_arm(word) for word in mine + theirs)


def _least_words(evidence: Evidence) -> int:
    return min(len(evidence.left.tokens), len(evidence.right.tokens))
