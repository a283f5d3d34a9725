"""What is done to accounts, in the workspace and the API."""

from operator import attrgetter
from typing import Any

from deals.accounts.access import access_account
from deals.accounts.known_names import set_known_names
from deals.accounts.merging import merge_accounts, undo_merge
from deals.accounts.shapes import AccountSerializer
from deals.models import Account, AccountMerge
from partners.access import Place
from partners.api.named import named
from partners.core.errors import NotFound
from partners.kit.act import Act, at, by_id
from partners.kit.fields import Lines, Picked


def _account_named(public_id: str) -> Account:
    return named(Account.objects.all(), public_id, "into", "account")


def _last_merge(_place: Place, row: Account, _given: dict[str, Any]) -> dict[str, Any]:
    merge = AccountMerge.objects.filter(merged=row, undone_at__isnull=True).select_related("kept").first()
    if merge is None:
        raise NotFound("This account is not merged into another.")
    return {"merge": merge}


SET_NAMES = Act(
    "names",
    set_known_names,
    gate="accounts.edit",
    on="account",
    versioned=True,
    fields=(
        Lines(
            "other_names", 6000, to="names", rows=5, most=100, longest_each=1000, optional="form",
            label="Other names",
            help="One on each line: what it was called before, a short form, a translation.",
        ),
        Lines(
            "other_domains", 6000, to="websites", most=100, longest_each=1000, optional="form",
            label="Other websites", help="One on each line, such as acme.com.",
        ),
    ),
    summary="Say what else a customer is called and where else it is found",
    body="NamesInput",
    about="What an account is known by beside its name and website; what is not listed is known no more.",
    row=by_id(access_account),
    title="Other names and websites",
    hint="A claim under any of these finds this account. What the CRM renames is kept here by itself.",
    submit="Save the names",
    done="Saved. A claim under any of them finds this account.",
    back=at("deals:account"),
)  # fmt: skip
MERGE = Act(
    "merge",
    merge_accounts,
    gate="accounts.edit",
    on="merged",
    versioned=True,
    fields=(Picked("into", to="kept", named=_account_named, said="Id of the account that stays."),),
    summary="Merge an account into another; answers with the one that stays",
    body="MergeInput",
    about="The account that stays.",
    shape=AccountSerializer,
    gives=attrgetter("kept"),
)
UNMERGE = Act(
    "unmerge",
    undo_merge,
    gate="accounts.edit",
    values=_last_merge,
    if_match=True,
    summary="Take the merge of an account back",
    row=by_id(access_account),
    done=lambda row: f"{row.name} is an account of its own again.",
    back=at("deals:account"),
)
