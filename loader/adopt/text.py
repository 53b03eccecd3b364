"""A mapping as a commented TOML file."""

from __future__ import annotations

import json
from collections.abc import Iterable

from .mapping import EntityMapping, GraphMapping
from .propose import Proposal

_HEAD = """# How reelgraph reads this graph; proposed from its schema. Nothing is changed until
#   reelgraph adopt {file}
# and 'reelgraph adopt --undo' takes back all of it. To see only what it would do: --dry-run
"""
_NAME = """# What the data set is called.
"""
_RELATIONSHIPS = """
# Knowledge: relationship types between items and entities, in any direction. Others stay
# outside. What has a timestamp is an event, and never used as knowledge.
"""
_USERS = """
# Who rates or uses. 'label' is a label or a list of them; 'key' is a property that each node
# has and no other node shares (an integer or a string); 'name' is what pictures show.
"""
_ITEMS = """
# What is rated or used; 'title' is what lists and pictures show.
"""
_INTERACTIONS = """
# The relationship from users to items, at most one for each pair. Without 'rating' it is
# implicit feedback. 'timestamp' is a date, a date and time, or an integer since 1970, for
# which unit = "milliseconds", "microseconds" or "nanoseconds" may be said. Histories are in the
# order of (that time, itemId).
"""
_ENTITIES = """
# What is known about items: one part for each label. An entity's id is 'kind' and the first of
# 'keys' that a node has; nodes without any are numbered. Nodes with two of these labels belong
# to the first part.
"""


def mapping_text(proposal: Proposal, file: str = "FILE") -> str:
    """The file's text; reading it gives ``proposal.mapping``."""
    mapping = proposal.mapping
    parts = [
        _HEAD.format(file=file),
        *(f"#   {_comment(note)}\n" for note in _left(proposal)),
        "\n",
        _NAME,
        _line("name", mapping.name),
        _RELATIONSHIPS,
        _line("relationships", mapping.relationships),
        _USERS,
        *_labelled("users", mapping, proposal),
        _optional("name", mapping.users.name),
        _ITEMS,
        *_labelled("items", mapping, proposal),
        _optional("title", mapping.items.title),
        _INTERACTIONS,
        *_interactions(mapping),
        _ENTITIES,
        *(text for entity in mapping.entities for text in _entity(entity, proposal)),
    ]
    return "".join(parts)


def _left(proposal: Proposal) -> Iterable[str]:
    return ["Left out of it:", *proposal.notes] if proposal.notes else []


def _labelled(part: str, mapping: GraphMapping, proposal: Proposal) -> list[str]:
    found = mapping.users if part == "users" else mapping.items
    label = found.label[0] if len(found.label) == 1 else found.label
    number = sum(proposal.counts.get(name, 0) for name in found.label)
    return [f"[{part}]  # {number:,} nodes\n", _line("label", label), _line("key", found.key)]


def _interactions(mapping: GraphMapping) -> list[str]:
    found = mapping.interactions
    unit = _line("unit", found.unit) if found.unit != "seconds" else ""
    return [
        "[interactions]\n",
        _line("type", found.type),
        _optional("rating", found.rating),
        _optional("timestamp", found.timestamp),
        unit,
    ]


def _entity(entity: EntityMapping, proposal: Proposal) -> list[str]:
    return [
        f"\n[[entities]]  # {proposal.counts.get(entity.label, 0):,} nodes\n",
        _line("label", entity.label),
        _line("kind", entity.kind),
        _line("keys", entity.keys),
        _optional("name", entity.name),
    ]


def _line(name: str, value: str | Iterable[str]) -> str:
    return f"{name} = {_toml(value)}\n"


def _optional(name: str, value: str | None) -> str:
    return _line(name, value) if value is not None else f'# {name} = "…"\n'


def _toml(value: str | Iterable[str]) -> str:
    """A string or a list of strings; TOML reads JSON's escapes, but wants DEL escaped, too."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return f"[{', '.join(_toml(one) for one in value)}]"


def _comment(text: str) -> str:
    """One line, whatever labels and types contain."""
    return "".join(char if char.isprintable() else " " for char in text)
