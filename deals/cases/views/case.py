"""The case page: what every view that answers with it needs."""

from django.http import HttpResponse
from django.shortcuts import render

from deals.cases.access import access_conflict
from deals.cases.decision import account_choices, rivals_protected
from deals.cases.forms import OUTCOMES_APART, AskForm, RulingForm, StatementForm
from deals.cases.rules.grouping import stands_alone
from deals.cases.selectors.case import (
    incumbents_of,
    ledger_of,
    precedents,
    rulings_on,
    statements_of,
    timeline_of,
    work_of_partner,
)
from deals.cases.selectors.case_facts import suggestion_for
from deals.cases.selectors.queue import Case, case_of
from deals.common.calendar import workweek
from deals.rules.clock import in_words, working_time_left
from deals.rules.lifecycle import APPROVING, DECLINING, SHARING, Outcome, Reason, Severity, State
from deals.rules.sentences import SENTENCES, usual_sentence
from partners.core import clock
from partners.selectors import charter_in_force
from partners.views.gates import PlacedRequest

_USUAL = [(reason.label, SENTENCES[reason]) for reason in Reason if reason in APPROVING | SHARING | DECLINING]
# A registration that stands whatever is decided hears of the decision, not of its ground.
_USUAL_APART = [
    (
        label,
        "Nothing: of a false alarm the partner is not told."
        if outcome is Outcome.NOT_A_CONFLICT
        else usual_sentence(outcome, Reason.CLEAN, apart=True),
    )
    for outcome, label in OUTCOMES_APART.items()
]


def open_case(request: PlacedRequest, public_id: str) -> Case:
    """The case of a conflict the person may see. Raises ``NotFound``."""
    found = access_conflict(request.place.seat, public_id)
    return case_of(request.place.seat, found, charter_in_force())


def case_is_apart(case: Case) -> bool:
    """Whether the registration stays as it is, whatever is decided."""
    row = case.registration
    return all(stands_alone(found.kind, row.state, row.reviewed_for) for found in case.conflicts)


def _due_label(case: Case) -> str:
    """Of what our own side did no partner was promised an answer."""
    return "To be decided by" if case_is_apart(case) else "Answer promised by"


def ruling_form(case: Case, data: object = None) -> RulingForm:
    """The form of a case, filled in with ``data`` when somebody sent it."""
    row = case.registration
    accounts = account_choices(row, case.conflicts)
    sure = next((account.public_id for account in accounts if account.pk == row.account_id), "")
    live = [rival for rival in rivals_protected(case.conflicts) if rival.state == State.APPROVED]
    return RulingForm(
        data,
        accounts=accounts,
        sure=sure,
        apart=case_is_apart(case),
        may_revoke=bool(live),
        initial={"version": row.version},
    )


def case_page(
    request: PlacedRequest,
    case: Case,
    *,
    form: RulingForm | None = None,
    say: StatementForm | None = None,
    ask: AskForm | None = None,
    late: str = "",
    status: int = 200,
) -> HttpResponse:
    """The case, with the forms that were refused in place of fresh ones.

    ``late`` is what somebody wrote for a case that has moved on since they opened it.
    """
    place, row = request.place, case.registration
    mine = case.is_open and not case.is_paused and case.may_rule(place.actor)
    statements, work = statements_of(row), work_of_partner(case, place.program)
    ledger = ledger_of(case, statements)
    happened, undated = timeline_of(case, work=work, statements=statements, ledger=ledger)
    parties = incumbents_of(case, place.program)
    # What is only noted needs no column of its own, unless there is nothing else.
    weighty = [party for party in parties if party.severity != Severity.NOTE] or parties
    context = {
        "case": case,
        "row": row,
        "form": (form or ruling_form(case)) if mine else None,
        "suggestion": suggestion_for(row, case.conflicts, place.program) if case.is_open else None,
        "incumbents": weighty,
        "noted": [party for party in parties if party not in weighty],
        "works": work,
        "happened": happened,
        "undated": undated,
        "questions": [item for item in statements if item.given_at is None and item.revoked_at is None],
        "said": [item for item in statements if item.given_at],
        "late": late,
        "say": say or StatementForm(),
        "ask": (ask or AskForm()) if place.can("conflicts.rule") else None,
        "rulings": rulings_on(row),
        "precedents": precedents(place.seat, case),
        "charter": case.charter,
        "appealed": case.is_appeal,
        "own_ruling": case.is_open and case.is_against_own(place.actor),
        "time_left": in_words(working_time_left(clock.now(), case.due_at, workweek(place.program))),
        "due_label": _due_label(case),
        "now": clock.now(),
        "can_see_claim": place.can("registrations.view"),
        "can_see_account": place.can("accounts.view"),
        "usual": _USUAL_APART if case_is_apart(case) else _USUAL,
    }
    return render(request, "deals/conflict.html", context, status=status)
