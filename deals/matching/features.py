"""What is weighed about a pair of customers that share no website: numbers, mostly 0 or 1. Pure.

Every feature reads the same whoever of the two asks. Whether an account has a website at all is not among
them: in the data at hand that tells filler from customers, in the world it tells nothing.
"""

import math
from bisect import bisect_left
from collections.abc import Sequence

from rapidfuzz import fuzz

from deals.matching import vocabulary
from deals.matching.evidence import Evidence, Place, Web
from deals.matching.keys import sound, sounds_alike, spoken
from deals.matching.names import NameKey
from deals.matching.similarity import NameKind

type Features = dict[str, float]

COMMON = 300  # as many accounts or more share the word: it tells nothing
_SHARED_MOST = 3.0
_TWO_WORDS = 1.6
_SHORT = 4
_NEAR = 0.3  # who shares so much less is still a rival
_BETTER = 0.02  # how much more alike counts as better
_KINDS: dict[NameKind, Features] = {
    kind: {f"name_{other.value}": float(other is kind) for other in NameKind} for kind in NameKind
}


def features(evidence: Evidence) -> Features:
    """What the pair tells by itself."""
    found = _KINDS[evidence.name.kind] | _words(evidence)
    found |= _letters(evidence.left, evidence.right)
    found |= _site(evidence)
    found |= {
        "same_country": float(evidence.place is Place.SAME),
        "other_country": float(evidence.place is Place.OTHER),
        "legal_clash": float(evidence.legal_clash),
        "place_clash": float(evidence.place_clash),
    }
    return found


def beside(found: Sequence[Features], sharers: Sequence[int]) -> None:
    """Adds what only the company of the other candidates tells; ``sharers`` is how many accounts share the
    rarest word (or pair of words) that the candidate shares with the claim.
    """
    likenesses = sorted(one["likeness"] for one in found)
    shares = sorted(one["shared"] for one in found)
    shares_here = sorted(one["shared"] for one in found if one["same_country"])
    sounds = sorted(one["spoken_letters"] for one in found)
    equal = sum(one["name_equal"] for one in found)
    equal_here = sum(one["name_equal"] * one["same_country"] for one in found)
    for one, count in zip(found, sharers, strict=True):
        here, rivals, rivals_here = one["same_country"], 0, 0
        if one["shared"]:
            rivals = _from(shares, one["shared"] - _NEAR) - 1
            rivals_here = _from(shares_here, one["shared"] - _NEAR) - bool(here)
        better = _from(likenesses, one["likeness"] + _BETTER)
        one |= {
            "rivals": math.log1p(rivals),
            "rivals_here": math.log1p(rivals_here),
            "better": math.log1p(better),
            "alone": float(rivals == 0),
            "common": math.log(min(max(count, 1), COMMON)),
        }
        alone_in_sound = _from(sounds, one["spoken_letters"]) == 1
        only_here = (equal_here if here else equal) == one["name_equal"]
        one |= _together(one, alone_in_sound=alone_in_sound, only_here=only_here)


def _from(ordered: Sequence[float], least: float) -> int:
    """How many of them are as much or more."""
    return len(ordered) - bisect_left(ordered, least)


def _together(one: Features, *, alone_in_sound: bool, only_here: bool) -> Features:
    """What counts more or less when something else is so as well."""
    lead, equal, alone, here = one["begins"], one["name_equal"], one["alone"], one["same_country"]
    return {
        "begins_alone_here": lead * alone * here,
        "begins_here": lead * here,
        "begins_rivals": lead * one["rivals_here"],
        "begins_common": lead * one["common"] * here,
        "begins_site": lead * max(one["site_begins"], one["site_begins_name"], one["site_named"]),
        "begins_one_more": lead * here * (one["words_apart"] == 1),
        "ends_here": one["ends"] * here,
        "equal_short": equal * one["short"],
        "equal_abroad": equal * one["other_country"],
        "equal_two_words": equal * one["two_words"],
        "equal_here": equal * here,
        "equal_rivals": equal * one["rivals"],
        "equal_common": equal * one["common"],
        "equal_only_here": equal * here * only_here * (one["one_word"] == 0),
        "spoken_here": one["spoken"] * here,
        "spoken_alone_here": one["spoken_letters"] * here * alone_in_sound,
        "spoken_begins_here": one["spoken_begins"] * here,
        "native_letters_here": one["native_letters"] * here,
        "native_whole_here": one["native"] * one["whole"] * here,
        "equal_site_named": equal * one["site_named"],
        "site_named_here": one["site_named"] * here,
        "site_named_rivals": one["site_named"] * one["rivals_here"],
        "initials_here": one["name_initials"] * here,
        "extended_alone_here": one["name_extended"] * alone * here,
        "contained_alone_here": one["name_contained"] * alone * here,
        "partial_alone_here": one["name_partial"] * alone * here,
        "both_tell_first": one["both_tell"] * one["first"],
    }


def words_apart(left: NameKey, right: NameKey) -> tuple[list[str], list[str]]:
    """The words that only the one and only the other has."""
    return (
        [word for word in left.tokens if word not in right.tokens],
        [word for word in right.tokens if word not in left.tokens],
    )


def abbreviated(left: Sequence[str], right: Sequence[str]) -> int:
    """How many words of the one are a word of the other with letters left out ("hlgs", "holdings")."""
    rest = list(right)
    count = 0
    for word in left:
        for other in rest:
            if _leaves_out(*sorted((word, other), key=len)):
                count += 1
                rest.remove(other)
                break
    return count


