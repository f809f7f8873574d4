"""Chromium as the system has it, driven by Playwright."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.reports.test_browser import BROWSER

PATIENCE_SECONDS = 60.0  # a busy machine may need long for what takes a second
SIZE = {"width": 1280, "height": 860}
GRAVE = ("serious", "critical")


@contextmanager
def opened() -> Iterator[Browser]:
    """A browser; where there is none, the test is skipped, but not in continuous integration."""
    if BROWSER is None:
        if os.environ.get("CI"):
            raise FileNotFoundError("expected Chromium on PATH, found none; `make setup` as root installs it")
        pytest.skip("needs Chromium, which is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu"])
        try:
            yield browser
        finally:
            browser.close()


def new_page(browser: Browser) -> Page:
    """A page of somebody with cookies of their own."""
    expect.set_options(timeout=1000 * PATIENCE_SECONDS)
    page = browser.new_context(viewport=SIZE, locale="en-GB").new_page()  # type: ignore[arg-type]
    page.set_default_timeout(1000 * PATIENCE_SECONDS)
    return page


def barriers(page: Page) -> list[str]:
    """What axe-core finds on the page that shuts somebody out: a line for each rule that is broken seriously."""
    found = Axe().run(page).response["violations"]
    return [
        f"{page.url}: {one['id']} ({one['impact']}), {one['help']}: {one['nodes'][0]['html'][:120]}"
        for one in found
        if one["impact"] in GRAVE
    ]
