"""Boxes, lines and texts of a picture as SVG. Texts are data: they are escaped, and cut to fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from unicodedata import east_asian_width

_NARROW, _WIDE = set("iljtfrI.,:;'|!()[] "), set("mwMW@%&<>=+")
LINE = 1.25  # of the font's size


@dataclass(frozen=True)
class Text:
    """One text of a box: at most ``lines`` lines of this size; what is longer ends in ``…``."""

    text: str
    size: int = 14
    lines: int = 1
    bold: bool = False


@dataclass(frozen=True)
class Box:
    """A box with its left upper corner; its height follows from its texts.

    ``kind`` is the class by which the page colours it.
    """

    x: float
    y: float
    width: float
    kind: str
    texts: tuple[Text, ...]
    padding: float = 9

    @property
    def rows(self) -> list[tuple[str, Text]]:
        room = self.width - 2 * self.padding
        return [(line, one) for one in self.texts for line in wrapped(one, room)]

    @property
    def height(self) -> float:
        return 2 * self.padding + sum(one.size * LINE for _, one in self.rows)

    @property
    def middle(self) -> float:
        return self.y + self.height / 2

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    def svg(self) -> str:
        whole = escape(" · ".join(one.text for one in self.texts if one.text))
        rows, y = [], self.y + self.padding
        for line, one in self.rows:
            y += one.size * LINE
            weight = ' font-weight="600"' if one.bold else ""
            rows.append(
                f'<text x="{self.x + self.padding:g}" y="{y - one.size * 0.3:.1f}" '
                f'font-size="{one.size}"{weight}>{escape(line)}</text>'
            )
        return (
            f'<g class="{self.kind}"><title>{whole}</title>'
            f'<rect x="{self.x:g}" y="{self.y:.1f}" width="{self.width:g}" '
            f'height="{self.height:.1f}" rx="8"/>{"".join(rows)}</g>'
        )


def curve(x1: float, y1: float, x2: float, y2: float, kind: str, width: float = 1.5) -> str:
    """A line from left to right that leaves and arrives level."""
    middle = (x1 + x2) / 2
    path = f"M{x1:g} {y1:.1f}C{middle:g} {y1:.1f} {middle:g} {y2:.1f} {x2:g} {y2:.1f}"
    return f'<path class="{kind}" d="{path}" stroke-width="{width:.1f}"/>'


def line(points: Sequence[tuple[float, float]], kind: str, width: float = 1.5) -> str:
    """A line with corners."""
    path = "L".join(f"{x:g} {y:.1f}" for x, y in points)
    return f'<path class="{kind}" d="M{path}" stroke-width="{width:.1f}"/>'


def label(x: float, y: float, text: str, size: int = 13) -> str:
    return f'<text class="label" x="{x:g}" y="{y:.1f}" font-size="{size}">{escape(text)}</text>'


def wrapped(text: Text, room: float) -> list[str]:
    """The lines of a text, none wider than the room as far as that can be guessed."""
    lines: list[str] = []
    rest = text.text.split()
    while rest and len(lines) < text.lines:
        taken = 1
        while taken < len(rest) and _fits(" ".join(rest[: taken + 1]), text, room):
            taken += 1
        lines.append(" ".join(rest[:taken]))
        rest = rest[taken:]
    if rest:
        lines[-1] += " " + " ".join(rest)
    return [_cut(one, text, room) for one in lines]


def _cut(line: str, text: Text, room: float) -> str:
    if _fits(line, text, room):
        return line
    while line and not _fits(line + "…", text, room):
        line = line[:-1]
    return line.rstrip() + "…"


def _fits(line: str, text: Text, room: float) -> bool:
    return text.size * (1.17 if text.bold else 1) * sum(map(_ems, line)) <= room


def _ems(char: str) -> float:
    """How wide a letter is at most in a common sans serif, in the font's size."""
    if east_asian_width(char) in "WF":
        return 1
    if char in _NARROW:
        return 0.42
    return 0.99 if char in _WIDE else 0.77 if char.isupper() else 0.65
