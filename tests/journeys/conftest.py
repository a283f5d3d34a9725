"""A browser in front of the running product."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.browser import find
from tests.support.cast import PASSWORD, Cast
from tests.support.stack import running

type SignIn = Callable[[str], Page]


@pytest.fixture
def product(committed_cast: Cast, tmp_path: Path, worker_id: str) -> Iterator[str]:
    """The address of the product with the cast in it."""
    with running(tmp_path, worker_id) as address:
        yield address


@pytest.fixture
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=find(), args=flags)
        yield browser
        browser.close()


@pytest.fixture
def sign_in(product: str, chromium: Browser) -> Iterator[SignIn]:
    """Sign in as one of the cast in a browser of their own; console errors fail the test."""
    wrong: list[str] = []

    def go(who: str) -> Page:
        page = chromium.new_context(base_url=product, viewport={"width": 1280, "height": 900}).new_page()
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto("/")
        page.get_by_label("Email").fill(f"{who}@example.com")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_label("Password", exact=True).press("Enter")
        page.wait_for_url(lambda url: "/accounts/" not in url)
        return page

    yield go
    assert wrong == []
