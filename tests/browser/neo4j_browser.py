"""Driving a real Neo4j Browser in headless Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_FRAME = "[data-testid=frame]"
_PATIENCE = 120_000  # milliseconds: a machine that runs other tests is slow


def chromium() -> str | None:
    """Chromium's path, or None where it is not installed."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def browser_page(http_port: int, bolt_port: int, password: str) -> Iterator[Page]:
    """A Browser page that is logged in."""
    with sync_playwright() as playwright:
        executable = chromium()
        assert executable, "Chromium is not installed: apt-get install chromium"
        chrome = playwright.chromium.launch(executable_path=executable, args=_FLAGS)
        try:
            page = chrome.new_page(viewport={"width": 1500, "height": 1150})
            page.set_default_timeout(_PATIENCE)
            page.goto(f"http://localhost:{http_port}/browser/?dbms=bolt://localhost:{bolt_port}")
            page.fill("[data-testid=username]", "neo4j")
            page.fill("[data-testid=password]", password)
            page.click("[data-testid=connect]")
            page.wait_for_selector("[data-testid=password]", state="detached")
            yield page
        finally:
            chrome.close()


def run_query(page: Page, query: str) -> None:
    """Paste a query into the editor, run it and wait for its frame, which is the first one."""
    _age(page)
    page.click("[data-testid=activeEditor]")
    page.keyboard.insert_text(query)
    page.click("[data-testid=editor-Run]")
    page.wait_for_selector(f"{_FRAME}:not([data-old])")


def open_guide(page: Page, address: str) -> int:
    """Open a guide in the drawer; the number of its slides."""
    page.click("[data-testid=activeEditor]")
    page.keyboard.insert_text(f":guide {address}")
    page.click("[data-testid=editor-Run]")
    page.wait_for_selector("[data-testid=guideNextSlide]")
    return page.locator("[data-testid^=pagination-]").count()


def click_of_guide(page: Page, slide: int, selector: str, number: int = 0) -> None:
    """Click something of a slide that runs a command, and wait for its frame."""
    page.click(f"[data-testid=pagination-{slide}]")
    _age(page)
    page.locator(f"[data-testid=guidesDrawer] {selector}").nth(number).click()
    page.wait_for_selector(f"{_FRAME}:not([data-old])")


def count_in_guide(page: Page, slide: int, selector: str) -> int:
    page.click(f"[data-testid=pagination-{slide}]")
    return page.locator(f"[data-testid=guidesDrawer] {selector}").count()


def colors(page: Page) -> set[str]:
    """Fill colours of the nodes in the newest picture."""
    page.wait_for_selector("svg .node")
    circles = page.locator(_FRAME).first.locator("svg g.node circle.b-outline")
    return {str(one.get_attribute("fill")).upper() for one in circles.all()}


def _age(page: Page) -> None:
    """Mark the frames that are there, so that a new one can be waited for."""
    page.evaluate(f"document.querySelectorAll('{_FRAME}').forEach(one => one.dataset.old = '')")


def answer(page: Page) -> str:
    """The text of the newest frame, once it stays the same."""
    frame = page.locator(_FRAME).first
    shown = None
    while shown != (shown := frame.inner_text()):
        page.wait_for_timeout(1_500)
    return shown


def captions(page: Page) -> list[str]:
    """The captions of the nodes and relationships in the newest picture."""
    page.wait_for_selector("svg .node")
    page.wait_for_timeout(3_000)  # the layout moves until it has settled
    return [text for text in page.locator("svg text").all_text_contents() if text.strip()]


def drawn(page: Page) -> tuple[int, int]:
    """How many nodes and relationships the picture has."""
    return page.locator("svg g.node").count(), page.locator("svg g.relationship").count()


def screenshot(page: Page, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(path))
