"""What the evidence about a pair proves, speaks for and speaks against: plain conditions. Pure."""

from deals.matching.evidence import Evidence, Place, Web
from deals.matching.features import Features, abbreviated, words_apart
from deals.matching.keys import sounds_alike, squash_label
from deals.matching.similarity import NameKind
from deals.matching.vocabulary import is_arm

TELLING = 0.8  # weight of shared words from which a name can speak for itself: one brand of three letters
_HALF_A_WORD = 0.7  # a number, the beginning of a longer word
_TWO_WORDS = 1.6
AGREE = (NameKind.EQUAL, NameKind.REORDERED, NameKind.SPELLING)
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
_CERTAIN = 0.85  # so sure that two names may each have a word of their own, or share only a part of one
_FOUR_LETTERS = 0.4  # as the feature counts them
_HALF = 0.5
_PARTICLES = ("van", "von")
_RESEMBLING = (NameKind.CONTAINED, NameKind.SPELLING)


def proves(evidence: Evidence, likely: float) -> bool:
    """Does nothing speak against it, and is it more than one word or some initials that speak for it?"""
    name, here = evidence.name, evidence.place is Place.SAME
    if _speaks_against(evidence) or name.kind is NameKind.INITIALS:
        return False
    one_word = _least_words(evidence) < 2
    certain = likely >= _CERTAIN
    # That one word begins another proves nothing without a site of that name.
    half = certain and here and (name.kind is not NameKind.SPELLING or evidence.named)
    least = _HALF_A_WORD if half else TELLING
    if one_word and name.shared < least and not _spelt_out(evidence):
        return False
    if one_word and not evidence.sure and not certain:
        return False
    if evidence.web is Web.LABEL and not _of_one_name(evidence):
        return False
    if evidence.named or evidence.called.spelt:
        return True
    if sounds_alike(evidence.left, evidence.right):
        return here
    if name.kind is NameKind.ARM or _one_is_an_arm(evidence):
        return False
    if _differ(evidence) and name.kind is not NameKind.SPELLING and not certain:
        return False
    # One word is enough in one country only.
    agree = name.kind in (*AGREE, NameKind.DRESSED) and name.shared >= TELLING
    return here or (not one_word and (agree or name.shared >= _TWO_WORDS))


def _of_one_name(evidence: Evidence) -> bool:
    """``acme.com`` and ``acme.de`` are one customer's when the names say more than that as well."""
    name, (left, right) = evidence.name, (evidence.left.tokens, evidence.right.tokens)
    if name.kind is NameKind.CONTAINED:
        return left[:1] == right[:1]
    return name.kind in (*AGREE, NameKind.DRESSED, NameKind.EXTENDED)


def _spelt_out(evidence: Evidence) -> bool:
    """The site is the whole name of the other, a long one: ``unitedpetroleum.com`` of "United". Or both sound
    the same, in two alphabets.
    """
    longer = max(evidence.left.tokens, evidence.right.tokens, key=len)
    site = squash_label(evidence.named.partition(".")[0])
    if evidence.left.native and evidence.right.native:
        return True  # what is written without blanks cannot be cut into words
    begins = len(longer) > 1 and "".join(longer).startswith(site)
    spelt = begins or site in (evidence.left.squash, evidence.right.squash)
    return (spelt and len(site) >= _LONG_LABEL) or sounds_alike(evidence.left, evidence.right)


def _speaks_against(evidence: Evidence) -> bool:
    """Something that alone keeps a name from being proof."""
    return (
        clashes(evidence)
        or evidence.legal_clash
        or _of_one_family(evidence)
        or only_read_alike(evidence)
        or evidence.place is Place.OTHER
        or evidence.web is Web.OTHER
    )


def only_read_alike(evidence: Evidence) -> bool:
    """Two Japanese names written with other characters: many companies are read alike."""
    mine, theirs = evidence.left.characters, evidence.right.characters
    return bool(mine and theirs) and mine != theirs


def _of_one_family(evidence: Evidence) -> bool:
    """One surname with its particle, and given names or initials that only one has: T.P. van Laar Beheer and
    Van Laar Beheer are two companies of a family.
    """
    left, right = evidence.left.full.split(), evidence.right.full.split()
    for particle in _PARTICLES:
        if particle in left and particle in right:
            given = {*left[: left.index(particle)], *right[: right.index(particle)]}
            return not given <= {*left} & {*right}
    return False


def set_apart(evidence: Evidence) -> bool:
    """One name, and words that set two of its bearers apart: a number, a direction, a country, an arm."""
    name = evidence.name
    if name.shared < TELLING:
        return False
    return clashes(evidence) or name.kind is NameKind.ARM or _one_is_an_arm(evidence)


def clashes(evidence: Evidence) -> bool:
    """A number, a direction or a country in one name is another one in the other, or missing there."""
    return evidence.name.clash or evidence.place_clash


def bears_on(evidence: Evidence, told: Features) -> bool:
    """Is there enough to bother a person with? A general word in common is not, nor a namesake elsewhere."""
    if evidence.place is Place.OTHER and evidence.web is Web.OTHER:
        return False
    if evidence.name.shared >= TELLING or evidence.name.kind is NameKind.INITIALS or evidence.named:
        return True
    site = any(told[name] for name in _SITE_HINTS)
    letters = told["start_length"] >= _FOUR_LETTERS or told["whole"] or told["sound"]
    return bool(site or letters or told["cover_less"] >= _HALF or told["spoken_letters"] == 1)


def namesake(evidence: Evidence) -> bool:
    """The very name, be it in another country: somebody may have erred, unless one word and two sites."""
    name = evidence.name
    if name.kind not in AGREE or clashes(evidence):
        return False
    elsewhere, sites = evidence.place is Place.OTHER, evidence.web is Web.OTHER
    if name.shared >= _TWO_WORDS or not elsewhere:
        return True
    return name.shared >= TELLING and not sites


def same_words(evidence: Evidence) -> bool:
    """The very name, of two telling words, or of any two in one country: proof if nothing speaks against."""
    name = evidence.name
    if name.kind not in (NameKind.EQUAL, NameKind.REORDERED) or not evidence.sure:
        return False
    words = max(len(evidence.left.tokens), len(evidence.right.tokens))
    return name.shared >= _TWO_WORDS or (words > 1 and evidence.place is Place.SAME)


def whole(evidence: Evidence) -> bool:
    """Whole names agree, or one's site is called as the other is."""
    return evidence.name.kind in (*AGREE, NameKind.DRESSED) or bool(evidence.named) or evidence.called.spelt


def resembles(evidence: Evidence) -> bool:
    """One name is part of the other, or spelt almost alike, and no website says that it is the one meant.

    Never *same*, however likely and in whatever country: of such answers about customers that nobody had
    tuned to, a fifth by a part of the name and two fifths by a spelling were another customer.
    """
    sites_agree = evidence.web in (*SAME_SITE, Web.LABEL) or evidence.named or evidence.called.spelt
    return evidence.name.kind in _RESEMBLING and not sites_agree


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
