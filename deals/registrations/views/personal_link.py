"""The page behind a personal link: the form of a claim, and the answer to it. No list, no portal."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from deals.common.pages import quiet
from deals.registrations.forms.claim import RegistrationForm
from deals.registrations.personal_link import LinkAnswer, register_by_link
from deals.registrations.views.intake import claim_form, promise_in_words, said_of
from partners.access import Place, enter_by_link
from partners.core.errors import Clash, DomainError, NotFound
from partners.core.ids import new_public_id
from partners.forms import blame
from partners.models import PersonalLink
from partners.selectors import promise_in_force
from partners.services.tokens import digest_of


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def by_link(request: HttpRequest, secret: str) -> HttpResponse:
    """Register a deal as the link's seat. Opening it uses nothing up and leaves nothing behind."""
    try:
        with enter_by_link(digest_of(secret)) as (place, link), timezone.override(place.program.timezone):
            return quiet(_page(request, place, link))
    except (Clash, NotFound) as refusal:
        status = 404 if isinstance(refusal, NotFound) else 410
        return quiet(render(request, "deals/link_closed.html", {"refusal": refusal}, status=status))


def _page(request: HttpRequest, place: Place, link: PersonalLink) -> HttpResponse:
    form = claim_form(request, place, None)
    context: dict[str, Any] = {"program": place.program, "partner": place.partner, "seller": place.seat.user}
    if request.method == "POST" and form.is_valid():
        answer = _registered(place, link, form)
        if answer is not None:
            context |= {"answer": answer, "sentence": said_of(answer.state)}
            return render(request, "deals/link_answer.html", context)
    promise = promise_in_force()
    context |= {"form": form, "promise": promise, "hint": promise_in_words(promise)}
    return render(request, "deals/link.html", context, status=422 if form.is_bound else 200)


def _registered(place: Place, link: PersonalLink, form: RegistrationForm) -> LinkAnswer | None:
    """The answer, or None when something is wrong, which the form then shows."""
    key = form.cleaned_data["key"] or new_public_id()
    try:
        return register_by_link(
            actor=place.actor, link=link, seat=place.seat, claim=form.claim(), form_id=key
        )
    except DomainError as refusal:
        if refusal.code == "link_ended":
            raise
        if refusal.code == "sent_before":  # what is sent once more is another form
            form.data = {**dict(form.data.items()), "key": new_public_id()}
        blame(form, refusal)
        return None
