"""What is done to customers' written choices and to rules of engagement, in the workspace and the API."""

from dataclasses import dataclass, replace
from typing import Any

from rest_framework import serializers

from deals.accounts.access import access_account
from deals.models import EngagementRule
from deals.rules.engagement import Stance
from deals.screening.access import access_choice, access_rule
from deals.screening.choices import PROOF_LENGTH, end_choice, record_choice
from deals.screening.engagement import RuleTerms, add_rule, change_rule
from deals.screening.shapes import ChoiceSerializer
from partners.access import Place
from partners.kit.act import Act, at, at_list, by_id
from partners.kit.fields import Choice, Day, Flag, Line, Lines, OfferingPicked, PartnerPicked, Text

US = "us"


@dataclass(frozen=True)
class Chosen(PartnerPicked):
    """Whom a customer chose: a partner, or us (in the API null, which must be said)."""

    def api_field(self) -> Any:
        return serializers.CharField(max_length=20, allow_null=True)

    def value(self, given: Any) -> Any:
        return None if given == US else super().value(given)


RECORD_CHOICE = Act(
    "choices",
    record_choice,
    gate="choices.record",
    on="account",
    fields=(
        Chosen(
            "partner", label="The customer chose",
            first=lambda place: (("", "Choose"), (US, f"{place.program.vendor} itself")),
        ),
        OfferingPicked("offering", label="For", required=False, first=(("", "Whatever they buy"),)),
        Day("chosen_on", label="Written on"),
        Text("proof", PROOF_LENGTH, label="Proof", help="Who wrote what to whom, and where it is kept."),
    ),
    summary="Put a customer's written choice on record",
    body="ChoiceInput",
    about="A written choice. ``partner`` must be said; null means the vendor.",
    shape=ChoiceSerializer,
    status=201,
    row=by_id(access_account),
    title="The customer's choice",
    hint="Whom the customer chose in writing comes first when two interests meet. The newest choice counts.",
    submit="Save",
    done="The customer's choice is saved.",
    back=at("deals:account"),
)  # fmt: skip
END_CHOICE = Act(
    "end",
    end_choice,
    gate="choices.record",
    on="choice",
    summary="A choice that no longer counts",
    row=by_id(access_choice),
    done="The choice no longer counts; it stays on record.",
    back=at("deals:account", of="account"),
)


@dataclass(frozen=True)
class _Any(Lines):
    """Words typed one a line, or with commas between them; none means any."""

    def value(self, given: Any) -> list[str]:
        typed = given.replace("\n", ",").split(",") if isinstance(given, str) else given or []
        return [word.strip() for word in typed if word.strip()]


def _words(name: str, label: str, help_text: str) -> _Any:
    return _Any(
        name, 4000, label=label, help=help_text, said="Empty: any.", required=False, rows=2, most=300,
        longest_each=80,
    )  # fmt: skip


def _terms(_place: Place, row: EngagementRule | None, given: dict[str, Any]) -> dict[str, Any]:
    """A rule from what was given, over what it was before."""
    before = {name: getattr(row, name) for name in RuleTerms.__dataclass_fields__} if row else {}
    known = before | given
    return {"terms": RuleTerms(**known | {"stance": Stance(known["stance"])})}


ADD_RULE = Act(
    "new",
    add_rule,
    gate="program.edit",
    fields=(
        Line("name", 120, label="Name", help="Such as: Banks in Germany."),
        Choice("stance", of=Stance, label="Who sells to them"),
        PartnerPicked(
            "partner", label="Partner", required=False, help="For one named partner.",
            first=(("", "No partner"),),
        ),
        _words("countries", "Countries", "One a line; empty: any."),
        _words("verticals", "Verticals", "As the CRM writes them; empty: any."),
        _words("segments", "Segments", "As the CRM writes them; empty: any."),
        Text("text", 2000, label="As it was agreed", required=False),
        Flag("active", label="In force", initial=True, absent=True),
    ),
    values=_terms,
    summary="Add a rule of engagement",
    body="RuleInput",
    about="A rule to make or change.",
    title="A rule of engagement",
    hint="Claims on customers that fit are screened by it; the most specific rule counts.",
    heading="Rules of engagement",
    submit="Add the rule",
    done="The rule counts for claims made from now on.",
    back=at_list("deals:engagement"),
)  # fmt: skip
CHANGE_RULE = replace(
    ADD_RULE,
    verb="change",
    does=change_rule,
    on="rule",
    versioned=True,
    summary="Change a rule of engagement",
    row=by_id(access_rule),
    title=lambda row: row.name,
    submit="Change the rule",
    done="The rule is changed for claims made from now on.",
)
