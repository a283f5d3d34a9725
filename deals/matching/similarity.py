"""How alike two names are, and in which way. Pure.

Words are weighed: a brand says much, "international" little, so ``Flyers`` and ``Flyers Energy`` are near and
``Nordic Energy`` and ``Baltic Energy`` are not.
"""

from enum import StrEnum
from typing import NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from deals.matching import vocabulary
from deals.matching.names import NameKey

_PREFIX_SIMILARITY = 0.75  # short of what lets a word speak for itself: OpenClinic is not Open
_INITIALS_SCORE = 0.6


class NameKind(StrEnum):
    """In which way two names agree."""

    EQUAL = "equal"  # letter for letter, as names are read
    REORDERED = "reordered"  # the same words in another order
    SPELLING = "spelling"  # the telling words differ by a slip of the pen
    DRESSED = "dressed"  # one has only words more that companies leave off, or a country or city
    EXTENDED = "extended"  # one has only weak words more that say what it does
    ARM = "arm"  # the words one has more name a part of a company: its foundation, its leasing
    CONTAINED = "contained"  # one has telling words more
    PARTIAL = "partial"  # they share some telling words
    INITIALS = "initials"  # one is the initials of the other
    NONE = "none"


class Likeness(NamedTuple):
    """``score`` 0 to 1; ``shared``: weight of the words in common (1 is one telling word); ``clash``: they
    differ in a number or a direction, as "Fund II" and "Fund III" or "East" and "West" do."""

    score: float
    kind: NameKind
    shared: float = 0.0
    clash: bool = False


NOTHING_ALIKE = Likeness(0.0, NameKind.NONE)


def likeness(left: NameKey, right: NameKey) -> Likeness:
    """Compares two names, each taken as one form (alternatives are the caller's to try)."""
    if not left.squash or not right.squash:
        return NOTHING_ALIKE
    if left.squash == right.squash:
        return Likeness(1.0, NameKind.EQUAL, max(_total(left.tokens), _total(right.tokens)))
    if _are_initials(left, right):
        return Likeness(_INITIALS_SCORE, NameKind.INITIALS, 0.5)
    return _by_words(left, right)


def _total(tokens: tuple[str, ...] | list[str]) -> float:
    return sum(map(vocabulary.weight, tokens))


def _are_initials(left: NameKey, right: NameKey) -> bool:
    """One is written as the initials of the other: three letters or more, one word."""
    return (len(left.squash) >= 3 and len(left.tokens) == 1 and left.squash == right.initials) or (
        len(right.squash) >= 3 and len(right.tokens) == 1 and right.squash == left.initials
    )


def _by_words(left: NameKey, right: NameKey) -> Likeness:
    """Pairs the words off, equal ones first, then joined ones, then near ones."""
    rest_left, rest_right = list(left.tokens), list(right.tokens)
    shared = 0.0
    for token in left.tokens:
        if token in rest_right:
            rest_left.remove(token)
            rest_right.remove(token)
            shared += vocabulary.weight(token)
    if not rest_left and not rest_right:
        return Likeness(0.97, NameKind.REORDERED, shared)
    clash = _clash(rest_left, rest_right)
    shared += _join(rest_left, rest_right) + _join(rest_right, rest_left)
    near, lost = _near(rest_left, rest_right)
    shared += near
    over = _total(rest_left) + _total(rest_right) + lost
    if shared <= 0:
        return NOTHING_ALIKE
    score = 2 * shared / (2 * shared + over)
    kind = _kind(rest_left, rest_right, near)
    if kind in (NameKind.PARTIAL, NameKind.CONTAINED) and _one_slip(left, right):
        kind, score = NameKind.SPELLING, max(score, 0.93)
    return Likeness(min(score, 0.97), kind, shared, clash)


