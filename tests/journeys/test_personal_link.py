"""A seller makes a personal link in the portal, and a deal is registered by it without a sign-in."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from partners.core import clock
from tests.deals.making import claim
from tests.journeys.conftest import SignIn

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("personal_link")]


def fill_in(page: Page, customer: str, website: str) -> None:
    day = claim().expected_close or clock.now().date()
    for name, value in (
        ("customer_name", customer),
        ("website", website),
        ("amount", "25000"),
        ("expected_close", day.isoformat()),
    ):
        page.locator(f"[name={name}]").fill(value)
    page.locator("[name=country]").select_option("DE")


def registrations(seller: Page) -> list[str]:
    """The customers of the partner's deals, as the portal lists them."""
    seller.goto("/portal/northwind/deals/")
    return sorted(name.strip() for name in seller.locator("main tbody th").all_inner_texts())


@pytest.mark.parametrize("scripts", [True, False])
def test_from_making_a_link_to_an_answered_deal(
    sign_in: SignIn, product: str, chromium: Browser, scripts: bool
) -> None:
    seller = sign_in("alder_seller")
    seller.goto("/portal/northwind/deals/new/")
    seller.get_by_role("link", name="Your personal link").click()
    seller.get_by_role("button", name="Make a link").click()
    address = seller.get_by_label("The personal link").input_value()
    assert re.fullmatch(rf"{product}/register/[\w-]{{43}}/", address)
    if scripts:
        seller.context.grant_permissions(["clipboard-read", "clipboard-write"])
        seller.get_by_role("button", name="Copy").click()
        expect(seller.get_by_role("button", name="Copied")).to_be_visible()
        assert seller.evaluate("navigator.clipboard.readText()") == address

    wrong: list[str] = []
    context = chromium.new_context(base_url=product, java_script_enabled=scripts)
    page = context.new_page()
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.goto(address)
    assert "sessionid" not in {cookie.get("name") for cookie in context.cookies()}
    fill_in(page, "Quillmark Robotics", "quillmark-robotics.com")
    page.get_by_role("button", name="Register the deal").click(click_count=2)  # as impatient people do
    expect(page.locator("main")).to_contain_text("Approved: nothing stood against it.")
    assert registrations(seller) == ["Quillmark Robotics"]

    page.reload()  # the browser sends the form again
    expect(page.locator("main")).to_contain_text("Approved: nothing stood against it.")
    assert registrations(seller) == ["Quillmark Robotics"]

    page.goto(address)
    fill_in(page, "Thistledown Bakery", "thistledown-bakery.com")
    page.get_by_role("button", name="Register the deal").click()
    expect(page.locator("main")).to_contain_text("Approved: nothing stood against it.")
    page.get_by_role("link", name="Register another deal").click()
    expect(page.locator("[name=customer_name]")).to_have_value("")
    assert registrations(seller) == ["Quillmark Robotics", "Thistledown Bakery"]
    assert wrong == []

    seller.goto("/portal/northwind/link/")
    expect(seller.locator("#link")).not_to_contain_text("never")
    seller.get_by_role("button", name="End the link").click()
    expect(seller.get_by_role("button", name="End the link")).to_have_count(0)
    assert page.goto(address).status == 410
    expect(page.locator("main")).to_contain_text("This link no longer works.")
