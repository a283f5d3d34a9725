"""The conflict queue without a mouse: j and k walk the cases, Enter opens one."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from partners.core import clock
from tests.deals.making import account, registered
from tests.journeys.conftest import SignIn
from tests.support.cast import PASSWORD, Cast

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("queue_keys")]

NAMES = ("Fernhill Logistics", "Ostrava Foundry", "Marram Dairy")
QUEUE = "/p/northwind/conflicts/"
HINT = "j next case, k the one before, Enter opens it"


@pytest.fixture
def three(committed_cast: Cast) -> None:
    """Three claims on customers we have already, the first the nearest to its deadline."""
    for number, name in enumerate(NAMES):
        website = f"{name.lower().replace(' ', '-')}.com"
        with clock.at(clock.now() - timedelta(hours=3 - number)):
            account(committed_cast, name, website, "GB", is_customer=True)
            registered(committed_cast, customer_name=name, website=website, country="GB")


def on(page: Page, name: str) -> None:
    expect(page.get_by_role("link", name=name, exact=True).first).to_be_focused()


def test_cases_are_walked_and_opened_by_keys(three: None, sign_in: SignIn) -> None:
    page = sign_in("ops")
    page.goto(QUEUE)
    expect(page.get_by_text(HINT)).to_be_visible()
    for key, name in (
        ("j", NAMES[0]), ("k", NAMES[0]), ("j", NAMES[1]), ("j", NAMES[2]), ("j", NAMES[2]), ("k", NAMES[1]),
    ):  # fmt: skip
        page.keyboard.press(key)
        on(page, name)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/conflicts/[0-9a-z]{14}/"))
    expect(page.locator("h1")).to_contain_text(NAMES[1])
    page.goto(QUEUE)
    page.keyboard.press("k")
    on(page, NAMES[2])
    # In a field they are letters; and after a filter has changed the list they go by what is there.
    search = page.get_by_label("Search customers, partners, accounts")
    search.focus()
    page.keyboard.type("jkfoundry")
    expect(search).to_have_value("jkfoundry")
    search.fill("Foundry")
    expect(page.locator("#rows tbody tr")).to_have_count(1)
    search.blur()
    page.keyboard.press("j")
    on(page, NAMES[1])


def test_whoever_switched_single_keys_off_has_neither_keys_nor_hint(three: None, sign_in: SignIn) -> None:
    page = sign_in("ops")
    page.goto(QUEUE)
    page.evaluate("localStorage.setItem('prm.keys', 'off')")
    page.reload()
    expect(page.get_by_text(HINT)).to_be_hidden()
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.tagName") == "BODY"


def test_without_scripts_the_queue_is_a_plain_list(three: None, product: str, chromium: Browser) -> None:
    page = chromium.new_context(base_url=product, java_script_enabled=False).new_page()
    page.goto("/")
    page.get_by_label("Email").fill("ops@example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password", exact=True).press("Enter")
    page.wait_for_url(lambda url: "/accounts/" not in url)
    page.goto(QUEUE)
    expect(page.get_by_text(HINT)).to_be_hidden()
    page.get_by_role("link", name=NAMES[0], exact=True).first.click()
    expect(page.locator("h1")).to_contain_text(NAMES[0])
