"""A recommendation and its reasons as a picture: user, history, what is shared, the item.

There are two, of which the page shows the one that fits: a wide one that is read from left to
right, and a narrow one from top to bottom.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from .svg import Box, Text, curve, label, line

_WIDE, _NARROW = 960, 360
_GAP = 22  # between reasons
_TIES = 3  # shared things per reason
_THICK = 7  # the line of the largest contribution


@dataclass(frozen=True)
class Reason:
    """An item of the history that spoke for the recommendation, or against it.

    ``detail`` is what the user did with it, ``ties`` are names with their part, such as
    ``("Alfred Hitchcock", "director")``; ``sentence`` stands around the title.
    """

    title: str
    detail: str
    contribution: float
    ties: Sequence[tuple[str, str]]
    sentence: tuple[str, str, str]


@dataclass(frozen=True)
class Picture:
    """What is drawn. ``user`` and ``detail`` are captions, such as ``number 3, score 4.33``."""

    user: str
    title: str
    detail: str
    reasons: Sequence[Reason]

    @property
    def described(self) -> str:
        """The picture in words, for who cannot see it."""
        said = [
            f"{one.title}{', ' + one.detail if one.detail else ''}: {one.contribution:+.2f}"
            + "".join(
                f"; shared: {name}{f' ({part})' if part else ''}" for name, part in _tied(one)
            )
            for one in self.reasons
        ]
        return f"From {self.user} over {len(said)} items of the history. " + ". ".join(said)


def pictures(picture: Picture) -> str:
    """Both pictures as SVG."""
    return _wide(picture) + _narrow(picture)


def _wide(picture: Picture) -> str:
    lines, boxes, top = [], [], 0.0
    starts: list[float] = []
    ends: list[tuple[float, float, str, float]] = []  # x, y, kind and width of what arrives
    for one in picture.reasons:
        item = _item(one, 150, top, 240)
        lane = item.y + 14
        width = _width(one, picture)
        lines.append(line([(item.right, lane), (700, lane)], _kind(one), width))
        lines.append(label(item.right + 10, lane - width / 2 - 4, f"{one.contribution:+.2f}"))
        ends.append((700, lane, _kind(one), width))
        bottom = lane + 14
        for tie in _tied(one):
            known = _known(tie, 450, bottom, 240)
            lines.append(curve(item.right, item.middle + 8, known.x, known.middle, "tie"))
            ends.append((known.right, known.middle, "tie", 1.5))
            boxes.append(known)
            bottom = known.bottom + 6
        boxes.append(item)
        starts.append(item.middle)
        top = max(item.bottom, bottom) + _GAP
    height = max(top - _GAP, 80)
    user = _centred(0, height, 96, "user", (Text(picture.user, 14, 2, bold=True),))
    found = _centred(760, height, 200, "found", _found(picture))
    lines += [curve(user.right, user.middle, 150, y, "did") for y in starts]
    for n, (x, y, kind, width) in enumerate(ends):
        lines.append(curve(x, y, found.x, _spread(found, n, len(ends)), kind, width))
    if not picture.reasons:
        lines.append(curve(user.right, user.middle, found.x, found.middle, "for"))
    low = min(user.y, found.y, -12)
    height = max(height, user.bottom, found.bottom) - low
    return _svg("wide", picture, _WIDE, low, height, [*lines, *_drawn([*boxes, user, found])])


def _narrow(picture: Picture) -> str:
    user = Box(0, 0, 150, "user", (Text(picture.user, 14, 2, bold=True),))
    lines, boxes, top, starts = [], [user], user.bottom + 18, []
    ends: list[tuple[float, str, float]] = []
    for one in picture.reasons:
        item = _item(one, 30, top, 270, f"{one.contribution:+.2f}")
        starts.append(item.middle)
        ends.append((item.middle, _kind(one), _width(one, picture)))
        boxes.append(item)
        bottom = item.bottom + 8
        for tie in _tied(one):
            known = _known(tie, 60, bottom, 240)
            lines.append(line([(44, item.bottom), (44, known.middle), (60, known.middle)], "tie"))
            lines.append(line([(known.right, known.middle), (330, known.middle)], "tie"))
            boxes.append(known)
            bottom = known.bottom + 6
        top = bottom + 12
    found = Box(0, top + 10, _NARROW, "found", _found(picture))
    if starts:
        lines.append(line([(14, user.bottom), (14, starts[-1])], "did"))
    lines += [line([(14, y), (30, y)], "did") for y in starts]
    for y, kind, width in ends:
        lines.append(line([(300, y), (330, y), (330, found.y)], kind, width))
    if not picture.reasons:
        lines.append(line([(75, user.bottom), (75, found.y)], "for"))
    boxes.append(found)
    return _svg("narrow", picture, _NARROW, 0, found.bottom, [*lines, *_drawn(boxes)])


def _item(one: Reason, x: float, y: float, width: float, number: str = "") -> Box:
    second = ", ".join(text for text in (number, one.detail) if text)
    texts = (Text(one.title, 14, 2, bold=True), *([Text(second, 12, 2)] if second else []))
    return Box(x, y, width, "item", texts)


def _known(tie: tuple[str, str], x: float, y: float, width: float) -> Box:
    name, part = tie
    texts = (Text(name, 13), *([Text(part, 11)] if part else []))
    return Box(x, y, width, "known", texts, padding=6)


def _found(picture: Picture) -> tuple[Text, ...]:
    return (Text(picture.title, 16, 3, bold=True), Text(picture.detail, 12, 3))


def _centred(x: float, height: float, width: float, kind: str, texts: tuple[Text, ...]) -> Box:
    box = Box(x, 0, width, kind, texts)
    return Box(x, (height - box.height) / 2, width, kind, texts)


def _tied(one: Reason) -> Sequence[tuple[str, str]]:
    return one.ties[:_TIES]


def _kind(one: Reason) -> str:
    return "for" if one.contribution >= 0 else "against"


def _width(one: Reason, picture: Picture) -> float:
    largest = max(abs(other.contribution) for other in picture.reasons)
    return max(1.5, _THICK * abs(one.contribution) / largest) if largest else 1.5


def _spread(box: Box, n: int, of: int) -> float:
    """Where the n-th line arrives at a box: they share its side, in their order."""
    return box.y + box.height * (n + 1) / (of + 1)


def _drawn(boxes: Sequence[Box]) -> list[str]:
    return [box.svg() for box in boxes]


def _svg(
    name: str, picture: Picture, width: float, top: float, height: float, parts: Sequence[str]
) -> str:
    title = escape(f"Why {picture.title} is recommended to {picture.user}")
    return (
        f'<svg class="{name}" role="img" aria-labelledby="{name}-title {name}-desc" '
        f'viewBox="-4 {top - 4:.1f} {width + 8:g} {height + 8:.1f}">'
        f'<title id="{name}-title">{title}</title>'
        f'<desc id="{name}-desc">{escape(picture.described)}</desc>'
        f"{''.join(parts)}</svg>"
    )
