"""The style of Neo4j Browser (GraSS): each label and type as :mod:`.look` says."""

from __future__ import annotations

import json
from collections.abc import Mapping

from .look import DARK, GREY, MIDDLE, LineLook, NodeLook, contrast, line_looks, node_looks
from .schema import LiveSchema

Rules = Mapping[str, Mapping[str, str]]


def grass(schema: LiveSchema) -> str:
    """The style as JSON, which the Browser reads as it reads its own format.

    That one has no way to write a label with a blank in it. Of the rules that fit a node the
    last one counts.
    """
    return json.dumps(rules(schema), indent=2, ensure_ascii=False) + "\n"


def rules(schema: LiveSchema) -> Rules:
    """Properties by selector."""
    nodes = {f"node.{_escaped(look.label)}": _node(look) for look in node_looks(schema)}
    lines = {f"relationship.{_escaped(look.type)}": _line(look) for look in line_looks(schema)}
    return {"node": _NODE, "relationship": _RELATIONSHIP, **nodes, **lines}


_NODE = {
    "diameter": f"{MIDDLE}px",
    "color": "#D9DDE2",
    "border-color": GREY,
    "border-width": "2px",
    "text-color-internal": DARK,
    "font-size": "11px",
}
_RELATIONSHIP = {
    "color": GREY,
    "shaft-width": "1px",
    "font-size": "9px",
    "padding": "3px",
    "text-color-external": DARK,
    "text-color-internal": DARK,
    "caption": "<type>",
}


def _node(look: NodeLook) -> dict[str, str]:
    return {
        "color": look.color,
        "border-color": look.border,
        "text-color-internal": look.text,
        "diameter": f"{look.diameter}px",
        "caption": _caption(look),
    }


def _caption(look: NodeLook) -> str:
    """A number by itself says nothing, so an id stands behind the label."""
    if look.caption is None:
        return look.label
    value = f"{{{look.caption}}}"
    return f"{look.label} {value}" if look.caption.endswith("Id") else value


def _line(look: LineLook) -> dict[str, str]:
    inside = max((DARK, "#FFFFFF"), key=lambda text: contrast(text, look.color))
    return {
        "color": look.color,
        "shaft-width": f"{look.width}px",
        "text-color-internal": inside,
        "caption": look.caption,
    }


def _escaped(name: str) -> str:
    """A selector's parts are parted by dots."""
    return name.replace(".", "\\.")
