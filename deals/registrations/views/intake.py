"""Taking in a claim from a form: shared by the portal and by staff who enter one for a partner."""

from typing import Any

from django.http import HttpRequest

from deals.models import Registration
from deals.registrations.forms.claim import RegistrationForm, typed
from deals.registrations.submit import edit_draft, register, save_draft, submit_registration
from deals.rules.lifecycle import State
from partners.access import Place
from partners.core.errors import Clash, DomainError
from partners.core.ids import new_public_id
from partners.forms import tried
from partners.models import Partner, PartnerStatus
from partners.selectors import Promise, open_offerings


def claim_form(
    request: HttpRequest, place: Place, draft: Registration | None, *, choose_partner: bool = False
) -> RegistrationForm:
    """The form as sent, or a fresh one (of a draft, if there is one)."""
    settings: dict[str, Any] = {"currency": place.program.currency, "offerings": open_offerings()}
    if choose_partner:
        settings["partners"] = list(Partner.objects.exclude(status=PartnerStatus.ENDED).order_by("name"))
    if request.method == "POST":
        return RegistrationForm(request.POST, draft="draft" in request.POST, **settings)
    first = typed(draft) if draft else {"key": new_public_id(), "currency": place.program.currency}
    if choose_partner:
        first["partner"] = request.GET.get("partner", "")
    return RegistrationForm(initial=first, **settings)


def take_in(
    request: HttpRequest, place: Place, form: RegistrationForm, draft: Registration | None
) -> Registration | None:
    """Save or submit what was sent. None when something is wrong, which the form then shows.

    A form sent twice leads to the registration its first sending made.
    """
    if draft is None:
        return tried(form, lambda: _make(request, place, form))
    return tried(form, lambda: _change(request, place, form, draft, form.cleaned_data["version"]))


def _make(request: HttpRequest, place: Place, form: RegistrationForm) -> Registration:
    act = save_draft if "draft" in request.POST else register
    key = form.cleaned_data["key"]
    try:
        return act(actor=place.actor, claim=form.claim(), partner_id=form.partner_id(), public_id=key)
    except Clash as refusal:
        made = Registration.objects.filter(public_id=key).first() if refusal.code == "sent_twice" else None
        if made is None:
            raise
        return _change(request, place, form, made, None) if made.state == State.DRAFT else made


def _change(
    request: HttpRequest, place: Place, form: RegistrationForm, draft: Registration, version: int | None
) -> Registration:
    """Save what was typed, and submit it unless it is to stay a draft; when refused, the draft is kept."""
    edited = edit_draft(actor=place.actor, registration=draft, claim=form.claim(), expected_version=version)
    if "draft" in request.POST:
        return edited
    try:
        return submit_registration(actor=place.actor, registration=edited)
    except DomainError:
        # What is shown again is the version just saved.
        form.data = {**request.POST.dict(), "version": str(edited.version)}
        raise


def promise_in_words(promise: Promise) -> str:
    """What the form says we give in return, in one line."""
    days = promise.decision_days
    return (
        f"Our answer comes at once, or within {days} business day{'' if days == 1 else 's'}; "
        f"an approved deal is protected for {promise.protection_days} days."
    )


def what_happened(registration: Registration) -> str:
    """The message after a form was taken in."""
    return said_of(registration.state)


def said_of(state: str) -> str:
    """The same, of the state a form led to."""
    return {
        State.DRAFT: "Draft saved. Nothing is claimed until you register it.",
        State.APPROVED: "Approved: nothing stood against it.",
        State.IN_REVIEW: "Registered. A person looks at it and answers by the time given.",
        State.DUPLICATE: "You have a live registration for this customer already.",
    }.get(State(state), "Saved.")
