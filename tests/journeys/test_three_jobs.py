"""The three jobs, by hand in a browser on the running product: register, rule, plan, and read the result."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from partners.core import clock
from tests.journeys.conftest import SignIn

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("three_jobs")]

CUSTOMER = "Harbour Street Clinic Ltd"


def register(page: Page, amount: str) -> None:
    page.goto("/portal/northwind/deals/new/")
    page.get_by_label("Customer").fill(CUSTOMER)
    page.get_by_label(re.compile("^Website")).fill("harbourstreetclinic.co.uk")
    page.get_by_label("Country").select_option(label="United Kingdom")
    page.get_by_label("Expected amount").fill(amount)
    page.get_by_label("Expected close").fill((clock.now() + timedelta(days=60)).date().isoformat())
    page.get_by_role("button", name="Register the deal").click()
    page.wait_for_url(re.compile(r"/deals/[0-9a-z]{14}/"))


def test_a_deal_is_registered_contested_ruled_on_and_counted(sign_in: SignIn) -> None:
    alder = sign_in("alder_seller")
    register(alder, "40000")
    expect(alder.locator("main")).to_contain_text("Approved")
    expect(alder.locator("main")).to_contain_text("90")

    birch = sign_in("birch_admin")
    register(birch, "35000")
    expect(birch.locator("main")).to_contain_text("In review")
    assert "Alder" not in birch.content()

    ops = sign_in("ops")
    ops.goto("/p/northwind/conflicts/")
    ops.get_by_role("link", name=CUSTOMER).first.click()
    expect(ops.locator("main")).to_contain_text("Alder Consulting")
    ops.get_by_label("For what was there before: decline").check()
    ops.get_by_label("Reason").select_option(label="An earlier claim holds the account")
    ops.get_by_label("Why, for the record").fill("Alder was approved first and is working the deal.")
    ops.get_by_role("button", name="Decide and notify partner").click()
    expect(ops.get_by_role("button", name="Decide and notify partner")).to_have_count(0)
    ops.goto("/p/northwind/conflicts/")
    expect(ops.locator("main")).not_to_contain_text(CUSTOMER)

    birch.reload()
    expect(birch.locator("main")).to_contain_text("Declined")
    assert "Alder" not in birch.content()

    leader = sign_in("leader")
    leader.goto("/p/northwind/pipeline/")
    for _ in range(20):  # a real worker recomputes the cells within seconds
        if "40" in leader.locator("main").inner_text().split("Sourced, won")[0]:
            break
        leader.wait_for_timeout(500)
        leader.reload()
    expect(leader.locator("main")).to_contain_text("EUR 40")


def follow(page: Page, name: str) -> None:
    """Go where a link leads, as a page of its own; that forms open in place is tested with plans."""
    page.goto(str(page.get_by_role("link", name=name).first.get_attribute("href")))


def send(page: Page, **values: str) -> None:
    """Fill the fields of the form that has them, and send it."""
    form = page.locator("form", has=page.locator(f"[name={next(iter(values))}]"))
    for name, value in values.items():
        form.locator(f"[name={name}]").fill(value)
    form.get_by_role("button").first.click()
    form.wait_for(state="detached")


def test_a_plan_is_written_proposed_and_agreed_by_both_sides(sign_in: SignIn) -> None:
    manager = sign_in("manager")
    manager.goto("/p/northwind/plans/new/")
    manager.get_by_label("Partner").select_option(label="Alder Consulting")
    send(manager, purpose="Give small clinics a better diary.")
    follow(manager, "Change the terms")
    send(manager, why_call_us="A service contract with every deal.")
    follow(manager, "Add a commitment")
    due = (clock.now() + timedelta(days=20)).date().isoformat()
    send(manager, what="Train two sellers", owner_name="Tom Wells", due_on=due)
    follow(manager, "Add a step")
    send(manager, name="First call held", proves="A recording")
    manager.get_by_role("button", name="Propose to the partner").click()
    manager.get_by_role("button", name="Approve for us").click()
    expect(manager.get_by_role("button", name="Approve for us")).to_have_count(0)

    admin = sign_in("alder_admin")
    admin.goto("/portal/northwind/plan/")
    expect(admin.locator("main")).to_contain_text("Train two sellers")
    admin.get_by_label("I have read this plan").check()
    admin.get_by_role("button", name="Agree", exact=True).click()
    expect(admin.locator("main")).to_contain_text("Agreed")

    manager.reload()
    expect(manager.locator("main")).to_contain_text("Agreed")
    follow(manager, "Log a check-in")
    manager.get_by_label("Yes, both confirmed it").check()
    send(manager, said="Both sellers know the first questions.")
    expect(manager.locator("main")).to_contain_text("Both sellers know the first questions.")
