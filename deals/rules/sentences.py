"""What a partner reads when a claim is decided. Pure; no sentence names or hints at another party."""

import re

from deals.matching.names import fold, name_key
from deals.rules.lifecycle import Outcome, Reason, State

_NOT_OPEN = "This customer is not open for registration at present. Thank you for bringing it to us."

# Offered to the person who rules, to keep or to change.
SENTENCES: dict[Reason, str] = {
    Reason.CLEAN: "Approved: nothing stood against it.",
    Reason.PARTNER_FIRST: "Approved: your work with this customer came first.",
    Reason.CUSTOMER_CHOICE: "We followed the choice the customer made in writing.",
    Reason.BOTH_WORKED: "Approved: you and we worked on it, so the credit for the deal is shared.",
    Reason.NOT_A_CONFLICT: "Approved: we looked at it and nothing stands against it.",
    Reason.EXISTING_CUSTOMER: _NOT_OPEN,
    Reason.OPEN_OPPORTUNITY: _NOT_OPEN,
    Reason.NAMED_ACCOUNT: _NOT_OPEN,
    Reason.EARLIER_CLAIM: _NOT_OPEN,
    Reason.SAME_PARTNER: "You have a live registration for this customer and offering already.",
    Reason.TOO_LITTLE: "We could not tell who the customer is or what is planned. Please tell us more.",
    Reason.NOT_VIABLE: "We do not see a sale here for now.",
    Reason.PUBLIC_TENDER: "Public tenders are open to everyone, so we protect them for nobody.",
    Reason.OUT_OF_SCOPE: "This is outside what our program covers.",
    Reason.NO_ANSWER: "We asked you something and heard nothing in time. Please register the deal again.",
    Reason.NO_PROGRESS: "We heard nothing new about this deal for too long, so it is open again.",
    Reason.WRONG_CLAIM: "What the registration said turned out not to be so.",
    Reason.CHANGE_REFUSED: "We did not take over the change; your registration stands as it was approved.",
}
# What the partner reads when the deal is open again; by whether we hold the customer again.
OPEN_AGAIN = {
    True: "The deal is open again, and so is your protection.",
    False: "The deal is open again, and its protection is over. Register it again if you still work on it.",
}
# Why a deal is our own now, for staff.
WITHOUT_ITS_CLAIM = "The CRM goes on with it, and the registration behind it does not stand."
# What the partner reads when the deal ended.
ENDED = {
    State.WON: "The deal was won. Thank you.",
    State.LOST: "The deal is closed as lost, so the customer is not held for you any more.",
}
# What its partner reads when something was ruled on while the registration stood.
_APART: dict[Outcome, str] = {
    Outcome.UPHOLD_PARTNER: "We looked at what happened on our side: the deal counts as yours.",
    Outcome.UPHOLD_INCUMBENT: "We looked at a deal of our own with this customer: it stays ours, and your "
    "registration stays as it is.",
    Outcome.SHARE: "We looked at what both of us did: the credit for the deal is shared.",
}
_GAP = re.compile(r"[^0-9a-z]+")


def usual_sentence(outcome: Outcome, reason: Reason, *, apart: bool = False) -> str:
    """What the partner reads when nobody writes a sentence of their own. ``apart``: its registration stands
    whatever is decided."""
    return _APART.get(outcome, SENTENCES[Reason.NOT_A_CONFLICT]) if apart else SENTENCES[reason]


def _flat(text: str) -> str:
    return f" {_GAP.sub(' ', fold(text)).strip()} "


def named_in(text: str, names: list[str], *, allowed: str = "") -> str | None:
    """The first of ``names`` that ``text`` mentions, in full or without its legal form, or None.

    A name that is part of ``allowed`` (the customer's own) does not count.
    """
    said, own = _flat(text), _flat(allowed)
    for name in names:
        for form in {_flat(name), _flat(name_key(name).core)}:
            if len(form.strip()) > 2 and form in said and form not in own:
                return name
    return None
