"""How nodes and relationships are drawn: colours, sizes and captions, for every tool alike.

The colours are those of Okabe and Ito, which people who confuse red and green tell apart, and
texts have a contrast of at least 4.5 to 1 with what lies below them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..graph.contract import RESULT_TYPES
from .schema import Label, LiveSchema, RelationshipType

DARK, WHITE = "#1B1F23", "#FFFFFF"
PALE = "#ECEEF1"  # what reelgraph keeps for itself
GREY = "#8A929B"

ROLES = {"User": "#0072B2", "Item": "#E69F00", "Entity": "#009E73"}
# shades of one green: they differ in lightness, which everybody sees
KNOWN = {
    "Person": "#009E73",
    "Actor": "#8FD9C1",
    "Director": "#006B4E",
    "Writer": "#4DBE9C",
    "Producer": "#C9EEE2",
    "Genre": "#CC79A7",
    "Country": "#F0E442",
    "Subject": "#56B4E9",
    "Tag": "#BBDFF6",
}
OTHERS = ("#DDCC77", "#882255", "#88CCEE", "#CC6677", "#999933", "#AA4499", "#44AA99", "#DDDDDD")

LARGE, MIDDLE, SMALL = 80, 65, 40  # diameters


@dataclass(frozen=True)
class NodeLook:
    """``caption`` is a property, or None where the label's nodes have nothing to be called by."""

    label: str
    color: str
    diameter: int
    caption: str | None

    @property
    def text(self) -> str:
        """The colour of what is written on it."""
        return max((DARK, WHITE), key=lambda text: contrast(text, self.color))

    @property
    def border(self) -> str:
        return darker(self.color)


@dataclass(frozen=True)
class LineLook:
    """``caption`` is a text in which ``{property}`` stands for a value."""

    type: str
    color: str
    width: int
    caption: str


def node_looks(schema: LiveSchema) -> list[NodeLook]:
    """The look of each label; where a node has several, that of the last one is meant.

    Roles come first, then what reelgraph keeps for itself, then the labels of the domain, the
    rarest one last: a director is also a person.
    """
    others = iter(_endless(OTHERS))
    ranked = sorted(schema.labels, key=lambda one: (not one.is_role, not one.is_own, -one.nodes))
    return [NodeLook(one.name, _color(one, others), _diameter(one), caption(one)) for one in ranked]


def line_looks(schema: LiveSchema) -> list[LineLook]:
    return [_line(one, schema) for one in schema.types]


def caption(label: Label) -> str | None:
    """The property that its nodes are called by: a title or name before an id."""
    names = ("title", "name", "userId", "itemId", "entityId", "runId", "model")
    found = [name for name in names if name in label.properties]
    if label.name == "Run" and "model" in found:
        return "model"
    texts = [name for name, kinds in label.properties.items() if kinds == ("STRING",)]
    return next(iter([*found, *sorted(texts)]), None)


def _color(label: Label, others: Iterator[str]) -> str:
    if label.is_own:
        return PALE
    if label.name in KNOWN:
        return KNOWN[label.name]
    for role in ("User", "Item"):
        if label.name == role or role in label.roles:
            return ROLES[role]
    return ROLES["Entity"] if label.name == "Entity" else next(others)


def _diameter(label: Label) -> int:
    if label.is_own:
        return SMALL
    return LARGE if label.roles & {"User", "Item"} else MIDDLE


def _line(kind: RelationshipType, schema: LiveSchema) -> LineLook:
    words = kind.name.replace("_", " ").lower()
    if kind.name == schema.interaction_type:
        return LineLook(kind.name, "#5B6770", 2, _rated(kind, schema) or words)
    if kind.name == "RECOMMENDED":
        return LineLook(kind.name, "#D55E00", 3, "no. {rank}")
    if kind.name in RESULT_TYPES:
        return LineLook(kind.name, "#9CC3E0", 1, words)
    return LineLook(kind.name, "#D5D9DE" if kind.is_own else GREY, 1, words)


def _rated(kind: RelationshipType, schema: LiveSchema) -> str | None:
    """The rating, for instance ``4 of 5``, where interactions have one."""
    if "rating" not in kind.properties:
        return None
    scale = schema.rating_scale
    return "{rating}" if scale is None else f"{{rating}} of {scale:g}"


def _endless(colors: tuple[str, ...]) -> Iterator[str]:
    while True:
        yield from colors


def contrast(one: str, other: str) -> float:
    """The ratio of two colours' luminances, 1 to 21, as WCAG 2 defines it."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def darker(color: str, factor: float = 0.75) -> str:
    return "#" + "".join(f"{round(part * factor):02X}" for part in _parts(color))


def _luminance(color: str) -> float:
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (value / 255 for value in _parts(color))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _parts(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)
