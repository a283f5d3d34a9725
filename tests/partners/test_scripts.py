"""What app.js adds, in a real Chromium under the real Content-Security-Policy; and pages without scripts."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test import override_settings
from django.test.testcases import LiveServerThread
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from tests.support.browser import find

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The styleguide on a port of its own; it reads no rows, so no database stands behind it."""
    with override_settings(LOCAL=True, ALLOWED_HOSTS=["127.0.0.1"]):
        thread = LiveServerThread("127.0.0.1", StaticFilesHandler)
        thread.daemon = True
        thread.start()
        thread.is_ready.wait()
        assert thread.error is None
        yield f"http://127.0.0.1:{thread.port}/styleguide/"
        thread.terminate()


@pytest.fixture(scope="module")
def driver() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def chromium(driver: Playwright) -> Iterator[Browser]:
    browser = driver.chromium.launch(executable_path=find(), args=["--no-sandbox"])
    yield browser
    browser.close()


@pytest.fixture
def screen(chromium: Browser, address: str) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(address)
    yield page
    context.close()
    # What a test made the network do is in the console, too; everything else there is a fault.
    assert [text for text in wrong if not text.startswith(("Failed to load resource", "htmx:"))] == []


def test_slash_finds_the_search_and_typing_filters_the_list(screen: Page) -> None:
    screen.keyboard.press("/")
    screen.keyboard.type("kestrel")
    screen.wait_for_url("**/styleguide/?q=kestrel")
    expect(screen.locator("#rows tbody tr")).to_have_count(1)
    expect(screen.locator("#heard")).to_have_text("1 row shown")
    # What stands beside the list follows: the export is of what one sees, and the filter can be cleared.
    expect(screen.get_by_role("link", name="CSV").last).to_have_attribute("href", "?q=kestrel&format=csv")
    expect(screen.get_by_role("link", name="Clear")).to_be_visible()
    screen.fill("input[name=q]", "nobody at all")
    screen.locator("#rows", has_text="No customer matches").wait_for()


def test_question_mark_lists_the_keys_and_they_can_be_switched_off(screen: Page) -> None:
    screen.keyboard.press("?")
    expect(screen.locator("#keys")).to_be_visible()
    screen.get_by_label("Single keys work on this computer").uncheck()
    screen.keyboard.press("Escape")
    expect(screen.locator("#keys")).to_be_hidden()
    screen.keyboard.press("?")
    expect(screen.locator("#keys")).to_be_hidden()
    screen.reload()
    screen.keyboard.press("?")
    expect(screen.locator("#keys")).to_be_hidden()


def test_a_dialog_opens_and_closes_and_gives_the_focus_back(screen: Page) -> None:
    opener = screen.get_by_role("link", name="Open a dialog")
    opener.click()
    expect(screen.locator("#sample")).to_be_visible()
    screen.locator("#sample").get_by_role("button", name="Close").click()
    expect(screen.locator("#sample")).to_be_hidden()
    expect(opener).to_be_focused()


def test_a_remembered_theme_is_there_before_the_page_is_drawn(screen: Page) -> None:
    screen.evaluate("localStorage.setItem('prm.theme', 'dark')")
    screen.reload(wait_until="commit")
    screen.wait_for_function("document.body")
    assert screen.evaluate("document.documentElement.dataset.theme") == "dark"
    assert screen.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(21, 21, 23)"


def test_errors_take_the_focus(screen: Page) -> None:
    screen.evaluate("document.querySelectorAll('[required]').forEach(e => e.required = false)")
    screen.get_by_role("button", name="Register", exact=True).click()
    expect(screen.locator(".form-errors")).to_be_focused()
    screen.locator(".form-errors a").first.click()
    expect(screen.locator("#id_customer")).to_be_focused()


REFUSED = "<!doctype html><html><body><h1>No</h1><p data-refusal>Somebody was &lt;faster&gt;.</p>"


@pytest.mark.parametrize("status", [403, 404, 409, 412, 500])
def test_a_refusal_is_said_and_the_part_stays(screen: Page, status: int) -> None:
    body = REFUSED.replace("<faster>", "&lt;faster&gt;")
    screen.route(
        "**/*q=refused*", lambda route: route.fulfill(status=status, body=body, content_type="text/html")
    )
    screen.fill("input[name=q]", "refused")
    screen.locator("#messages", has_text="Somebody was <faster>.").wait_for()
    expect(screen.locator("#rows tbody tr")).to_have_count(5)
    expect(screen.locator("main")).to_have_count(1)


def test_a_sign_in_page_is_gone_to_instead_of_drawn_into_the_list(screen: Page) -> None:
    answer: Any = {"status": 302, "headers": {"location": "/accounts/login/"}, "body": ""}
    screen.route("**/*q=ended*", lambda route: route.fulfill(**answer))
    screen.fill("input[name=q]", "ended")
    screen.wait_for_url("**/accounts/login/")
    expect(screen.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_network_that_is_away_is_said(screen: Page) -> None:
    screen.route("**/*q=away*", lambda route: route.abort())
    screen.fill("input[name=q]", "away")
    screen.locator("#messages", has_text="could not be reached").wait_for()
    expect(screen.locator("#rows tbody tr")).to_have_count(5)


def test_everything_works_without_scripts(chromium: Browser, address: str) -> None:
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 360, "height": 800})
    page = context.new_page()
    page.goto(address)
    expect(page.locator("[data-needs-script]:visible")).to_have_count(0)
    page.fill("input[name=q]", "kestrel")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#rows tbody tr")).to_have_count(1)
    context.close()


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_of_all_components_is_accessible_and_fits(
    chromium: Browser, address: str, width: int, scheme: Any
) -> None:
    context = chromium.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True
    )
    page = context.new_page()
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    found = Axe().run(page).response["violations"]
    assert [(item["id"], len(item["nodes"])) for item in found] == []
    context.close()


@pytest.mark.parametrize("width", [360, 1280])
def test_no_name_however_long_widens_the_page(screen: Page, width: int) -> None:
    screen.set_viewport_size({"width": width, "height": 800})
    screen.evaluate(
        """word => document.querySelectorAll(
             "h1, h2, h3, p, dd, dt, td, th a, label, .badge, .button, .tabs a, .stat-value, .event-title"
           ).forEach(element => { element.append(word) })""",
        "Donaudampfschifffahrtsgesellschaftskapitän" * 3,
    )
    assert screen.evaluate("document.documentElement.scrollWidth") == width
