"""What is done to opportunities, in the workspace, the portal and the API."""

from dataclasses import replace
from typing import Any

from deals.accounts.access import access_account
from deals.common.form_fields import Amount, in_own_currency
from deals.models import Account, OpportunityState, Source
from deals.opportunities.access import access_opportunity, access_touch
from deals.opportunities.shapes import TouchSerializer
from deals.opportunities.source import REASON_LENGTH, Deal, change_source, open_opportunity
from deals.opportunities.touches import NOTE_LENGTH, log_touch, remove_touch
from deals.registrations.outcome import close_opportunity
from deals.rules.attribution import TouchKind
from deals.rules.claims import NAME_LENGTH
from partners.access import Place
from partners.api.named import named
from partners.kit.act import Act, at, by_id
from partners.kit.fields import API, Choice, Day, Line, OfferingPicked, PartnerPicked, Picked, Text


def _account_named(public_id: str) -> Account:
    return named(Account.objects.all(), public_id, "account")


def _deal(_place: Place, account: Account | None, given: dict[str, Any]) -> dict[str, Any]:
    return {"deal": Deal(**(given | ({"account": account} if account else {})))}


OPEN = Act(
    "open",
    open_opportunity,
    gate="opportunities.open",
    fields=(
        Picked("account", named=_account_named, only=API, said="Id of an account."),
        Line("name", NAME_LENGTH, label="What it is called"),
        OfferingPicked("offering", label="Offering", required=False, first=(("", "Not known yet"),)),
        Amount("amount", label="Amount", required=False, help=in_own_currency),
        Line("currency", 3, required=False, only=API),
        Day("closes_on", label="Expected close", required=False),
        Line("stage", 80, required=False, only=API),
    ),
    values=_deal,
    summary="Open a direct opportunity",
    body="OpeningInput",
    about="A direct opportunity to open.",
    row=by_id(access_account),
    title="Open an opportunity",
    hint="One of our own. If a partner's claim stands on this account, it becomes a conflict.",
    submit="Open the opportunity",
    done="The opportunity is open.",
    back=at("deals:account"),
    after=at("deals:opportunity"),
)
CHANGE_SOURCE = Act(
    "change-source",
    change_source,
    gate="opportunities.edit",
    on="opportunity",
    versioned=True,
    fields=(
        Choice("source", of=Source, label="Source"),
        PartnerPicked(
            "partner", label="Partner", required=False, first=(("", "No partner"),),
            help="Left empty for a direct one.", said="Id of a partner; none for direct.",
        ),
        Text(
            "reason", REASON_LENGTH, label="Why",
            help="It stays on record. Taking a registered deal from its partner becomes a conflict.",
        ),
    ),
    summary="Change the source of an opportunity",
    body="SourceInput",
    about="Whose an opportunity is. Every change has a reason.",
    row=by_id(access_opportunity),
    title="Change the source",
    hint="Every change of a source is on record, with who made it and why.",
    submit="Change the source",
    done="The source is changed.",
    back=at("deals:opportunity"),
)  # fmt: skip
_TOUCH = (
    Choice("kind", of=TouchKind, label="What"),
    Day("on", label="When"),
    Text("note", NOTE_LENGTH, rows=2, label="Outcome", required=False, help="The partner reads it."),
)
LOG_TOUCH = Act(
    "touches",
    log_touch,
    gate=("touches.log", "portal.register"),
    on="opportunity",
    fields=(
        PartnerPicked(
            "partner", label="Partner", first=(("", "Which partner?"),),
            optional=API, said="For staff: id of the partner.",
        ),
        *_TOUCH,
    ),
    shape=TouchSerializer,
    status=201,
    summary="Put on record what a partner did",
    body="TouchInput",
    about="What a partner did. Staff name the partner.",
    row=by_id(access_opportunity),
    title="Partner activity",
    hint="A dated act before the deal is closed is what makes it influenced by the partner.",
    submit="Save",
    done="Saved.",
    back=at("deals:opportunity"),
)  # fmt: skip
REMOVE_TOUCH = Act(
    "remove",
    remove_touch,
    gate=("touches.log", "portal.register"),
    on="touch",
    shape=TouchSerializer,
    summary="Take back what never happened",
    row=by_id(access_touch),
    done="It no longer counts; the ledger keeps it.",
    back=at("deals:opportunity", of="opportunity"),
)
CLOSE = Act(
    "close",
    close_opportunity,
    gate="opportunities.edit",
    on="opportunity",
    versioned=True,
    fields=(
        Choice("state", of=(OpportunityState.WON, OpportunityState.LOST), label="Result"),
        Day("closed_on", label="On", required=False, help="Today when left empty."),
    ),
    row=by_id(access_opportunity),
    done=lambda row: f"{row.name} is closed.",
    back=at("deals:opportunity"),
)


def _closing(verb: str, state: OpportunityState) -> Act:
    return replace(
        CLOSE,
        verb=verb,
        fields=CLOSE.fields[1:],
        values=lambda _place, _row, given: given | {"state": state},
        summary=f"Close an opportunity as {state}",
        body="ClosingInput",
        about="How an opportunity ended, and on which day (today when left out).",
    )


WIN, LOSE = _closing("win", OpportunityState.WON), _closing("lose", OpportunityState.LOST)