def _kind(rest_left: list[str], rest_right: list[str], near: float) -> NameKind:
    """What the words left over after pairing say."""
    if rest_left and rest_right:
        # Different words on either side, be they weak: "Acme Energy" and "Acme Bank" are two companies.
        return NameKind.PARTIAL
    rest = rest_left or rest_right
    if not rest:
        return NameKind.SPELLING if near else NameKind.EQUAL
    telling = any(vocabulary.weight(token) > vocabulary.PLACE for token in rest)
    if telling or near:
        return NameKind.CONTAINED
    if all(vocabulary.is_left_off(token) for token in rest):
        return NameKind.DRESSED
    return NameKind.ARM if any(vocabulary.is_arm(token) for token in rest) else NameKind.EXTENDED


def _clash(rest_left: list[str], rest_right: list[str]) -> bool:
    """Numbers or directions that one has and the other has not in the same way."""
    numbers_left = {token for token in rest_left if token.isdigit()}
    numbers_right = {token for token in rest_right if token.isdigit()}
    if numbers_left or numbers_right:
        return True
    directions = vocabulary.directions()
    ways_left = {directions[token] for token in rest_left if token in directions}
    ways_right = {directions[token] for token in rest_right if token in directions}
    return bool(ways_left and ways_right and ways_left != ways_right)


def _join(rest: list[str], other: list[str]) -> float:
    """Two neighbours of ``rest`` that are one word in ``other`` (river lane, riverlane): taken from both."""
    gained = 0.0
    index = 0
    while index + 1 < len(rest):
        joined = rest[index] + rest[index + 1]
        if joined in other:
            other.remove(joined)
            gained += max(vocabulary.weight(joined), _total(rest[index : index + 2]) / 2)
            del rest[index : index + 2]
        else:
            index += 1
    return gained


def _near(rest_left: list[str], rest_right: list[str]) -> tuple[float, float]:
    """Pairs words that differ by a slip or a cut; returns the weight gained and the weight lost to the
    slips.
    """
    gained = lost = 0.0
    for token in list(rest_left):
        best, best_similarity = None, 0.0
        for other in rest_right:
            similarity = _word_similarity(token, other)
            if similarity > best_similarity:
                best, best_similarity = other, similarity
        if best is not None:
            rest_left.remove(token)
            rest_right.remove(best)
            heavy = max(vocabulary.weight(token), vocabulary.weight(best))
            gained += heavy * best_similarity
            lost += 2 * heavy * (1 - best_similarity)
    return gained, lost


def _word_similarity(left: str, right: str) -> float:
    """0 unless one is a slip of the other (one error from five letters, two from nine) or its beginning."""
    shorter, longer = (left, right) if len(left) <= len(right) else (right, left)
    if shorter.isdigit() or longer.isdigit() or len(shorter) < 4:
        return 0.0
    if longer.startswith(shorter):
        # A plural or an ending is hardly a difference; a long rest is.
        return 0.95 if len(longer) - len(shorter) <= 1 else _PREFIX_SIMILARITY
    allowed = 2 if len(shorter) >= 9 else 1 if len(shorter) >= 5 else 0
    distance = OSA.distance(left, right, score_cutoff=allowed)
    return 1 - 0.8 * distance / len(shorter) if 0 < distance <= allowed else 0.0


def _one_slip(left: NameKey, right: NameKey) -> bool:
    """The whole names, written as one word, differ by a slip although they are cut up differently.

    The weak words must agree: a slip may be in them only when they are the same words.
    """
    if min(len(left.squash), len(right.squash)) < 8:
        return False
    told_left, told_right = "".join(left.telling), "".join(right.telling)
    weak_left = sorted(set(left.tokens) - set(left.telling))
    weak_right = sorted(set(right.tokens) - set(right.telling))
    if weak_left != weak_right or min(len(told_left), len(told_right)) < 8:
        return False
    return fuzz.ratio(told_left, told_right) >= 93 and not any(
        char.isdigit() for char in told_left + told_right
    )
