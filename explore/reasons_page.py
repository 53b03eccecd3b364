"""The reasons of one recommendation as a page that needs nothing else: no network, no script."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from pathlib import Path

from ..artifacts import atomic
from ..errors import InputError
from .look import DARK, ROLES, WHITE, contrast, darker
from .reasons_picture import Picture, Reason, pictures

GENERATOR = "reelgraph explain --html"
_MARK = re.compile(r"\{\{(\w+)\}\}")
_BOXES = {
    "user": ROLES["User"],
    "item": ROLES["Item"],
    "known": ROLES["Entity"],
    "found": ROLES["Item"],
}


@dataclass(frozen=True)
class ReasonsPage:
    """What the page says. ``warning`` is empty where there is nothing to warn of."""

    heading: str
    lead: str
    picture: Picture
    note: str
    warning: str = ""

    def html(self) -> str:
        """The page. All texts are escaped: titles are data."""
        template = (files(__package__) / "reasons.html").read_text(encoding="utf-8")
        words = {
            "generator": GENERATOR,
            "heading": escape(self.heading),
            "warning": f'<p class="warn">{escape(self.warning)}</p>\n' if self.warning else "",
            "lead": escape(self.lead),
            "pictures": pictures(self.picture),
            "sentences": "\n".join(map(_sentence, self.picture.reasons)),
            "note": escape(self.note),
            "known": ROLES["Entity"],
            "boxes": _box_rules(_BOXES),
        }
        return _MARK.sub(lambda mark: words[mark[1]], template)


def write_page(path: Path, page: ReasonsPage) -> None:
    """Write the page; a file that is there is replaced only if it is such a page.

    :raises InputError: when another file is there, or the page cannot be written.
    """
    try:
        if path.exists() and not _is_page(path):
            raise InputError(
                f"{path} is there and is not a page that 'explain --html' wrote",
                "Move it away to keep it, or name another file with --html.",
            )
        with atomic(path) as temporary:
            temporary.write_text(page.html(), encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"cannot write {path}: {error.strerror}", "Name another file with --html."
        ) from None


def _is_page(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(1000)
    return f'<meta name="generator" content="{GENERATOR}">'.encode() in head


def _sentence(reason: Reason) -> str:
    before, title, after = (escape(part) for part in reason.sentence)
    return f"<li>{before}<cite>{title}</cite>{after}.</li>"


def _box_rules(colors: Mapping[str, str]) -> str:
    rules = []
    for kind, color in colors.items():
        text = max((DARK, WHITE), key=lambda one: contrast(one, color))
        rules.append(f"svg .{kind} rect {{ fill: {color}; stroke: {darker(color)}; }}")
        rules.append(f"svg .{kind} text {{ fill: {text}; }}")
    return "\n".join([*rules, "svg .found rect { stroke: var(--for); stroke-width: 3; }"])
