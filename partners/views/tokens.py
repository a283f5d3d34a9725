"""One's own API tokens, at either door."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from partners.core.errors import DomainError
from partners.forms import TokenForm, blame
from partners.selectors import live_tokens
from partners.services.tokens import create_token, revoke_token
from partners.views.gates import PlacedRequest, portal, workspace
from partners.views.people import address


def _tokens(request: PlacedRequest) -> HttpResponse:
    """The list; after POST also the new token's secret, on this page and never again."""
    place = request.place
    form = TokenForm(request.POST or None)
    secret = ""
    if request.method == "POST" and form.is_valid():
        try:
            _token, secret = create_token(actor=place.actor, seat=place.seat, name=form.cleaned_data["name"])
        except DomainError as error:
            blame(form, error)
        else:
            form = TokenForm()
    lines = [
        {"row": token, "revoke_url": address(place, "token_revoke", public_id=token.public_id)}
        for token in live_tokens(place.seat)
    ]
    context = {"form": form, "secret": secret, "lines": lines, "tokens_url": address(place, "tokens")}
    return render(request, "partners/tokens.html", context, status=422 if form.errors else 200)


def _token_revoke(request: PlacedRequest, public_id: str) -> HttpResponse:
    revoke_token(actor=request.place.actor, public_id=public_id[:40])
    messages.success(request, "Revoked. What used it is refused from now on.")
    return redirect(address(request.place, "tokens"))


tokens = workspace("tokens.own", methods=("GET", "POST"))(_tokens)
token_revoke = workspace("tokens.own", methods=("POST",))(_token_revoke)
portal_tokens = portal("tokens.own", methods=("GET", "POST"))(_tokens)
portal_token_revoke = portal("tokens.own", methods=("POST",))(_token_revoke)
