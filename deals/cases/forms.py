"""Forms of a case: the ruling, its correction, statements, and conflicts flagged by hand."""

from collections.abc import Sequence
from typing import Any

from django import forms

from deals.cases.correction import Correction
from deals.cases.decision import NEW_ACCOUNT, Decision
from deals.cases.flags import FLAG_LENGTH, RAISABLE
from deals.cases.rules.grouping import may_become
from deals.cases.statements import QUESTION_LENGTH, TEXT_LENGTH
from deals.common.form_fields import choose, text_field
from deals.models import Account, CompEffect, Ruling
from deals.rules.lifecycle import APPROVING, DECLINING, REVOKING, SHARING, ConflictKind, Outcome, Reason
from deals.rules.sentences import usual_sentence

_OUTCOMES = {
    Outcome.UPHOLD_PARTNER: "For the partner: approve",
    Outcome.UPHOLD_INCUMBENT: "For what was there before: decline",
    Outcome.SHARE: "Share the credit: approve, and part of it is ours",
    Outcome.NOT_A_CONFLICT: "Not a conflict: approve",
    Outcome.MERGE: "Two of the accounts are one: merge them, and look again",
}
OUTCOMES_APART = {
    Outcome.UPHOLD_PARTNER: "For the partner: the deal counts as theirs",
    Outcome.UPHOLD_INCUMBENT: "For our side: it stays as it is now",
    Outcome.SHARE: "Share the credit",
    Outcome.NOT_A_CONFLICT: "Not a conflict",
}
_SENT_APART = "Left empty, the usual sentence for the decision is sent. Name no other partner."
_GROUPS = (("For the partner", APPROVING), ("To share", SHARING), ("Against the partner", DECLINING))


def _reasons() -> list[Any]:
    return [
        (title, [(reason.value, str(reason.label)) for reason in Reason if reason in reasons])
        for title, reasons in _GROUPS
    ]


