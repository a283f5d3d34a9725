"""One page per act on a registration, for the workspace and the portal: a form, and what becomes of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from deals.common.claim_facts import facts_of, protection_days_left, protection_of, terms_in_force
from deals.models import Registration
from deals.registrations.appeal import APPEAL_LENGTH, appeal
from deals.registrations.change import change_registration, withdraw_change
from deals.registrations.content import claim_of
from deals.registrations.extensions import ask_extension, decide_extension
from deals.registrations.forms.acts import (
    ExtensionForm,
    PartForm,
    QuestionForm,
    RevocationForm,
    TextForm,
    Versioned,
)
from deals.registrations.forms.claim import typed
from deals.registrations.keepalive import report_progress
from deals.registrations.returns import answer, ask_for_information
from deals.registrations.revocation import revoke
from deals.registrations.selectors import change_asked
from deals.rules.lengths import TEXT_LENGTH
from deals.rules.lifecycle import Move, Reason, State
from deals.rules.possible import open_moves, why_not
from partners.access import Place
from partners.core import clock
from partners.core.errors import Clash
from partners.forms import tried
from partners.selectors import open_offerings
from partners.views.gates import PlacedRequest

type Sent = dict[str, Any]  # the arguments of a form: its data when it was sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """An act, the page it is done on and what is said afterwards."""

    verb: str
    move: Move
    title: str
    hint: str
    submit: str
    done: str
    form: Callable[[Place, Registration, Sent], forms.Form]
    do: Callable[..., Registration]
    values: Callable[[Any], dict[str, Any]]


def _text(label: str, help_text: str, missing: str, longest: int) -> Callable[..., forms.Form]:
    def make(_place: Place, _row: Registration, sent: Sent) -> forms.Form:
        return TextForm(label=label, help_text=help_text, missing=missing, longest=longest, **sent)

    return make


def _part(place: Place, row: Registration, sent: Sent) -> forms.Form:
    asked = list(row.asked_fields) if row.state == State.NEEDS_INFO else None
    initial = typed(row) | sent.pop("initial", {})
    return PartForm(
        currency=place.program.currency,
        offerings=open_offerings(),
        before=claim_of(row),
        asked=asked,
        initial=initial,
        **sent,
    )


def _claim(form: PartForm) -> dict[str, Any]:
    return {"claim": form.claim()}


def _plain(form: type[Versioned]) -> Callable[..., forms.Form]:
    return lambda _place, _row, sent: form(**sent)


ACTS = {
    act.verb: act
    for act in (
        Act(
            verb="answer",
            move=Move.ANSWER,
            title="Answer our question",
            hint="Only what we asked for opens up. The claim time stays, and our clock goes on from here.",
            submit="Submit answer",
            done="Thank you. We look at it again and answer by the time given.",
            form=_part,
            do=answer,
            values=_claim,
        ),
        Act(
            verb="appeal",
            move=Move.APPEAL,
            title="Appeal",
            hint="Once per registration. It is looked at again with what you write; that answer is final.",
            submit="Submit appeal",
            done="Sent. It is looked at again and answered by the time given.",
            form=_text(
                "Why should the answer be another?",
                "What we did not know: who at the customer wants it, since when, and what was done.",
                "Say why the answer should be another.",
                APPEAL_LENGTH,
            ),
            do=appeal,
            values=lambda form: {"text": form.cleaned_data["text"]},
        ),
        Act(
            verb="report",
            move=Move.REPORT,
            title="Update us on this deal",
            hint="A sentence is enough. It keeps the protection and counts when more time is asked for.",
            submit="Send",
            done="Saved. Thank you.",
            form=_text(
                "Deal status",
                "What happened since, and what comes next.",
                "Enter a status update. One sentence is enough.",
                TEXT_LENGTH,
            ),
            do=report_progress,
            values=lambda form: {"text": form.cleaned_data["text"]},
        ),
        Act(
            verb="extension",
            move=Move.ASK_EXTENSION,
            title="Request an extension",
            hint="Asked before the protection ends, it does not end until this is decided.",
            submit="Request an extension",
            done="Asked.",
            form=_text(
                "What is still to come, and by when?",
                "The next steps with the customer.",
                "What is still to come, and by when?",
                TEXT_LENGTH,
            ),
            do=ask_extension,
            values=lambda form: {"note": form.cleaned_data["text"]},
        ),
        Act(
            verb="change",
            move=Move.CHANGE,
            title="Change the registration",
            hint="Another customer, offering or amount is looked at before it counts; until then what was "
            "approved is held. A day or a note counts at once.",
            submit="Send the change",
            done="Changed.",
            form=_part,
            do=change_registration,
            values=_claim,
        ),
        Act(
            verb="undo",
            move=Move.TAKE_BACK,
            title="Withdraw the change",
            hint="What was approved stands again at once, with its protection. Nobody looks at the change "
            "any more; it may be asked for again.",
            submit="Withdraw the change",
            done="Taken back. What was approved stands as it was.",
            form=_plain(Versioned),
            do=withdraw_change,
            values=lambda _form: {},
        ),
        Act(
            verb="ask",
            move=Move.ASK,
            title="Return for information",
            hint="The decision clock stops until the partner answers; the claim time stays.",
            submit="Ask the partner",
            done="Asked. The clock stands still until the partner answers.",
            form=lambda _place, _row, sent: QuestionForm(offerings=len(open_offerings()), **sent),
            do=ask_for_information,
            values=lambda form: {
                "question": form.cleaned_data["question"],
                "fields": form.cleaned_data["fields_asked"],
            },
        ),
        Act(
            verb="extend",
            move=Move.EXTEND,
            title="Decide on the extension",
            hint="Until you decide, nothing expires under the partner.",
            submit="Decide, and tell the partner",
            done="Decided. The partner reads your sentence now.",
            form=_plain(ExtensionForm),
            do=decide_extension,
            values=lambda form: {
                "granted": form.cleaned_data["granted"] == "yes",
                "sentence": form.cleaned_data["sentence"],
            },
        ),
        Act(
            verb="revoke",
            move=Move.REVOKE,
            title="Revoke the approval",
            hint="The protection ends now and the opportunity it opened is closed as lost. What was sourced "
            "until today stays in its months. The partner may appeal.",
            submit="Revoke the approval",
            done="Revoked. The partner reads your sentence now.",
            form=_plain(RevocationForm),
            do=revoke,
            values=lambda form: {
                "reason": Reason(form.cleaned_data["reason"]),
                "sentence": form.told(),
                "note": form.cleaned_data["note"],
            },
        ),
    )
}


def moves_open(place: Place, row: Registration) -> list[Move]:
    """What the person may do with the registration now."""
    return open_moves(facts_of(row), place.actor.role, terms_in_force(), clock.now())


def act_page(request: PlacedRequest, row: Registration, verb: str, *, back: str) -> HttpResponse:
    """The page of an act: its form, or back to the registration once it is done.

    Raises ``Clash`` when the act is not open any more and nothing was sent.
    """
    act, place = ACTS[verb], request.place
    if request.method == "POST":
        form = act.form(place, row, {"data": request.POST})
        done = tried(
            form,
            lambda: act.do(
                actor=place.actor,
                registration=row,
                expected_version=form.cleaned_data["version"],
                **act.values(form),
            ),
        )
        if done is not None:
            messages.success(request, _said(act, done))
            return redirect(back)
    else:
        _check_open(place, row, act)
        form = act.form(place, row, {"initial": {"version": row.version}})
    context = {
        "act": act,
        "row": row,
        "form": form,
        "back": back,
        "protection": protection_of(row),
        "days_left": protection_days_left(row),
        "change": change_asked(row) if act.move is Move.TAKE_BACK else [],
    }
    return render(request, "deals/act.html", context, status=422 if form.is_bound else 200)


def _check_open(place: Place, row: Registration, act: Act) -> None:
    if act.move in moves_open(place, row):
        return
    refusal = why_not(act.move, facts_of(row), terms_in_force(), clock.now())
    state = row.get_state_display().lower()
    sentence = f"This registration is {state}; “{act.move.label.lower()}” is not possible from there."
    raise Clash(refusal.code if refusal else "illegal_move", refusal.sentence if refusal else sentence)


def _said(act: Act, row: Registration) -> str:
    if act.move is Move.CHANGE and row.state == State.IN_REVIEW:
        return "A person looks at the change. Until then we hold what was approved."
    if act.move is Move.ASK_EXTENSION:
        granted = row.extension_asked_at is None
        return "Extended at once: you kept us up to date." if granted else "Asked. You hear from us."
    return act.done
