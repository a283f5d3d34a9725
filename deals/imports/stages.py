"""What a vendor's own stage word says about a deal: open, won or lost. Pure."""

import re
from functools import lru_cache

_WON = re.compile(
    r"(closed?[\s_\-–:/]*)?(won|win|gewonnen|gagn[ée]e?|ganad[oa]|ganha|vint[ao]|launched)", re.IGNORECASE
)
_LOST = re.compile(
    r"(closed?[\s_\-–:/]*)?(lost|loss|verloren|perdue?|perdid[oa]|pers[ao]|disqualified|dead|abandoned)",
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def state_of(stage: str, is_closed: bool | None, is_won: bool | None) -> str:
    """ "open", "won" or "lost". The CRM's own flags (None: it does not say) count before the word.

    A word is only taken for an end when it is nothing else, so "Won back" or "Lost contact" stay open.
    """
    if is_won:
        return "won"
    if is_closed is not None:
        return "lost" if is_closed else "open"
    word = stage.strip()
    if _WON.fullmatch(word) or re.fullmatch(r"closed?\s*[\s\-–:(]+\s*won\)?", word, re.IGNORECASE):
        return "won"
    return "lost" if _LOST.fullmatch(word) else "open"