class _Terms(forms.Form):
    """What a ruling and its correction both say."""

    outcome = forms.ChoiceField(
        label="Decision", widget=forms.RadioSelect, error_messages={"required": "How do you decide?"}
    )
    reason = forms.ChoiceField(label="Reason", error_messages={"required": "Choose a reason."})
    partner_share = forms.IntegerField(
        label="The partner's share in percent",
        help_text="When shared; the rest to 100 is the incumbent's.",
        min_value=1,
        max_value=99,
        required=False,
    )
    note = forms.CharField(
        label="Why, for the record",
        help_text="For your colleagues. The partner does not see it.",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why; a decision without grounds is not on record."},
    )
    sentence = forms.CharField(
        label="Message to the partner",
        help_text="Left empty, the usual sentence for the ground is sent. Name no other partner.",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    incumbent_sentence = forms.CharField(
        label="What the other side reads",
        help_text="Our rep reads it on this page; another partner on its own registration. Left empty, "
        "nobody is told.",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    comp_rep = forms.ChoiceField(label="Our rep is paid", required=False)
    comp_partner = forms.ChoiceField(label="The partner is paid", required=False)


class RulingForm(_Terms):
    """A decision. Which fields there are depends on the case."""

    account = forms.ChoiceField(
        label="Who the customer is",
        widget=forms.RadioSelect,
        help_text="Needed to approve. The account is found by the claimed name from then on.",
        required=False,
    )
    merge = forms.ChoiceField(
        label="Merge into it", required=False, help_text="Everything of this account moves to the one above."
    )
    revoke = forms.ChoiceField(
        label="End the other partner's protection",
        required=False,
        help_text="Needed to uphold this partner while the other holds the account. Its registration is "
        "revoked at the same moment; what you write for the other side is what it reads.",
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        accounts: Sequence[Account],
        sure: str = "",
        apart: bool = False,
        may_revoke: bool = False,
        **kwargs: Any,
    ) -> None:
        """``accounts`` are those the claim may be about; ``sure`` is the public id of the certain one.

        ``apart``: the registration stands whatever is decided. ``may_revoke``: a rival's protection is in
        the way.
        """
        super().__init__(*args, **kwargs)
        self.apart = apart
        outcomes = dict(OUTCOMES_APART if apart else _OUTCOMES)
        places = {
            row.public_id: f"{row.name} ({row.domain or row.country or 'no website'})" for row in accounts
        }
        if apart:
            self.fields["sentence"].help_text = _SENT_APART
            del self.fields["account"]
        else:
            choose(self, "account", [*places.items(), (NEW_ACCOUNT, "Somebody else: a new account")])
            self.fields["account"].initial = sure or None
        if apart or len(accounts) < 2:
            outcomes.pop(Outcome.MERGE, None)
            del self.fields["merge"]
        else:
            choose(self, "merge", [("", "No account"), *places.items()])
        if may_revoke:
            grounds = [(reason.value, str(reason.label)) for reason in Reason if reason in REVOKING]
            choose(self, "revoke", [("", "No: it stays protected"), *grounds])
        else:
            del self.fields["revoke"]
        choose(self, "outcome", list(outcomes.items()))
        choose(self, "reason", [("", "Choose"), *_reasons()])
        effects = [("", "As the charter says"), *CompEffect.choices]
        choose(self, "comp_rep", effects)
        choose(self, "comp_partner", effects)

    def decision(self) -> Decision:
        """What was decided; what does not go with the decision is left out. Call it on a valid form."""
        data = self.cleaned_data
        outcome, reason = Outcome(data["outcome"]), Reason(data["reason"])
        return Decision(
            outcome=outcome,
            reason=reason,
            note=data["note"],
            sentence=data["sentence"].strip() or usual_sentence(outcome, reason, apart=self.apart),
            incumbent_sentence=data["incumbent_sentence"],
            account=data.get("account", ""),
            merge=data.get("merge", "") if outcome == Outcome.MERGE else "",
            partner_share=data["partner_share"] if outcome == Outcome.SHARE else None,
            comp_rep=CompEffect(data["comp_rep"]) if data["comp_rep"] else None,
            comp_partner=CompEffect(data["comp_partner"]) if data["comp_partner"] else None,
            revoke=Reason(data["revoke"]) if data.get("revoke") else None,
        )


class CorrectionForm(_Terms):
    """What a ruling should have said."""

    def __init__(self, *args: Any, ruling: Ruling, **kwargs: Any) -> None:
        """``ruling`` is the one that is put right; its terms are the first values."""
        names = ("outcome", "reason", "partner_share", "sentence", "incumbent_sentence")
        first = {name: getattr(ruling, name) for name in (*names, "comp_rep", "comp_partner")}
        super().__init__(*args, **{"initial": first, **kwargs})
        outcomes = [(item.value, item.label) for item in Outcome if may_become(ruling.outcome, item)]
        choose(self, "outcome", outcomes)
        choose(self, "reason", _reasons())
        choose(self, "comp_rep", CompEffect.choices)
        choose(self, "comp_partner", CompEffect.choices)
        self.fields["note"].label = "What was wrong"
        self.fields["sentence"].required = True
        self.fields["sentence"].help_text = "Name no other partner."
        for name in ("comp_rep", "comp_partner"):
            self.fields[name].required = True

    def correction(self) -> Correction:
        """What it should have said. Call it on a valid form."""
        data = self.cleaned_data
        outcome = Outcome(data["outcome"])
        return Correction(
            outcome=outcome,
            reason=Reason(data["reason"]),
            note=data["note"],
            sentence=data["sentence"],
            incumbent_sentence=data["incumbent_sentence"],
            partner_share=data["partner_share"] if outcome == Outcome.SHARE else None,
            comp_rep=CompEffect(data["comp_rep"]),
            comp_partner=CompEffect(data["comp_partner"]),
        )


class AskForm(forms.Form):
    """Whom to ask, and what."""

    name = forms.CharField(label="Name", max_length=120, error_messages={"required": "Whom do you ask?"})
    email = forms.EmailField(
        label="E-mail",
        max_length=254,
        help_text="They get a link that works once and needs no account.",
        error_messages={"required": "Where do we send the link?"},
    )
    question = forms.CharField(
        label="Question",
        help_text="Mails are forwarded, so name no partner.",
        max_length=QUESTION_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "What would you like to know? One question is enough."},
    )


class StatementForm(forms.Form):
    """One's own word."""

    text = forms.CharField(
        label="What you know",
        help_text="Who did what and when. Dates help most.",
        max_length=TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Write what you know; one sentence is enough."},
    )


class RaisingForm(forms.Form):
    """What somebody saw about a claim."""

    kind = forms.ChoiceField(
        label="What it is about", choices=[(kind.value, kind.label) for kind in RAISABLE]
    )
    text = text_field(label="What you saw", max_length=FLAG_LENGTH, help_text="Only we read it.")

    def chosen_kind(self) -> ConflictKind:
        """The kind picked."""
        return ConflictKind(self.cleaned_data["kind"])
