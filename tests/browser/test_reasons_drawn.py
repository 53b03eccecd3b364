"""The page of ``explain --html`` in Chromium: nothing is fetched, and no caption leaves its box."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from neo4j_browser import chromium
from playwright.sync_api import sync_playwright

from reelgraph.cli.reasons_page import reasons_page
from reelgraph.explore.reasons_page import write_page

pytestmark = pytest.mark.browser

_TITLES = (
    "Dr. Strangelove or: How I Learned to Stop Worrying and Love the Bomb",
    "WWWWWWWWWW MMMMMMMMMM WWWWWWWWWW",
    "<b>Heat</b> & “quotes”",
    "Up",
)
_OUTSIDE = """
[...document.querySelectorAll('svg g text')].filter(text => text.getClientRects().length)
  .filter(text => {
    const own = text.getBBox(), box = text.closest('g').querySelector('rect').getBBox();
    return own.x < box.x || own.x + own.width > box.x + box.width ||
      own.y < box.y || own.y + own.height > box.y + box.height + 1;
  }).map(text => text.textContent)
"""
_CROSSING = """
[...document.querySelectorAll('svg rect')].map(one => one.getBoundingClientRect())
  .filter(one => one.width)
  .flatMap((one, n, all) => all.slice(n + 1).filter(other =>
    one.left < other.right && other.left < one.right &&
    one.top < other.bottom && other.top < one.bottom)).length
"""


def found() -> dict[str, Any]:
    shared = [
        {"name": f"{title} and Company", "here": "DIRECTED", "there": there}
        for title, there in zip(_TITLES, ("DIRECTED", "ACTED_IN", "DIRECTED", "WROTE"), strict=True)
    ]
    evidence = [
        {
            **{"itemId": n, "title": title, "year": 1964, "contribution": 0.5 - n / 4},
            **{"rating": 4.5, "ratingScale": 5.0, "timestamp": 889_000_000},
            "shared": shared[n:],
        }
        for n, title in enumerate(_TITLES)
    ]
    return {"itemId": 9, "title": _TITLES[0], "rank": 1, "score": 4.3, "evidence": evidence}


@pytest.mark.parametrize("width", [1100, 360])
@pytest.mark.parametrize("media", ["screen", "print"])
def test_captions_stay_in_their_boxes(tmp_path: Path, width: int, media: Any) -> None:
    path = tmp_path / "why.html"
    write_page(path, reasons_page(found(), 1, "passed"))
    fetched: list[str] = []
    with sync_playwright() as playwright:
        assert chromium(), "Chromium is not installed: apt-get install chromium"
        chrome = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        context = chrome.new_context(
            java_script_enabled=True, offline=True, viewport={"width": width, "height": 800}
        )
        page = context.new_page()
        page.on("request", lambda request: fetched.append(request.url))
        page.goto(path.as_uri())
        page.emulate_media(media=media, color_scheme="dark")
        assert page.evaluate(_OUTSIDE) == []
        assert page.evaluate(_CROSSING) == 0
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        background = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert background == ("rgb(255, 255, 255)" if media == "print" else "rgb(21, 25, 29)")
        chrome.close()
    assert fetched == [path.as_uri()]