def _leaves_out(short: str, long: str) -> bool:
    if len(short) < 3 or len(long) == len(short) or short[0] != long[0]:
        return False
    letters = iter(long + "s")  # words are read in the singular, abbreviations as they stand
    return all(letter in letters for letter in short)


def _words(evidence: Evidence) -> Features:
    left, right, alike = evidence.left, evidence.right, evidence.name
    total_left, total_right = _total(left.tokens), _total(right.tokens)
    shared = min(total_left, total_right) if alike.kind is NameKind.EQUAL else alike.shared
    covers = sorted((min(1.0, shared / total_left), min(1.0, shared / total_right)))
    mine, theirs = words_apart(left, right)
    tell_mine, tell_theirs = _telling(mine), _telling(theirs)
    shortened = abbreviated(mine, theirs)
    short, long = sorted((left.tokens, right.tokens), key=len)
    first = bool(left.tokens and right.tokens) and left.tokens[0] == right.tokens[0]
    begins = bool(short) and short != long and long[: len(short)] == short
    return {
        "cover_less": covers[0],
        "cover_more": covers[1],
        "likeness": alike.score,
        "shared": min(alike.shared, _SHARED_MOST),
        "two_words": float(alike.shared >= _TWO_WORDS),
        "clash": float(alike.clash),
        "first": float(first),
        "first_telling": vocabulary.weight(left.tokens[0]) if first else 0.0,
        "one_word": float(len(short) == 1),
        "begins": float(begins),
        "begins_two_words": float(begins and len(short) > 1),
        "ends": float(bool(short) and short != long and long[-len(short) :] == short),
        "weight_of_shorter": min(2.0, _total(short)) / 2,
        "unsure": float(not evidence.sure),
        "abbreviated": float(min(shortened, 2)),
        "all_abbreviated": float(
            0 < shortened >= min(len(mine), len(theirs)) and len(mine) + len(theirs) - 2 * shortened <= 1
        ),
        "more_telling": 0.0 if mine and theirs else float(min(2, max(tell_mine, tell_theirs))),
        "both_differ": float(bool(mine and theirs)),
        "both_tell": float(bool(tell_mine and tell_theirs)),
        "both_general": float(bool(mine and theirs) and not tell_mine and not tell_theirs),
        "telling_apart": float(max(tell_mine, tell_theirs)),
        "words_apart": float(min(4, len(mine) + len(theirs))),
        "arm": float(any(vocabulary.is_arm(word) for word in mine + theirs)),
        "left_off": float(
            bool(mine or theirs) and all(vocabulary.is_left_off(word) for word in mine + theirs)
        ),
    }


def _letters(left: NameKey, right: NameKey) -> Features:
    one, other = left.squash, right.squash
    told_left, told_right = "".join(left.telling), "".join(right.telling)
    shortest = min(len(one), len(other)) or 1
    start, end = _common(one, other), _common(one[::-1], other[::-1])
    return {
        "letters": fuzz.ratio(one, other) / 100,
        "telling_letters": fuzz.ratio(told_left, told_right) / 100,
        "start": start / shortest,
        "start_length": min(start, 10) / 10,
        "end": end / shortest,
        "whole": float(shortest >= _SHORT and (one in other or other in one)),
        "whole_start": float(shortest >= _SHORT and start == shortest),
        "sound": float(len(told_left) >= _SHORT and sound(told_left) == sound(told_right)),
        **_spoken(left, right),
        "short": float(shortest <= _SHORT),
        "length": min(shortest, 12) / 12,
    }


def _spoken(left: NameKey, right: NameKey) -> Features:
    """How a name in another alphabet sounds beside one in ours, or in the same alphabet."""
    native = left.native or right.native
    one, other = (spoken(left), spoken(right)) if native else ("", "")
    shorter = min(len(one), len(other))
    begins = shorter >= _SHORT and (one.startswith(other) or other.startswith(one))
    return {
        "native": float(native),
        "native_both": float(left.native and right.native),
        "native_letters": fuzz.ratio(left.squash, right.squash) / 100 if native else 0.0,
        "spoken": float(sounds_alike(left, right)),
        "spoken_begins": float(begins and one != other),
        "spoken_letters": fuzz.ratio(one, other) / 100 if shorter > 1 else 0.0,
    }


def _site(evidence: Evidence) -> Features:
    called = evidence.called
    return {
        "site_label": float(evidence.web is Web.LABEL),
        "site_other": float(evidence.web is Web.OTHER),
        "site_named": float(bool(evidence.named)),
        "site_ratio": called.ratio if called.ratio > 0.6 else 0.0,
        "site_spelt": float(called.spelt),
        "site_begins": float(called.begins),
        "site_holds": float(called.holds),
        "site_begins_name": float(called.begins_name),
        "site_initials": float(called.initials),
        "site_every_word": float(called.every_word),
    }


def _total(tokens: Sequence[str]) -> float:
    return sum(map(vocabulary.weight, tokens)) or 0.1


def _telling(tokens: Sequence[str]) -> int:
    return sum(vocabulary.weight(token) > vocabulary.PLACE for token in tokens)


def _common(one: str, other: str) -> int:
    """How many letters they begin with in common."""
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count
