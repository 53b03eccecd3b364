"""What the graph consists of, as text for an assistant."""

from __future__ import annotations

from collections.abc import Collection

from ..explore.schema import Kinds, Label, LiveSchema, RelationshipType, read_schema
from ..graph.connection import GraphLike
from ..graph.contract import RUN_PROPERTIES
from .answers import fits


def schema_text(graph: GraphLike, tokens: int) -> str:
    """What relationships lead from where to where, and labels with numbers of nodes, each with
    its properties; the least frequent labels are left out where there is no room."""
    lines = _lines(read_schema(graph))
    text = "\n".join(lines)
    while not fits(text, tokens):
        lines = lines[:-1]
        text = "\n".join([*lines, "… (the rest is left out)"])
    return text


def _lines(schema: LiveSchema) -> list[str]:
    head = [f"Interactions of users with items are {schema.interaction_type}, ordered by seq."]
    if schema.rating_scale is not None:
        head.append(f"The highest rating is {schema.rating_scale:g}.")
    shown = [one for one in schema.labels if not one.name.startswith("__")]
    told = {role for one in shown if not one.is_role for role in one.roles}
    types = [_type(one, told) for one in schema.types]
    return [*head, *types, *(_label(one) for one in shown if one.name not in told)]


def _type(one: RelationshipType, told: Collection[str]) -> str:
    """``(:Movie)-[:HAS_GENRE]->(:Genre)``, by roles only where nodes have no other label."""
    ends = sorted(pair for pair in one.ends if not set(pair) & set(told)) or sorted(one.ends)
    pairs = " or ".join(f"(:{start})-[:{one.name}]->(:{end})" for start, end in ends)
    return pairs + _properties(one.properties)


def _label(one: Label) -> str:
    names = ":".join([*sorted(one.roles - {one.name}), one.name])
    return f"(:{names}) {one.nodes} nodes{_properties(one.properties)}"


def _properties(kinds: Kinds) -> str:
    shown = [
        f"{name} {'|'.join(types)}"
        for name, types in sorted(kinds.items())
        if name not in RUN_PROPERTIES
    ]
    return f" {{{', '.join(shown)}}}" if shown else ""
