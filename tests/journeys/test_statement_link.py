"""A rep without a sign-in gives a statement in a browser, by the link that came by mail."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from partners.core import clock
from tests.deals.making import account, registered
from tests.journeys.conftest import SignIn
from tests.support.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("statement_link")]

NAME = "Fernhill Logistics"


def mailed_link(outbox: Path) -> str:
    """The address in the one mail that asks for a statement; "" while it is not there."""
    for mail in outbox.glob("*"):
        if found := re.search(r"/statements/[\w-]+/", mail.read_text()):
            return found[0]
    return ""


@pytest.fixture
def waiting(committed_cast: Cast) -> None:
    """A claim on a customer we have already."""
    account(committed_cast, NAME, "fernhill-logistics.com", "GB", is_customer=True)
    registered(committed_cast, customer_name=NAME, website="fernhill-logistics.com", country="GB")


@pytest.mark.parametrize("scripts", [True, False])
def test_asked_by_mail_and_answered_in_a_browser(
    waiting: None, sign_in: SignIn, product: str, chromium: Browser, tmp_path: Path, scripts: bool
) -> None:
    ops = sign_in("ops")
    ops.goto("/p/northwind/conflicts/")
    ops.get_by_role("link", name=NAME).first.click()
    ops.get_by_text("Ask somebody by link").click()
    form = ops.locator("form", has=ops.locator("[name=email]"))
    for field, value in (("name", "Lena Rep"), ("email", "lena@example.com"), ("question", "Who met them?")):
        form.locator(f"[name={field}]").fill(value)
    form.get_by_role("button").click()
    expect(ops.locator("main")).to_contain_text("A link goes to lena@example.com")
    until = clock.now().timestamp() + 20
    while not (link := mailed_link(tmp_path / "outbox")) and clock.now().timestamp() < until:
        ops.wait_for_timeout(200)

    page = chromium.new_context(base_url=product, java_script_enabled=scripts).new_page()
    page.goto(link)
    page.get_by_label("What you know").fill("I met them on 3 May <b>.")
    page.get_by_role("button", name="Give the statement").click()
    expect(page.locator("body")).to_contain_text("Thank you")
    page.goto(link)
    expect(page.get_by_role("button", name="Give the statement")).to_have_count(0)
    ops.reload()
    expect(ops.locator("main")).to_contain_text("I met them on 3 May <b>.")
