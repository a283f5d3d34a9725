"""The shell round every page: navigation by role, sign-in, error pages, the files it rests on."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import Http404, HttpResponse
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import include, path

from config.context import shell
from partners.core.actor import PARTNER_ROLES, Role
from partners.rules.roles import may
from partners.views.styleguide import styleguide

REPOSITORY = Path(__file__).resolve().parent.parent.parent
STATIC = REPOSITORY / "partners" / "static"


def nowhere(request: Any, **_kwargs: Any) -> HttpResponse:
    raise AssertionError("only the address is asked for")


def section(namespace: str, *names: str) -> Any:
    return include(([path(f"{namespace}/{name}/", nowhere, name=name) for name in names], namespace))


PARTNERS = (
    *("list", "people", "activities", "program", "tokens", "notices"),
    *("portal_people", "portal_tokens", "portal_notices"),
)

# A product in which some modules are open and others (plans, imports) are not.
urlpatterns = [
    path("p/<slug:program>/", section("prm", "today", "pipeline")),
    path("<slug:program>/", section("partners", *PARTNERS)),
    path("p/<slug:program>/", section("deals", "registrations", "accounts", "opportunities", "conflicts")),
    path("portal/<slug:program>/", section("portal", "home", "deals", "plan")),
]


def drawn(role: Role, address: str = "/elsewhere/") -> dict[str, Any]:
    """What the shell knows for somebody of ``role`` at ``address``."""
    request = RequestFactory().get(address)
    request.place = SimpleNamespace(  # type: ignore[attr-defined]
        door="portal" if role in PARTNER_ROLES else "workspace",
        program=SimpleNamespace(slug="north", name="<b>North</b>", vendor="North Ltd"),
        partner=SimpleNamespace(name="Alder"),
        actor=SimpleNamespace(name="Ada", role=role),
        can=lambda permission: may(role, permission),
    )
    return {**shell(request), "request": request}


def labels(role: Role) -> list[str]:
    return [entry["label"] for entry in drawn(role)["nav"]["entries"]]


@pytest.mark.urls(__name__)
def test_navigation_shows_what_is_open_and_what_the_role_may_see() -> None:
    assert labels(Role.LEADER) == ["Today", "Partners", "Deals", "Conflicts", "Pipeline", "Program"]
    assert labels(Role.REP) == ["Today", "Deals", "Conflicts", "Pipeline", "Program"]
    assert labels(Role.SPONSOR) == ["Today", "Partners", "Pipeline", "Program"]
    assert labels(Role.PARTNER_SELLER) == ["Home", "Deals", "Plan"]


@pytest.mark.urls(__name__)
def test_a_section_leads_to_its_first_page_the_role_may_see() -> None:
    urls = {
        role: next(e["url"] for e in drawn(role)["nav"]["entries"] if e["label"] == "Deals")
        for role in (Role.LEADER, Role.REP)
    }
    assert urls == {
        Role.LEADER: "/p/north/deals/registrations/",
        Role.REP: "/p/north/deals/accounts/",
    }


@pytest.mark.urls(__name__)
def test_where_one_is_is_marked() -> None:
    nav = drawn(Role.LEADER, "/p/north/deals/accounts/x1/")["nav"]
    assert [entry["label"] for entry in nav["entries"] if entry["active"]] == ["Deals"]
    assert [page["label"] for page in nav["pages"] if page["active"]] == ["Accounts"]
    assert drawn(Role.LEADER, "/p/north/prm/pipeline/")["nav"]["pages"] == []
    assert not any(entry["active"] for entry in drawn(Role.LEADER)["nav"]["entries"])


@pytest.mark.urls(__name__)
@pytest.mark.parametrize("role", [Role.LEADER, Role.PARTNER_ADMIN])
def test_the_shell_is_drawn_with_landmarks_and_names_as_text(role: Role) -> None:
    html = render_to_string("base.html", drawn(role))
    assert "&lt;b&gt;North&lt;/b&gt;" in html
    assert "<b>North" not in html
    assert html.count("<main") == html.count("<h1>") == 1
    assert '<a class="skip" href="#main">' in html
    assert html.count('data-key="d"') == 1
    assert ("for Alder" in html) is (role in PARTNER_ROLES)


def test_outside_a_program_there_is_no_navigation() -> None:
    assert shell(RequestFactory().get("/"))["shell"] == "bare"
    assert shell(RequestFactory().get("/"))["nav"]["entries"] == []


def test_styleguide_is_for_builders_only(settings: Any) -> None:
    settings.LOCAL = False
    with pytest.raises(Http404):
        styleguide(RequestFactory().get("/styleguide/"))


# ---- sign-in -----------------------------------------------------------------------------------------


def test_sign_in_offers_a_password_and_a_code(db: None) -> None:
    html = Client().get("/accounts/login/").content.decode()
    assert 'name="login"' in html
    assert 'name="password"' in html
    assert "Send me a code instead" in html
    assert 'hx-headers=\'{"X-CSRFToken"' in html


def test_a_wrong_password_is_said_and_the_address_is_kept(db: None) -> None:
    answer = Client().post("/accounts/login/", {"login": "nobody@example.com", "password": "wrong wrong"})
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "One thing to correct" in html
    assert 'value="nobody@example.com"' in html
    assert "wrong wrong" not in html


@pytest.mark.parametrize(
    "address", ["/accounts/login/code/", "/accounts/password/reset/", "/accounts/signup/"]
)
def test_the_other_ways_in_are_drawn_by_us(address: str, db: None) -> None:
    html = Client().get(address).content.decode()
    assert 'class="shell-bare' in html
    assert "<h1>" in html


def test_ones_own_account_is_drawn_by_us(cast: Any) -> None:
    client = cast.client("leader")
    for address in ("/accounts/password/change/", "/accounts/2fa/", "/accounts/email/", "/accounts/logout/"):
        html = client.get(address, follow=True).content.decode()
        assert "Back to your work" in html, address


# ---- files --------------------------------------------------------------------------------------------


def test_every_template_is_a_page_a_part_or_a_component() -> None:
    lost = []
    for template in REPOSITORY.glob("*/templates/**/*.html"):
        text = template.read_text()
        whole_page = re.search(r"<html|<body", text) and template.name != "base.html"
        if whole_page or not text.lstrip().startswith(("{#", "{% extends")):
            lost.append(str(template.relative_to(REPOSITORY)))
    assert lost == []


def test_styles_and_scripts_fetch_nothing_from_elsewhere() -> None:
    for file in [*STATIC.rglob("*.css"), *STATIC.rglob("*.js")]:
        assert not re.search(r"https?:|@import|url\(", file.read_text()), file.name


def _tokens() -> dict[str, tuple[str, str]]:
    """Every colour token as (light, dark)."""
    text = (STATIC / "css" / "tokens.css").read_text()
    pairs = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", text)
    tokens = {name: (light, dark) for name, light, dark in pairs}
    tokens |= {name: (value, value) for name, value in re.findall(r"--([\w-]+): (#\w{6});", text)}
    for name, other in re.findall(r"--([\w-]+): var\(--([\w-]+)\)", text):
        if other in tokens:
            tokens[name] = tokens[other]
    return tokens


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


GROUNDS = ["bg", "surface", "rail", "sunken"]
TEXT_PAIRS = [
    (ink, ground) for ink in ("ink", "muted", "accent", "good", "warn", "bad") for ground in GROUNDS
]
TEXT_PAIRS += [(tone, f"{tone}-soft") for tone in ("good", "warn", "bad", "info", "neutral")]
TEXT_PAIRS += [("on-accent", "accent-fill"), ("on-accent", "accent-fill-hover"), ("accent", "accent-soft")]
LINE_PAIRS = [
    ("line-strong", "bg"),
    ("line-strong", "surface"),
    ("series-1", "surface"),
    ("series-2", "surface"),
]


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("one", "other", "least"), [(*pair, 4.5) for pair in TEXT_PAIRS] + [(*pair, 3.0) for pair in LINE_PAIRS]
)
def test_contrast(one: str, other: str, least: float, scheme: int) -> None:
    tokens = _tokens()
    assert _contrast(tokens[one][scheme], tokens[other][scheme]) >= least
