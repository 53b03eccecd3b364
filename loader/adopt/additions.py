"""What an adoption adds, and the names that are taken: nothing of the user's is overwritten."""

from __future__ import annotations

from collections.abc import Sequence

from ...graph.connection import GraphLike
from ...graph.contract import OWN_LABELS, OWN_TYPES, RUN_PROPERTIES
from .findings import Findings, interaction_values
from .mapping import GraphMapping
from .record import Added

_RENAME = "Rename it in your graph; reelgraph needs this name and overwrites nothing."


def find_additions(graph: GraphLike, mapping: GraphMapping, findings: Findings) -> None:
    """Put into ``findings.added`` what an adoption adds; refuse names with another meaning."""
    _check_own_names(graph, findings)
    roles = []
    parts = {
        "User": list(mapping.users.label),
        "Item": list(mapping.items.label),
        "Entity": mapping.entity_labels,
    }
    for role, labels in parts.items():
        if _is_new(graph, role, labels, findings) and labels:
            roles.append(role)
    findings.added = Added(
        roles=tuple(roles),
        users=_user_properties(graph, mapping, findings),
        items=_item_properties(graph, mapping, findings),
        names=_entity_names(graph, mapping, findings),
        interactions=_interaction_properties(graph, mapping, findings),
    )
    _check_indexes(graph, findings)


def _check_own_names(graph: GraphLike, findings: Findings) -> None:
    for row in graph.run("stats/labels").rows:
        if row["label"] in OWN_LABELS and row["nodes"]:
            findings.refuse(f"{row['nodes']:,} nodes have the label {row['label']}", _RENAME)
    for row in graph.run("stats/relationship_types").rows:
        if row["type"] in OWN_TYPES and row["relationships"]:
            findings.refuse(
                f"{row['relationships']:,} relationships are of type {row['type']}", _RENAME
            )


def _is_new(graph: GraphLike, role: str, labels: list[str], findings: Findings) -> bool:
    """Whether no node has the role's label yet; it may also be on all that are to have it."""
    row = graph.run("adopt/role_use", role=role, labels=labels).single()
    assert row is not None
    if row["elsewhere"]:
        findings.refuse(
            f"the label {role} is on {row['elsewhere']:,} nodes that the mapping does not give "
            "this role",
            f"Rename the label in your graph, or name {role} in the mapping if it means that.",
        )
    elif row["there"] not in (0, row["nodes"]):
        findings.refuse(
            f"the label {role} is on {row['there']:,} of {row['nodes']:,} nodes that need it",
            "Put it on all of them, or on none.",
        )
    return not row["there"]


def _used(graph: GraphLike, labels: Sequence[str], names: Sequence[str]) -> dict[str, int]:
    rows = graph.run("adopt/property_uses", labels=list(labels), names=list(names)).rows
    return {row["name"]: row["nodes"] for row in rows}


def _node_properties(
    graph: GraphLike,
    findings: Findings,
    labels: Sequence[str],
    own: tuple[str, str],
    shown: tuple[str, str | None],
) -> tuple[str, ...]:
    """What a role's nodes get: the id where the key has another name, and what pictures show
    where no node has it.

    :param own: the id of the contract, and the key of the mapping.
    :param shown: the property that pictures show, and its name in the mapping.
    """
    (id_name, key), (caption, source) = own, shown
    taken = [*RUN_PROPERTIES, *([id_name] if id_name != key else [])]
    uses = _used(graph, labels, [*taken, caption])
    for name in taken:
        if uses.get(name):
            findings.refuse(
                f"{uses[name]:,} nodes (:{'|'.join(labels)}) have a property {name}, which is not "
                "what reelgraph means by it",
                _RENAME,
            )
    added = [id_name] if id_name != key else []
    if source not in (None, caption) and not uses.get(caption):
        added.append(caption)
    return tuple(added)


def _user_properties(
    graph: GraphLike, mapping: GraphMapping, findings: Findings
) -> tuple[str, ...]:
    part = mapping.users
    own, shown = ("userId", part.key), ("name", part.name)
    return _node_properties(graph, findings, part.label, own, shown)


def _item_properties(
    graph: GraphLike, mapping: GraphMapping, findings: Findings
) -> tuple[str, ...]:
    part = mapping.items
    own, shown = ("itemId", part.key), ("title", part.title)
    return _node_properties(graph, findings, part.label, own, shown)


def _entity_names(graph: GraphLike, mapping: GraphMapping, findings: Findings) -> tuple[str, ...]:
    """Labels of entities that have no ``name`` yet and get one."""
    labels = []
    for entity in mapping.entities:
        uses = _used(graph, [entity.label], ["entityId", "name"])
        if uses.get("entityId"):
            findings.refuse(
                f"{uses['entityId']:,} nodes (:{entity.label}) have a property entityId", _RENAME
            )
        if entity.name not in (None, "name") and not uses.get("name"):
            labels.append(entity.label)
    return tuple(labels)


def _interaction_properties(
    graph: GraphLike, mapping: GraphMapping, findings: Findings
) -> tuple[str, ...]:
    part = mapping.interactions
    added = ["seq"]
    for name, source in (("rating", part.rating), ("timestamp", part.timestamp)):
        if source == name:
            continue
        if source is not None:
            added.append(name)
        _check_free(graph, mapping, name, findings)
    _check_free(graph, mapping, "seq", findings)
    return tuple(added)


def _check_free(graph: GraphLike, mapping: GraphMapping, name: str, findings: Findings) -> None:
    rows = interaction_values(graph, mapping, name)
    if rows:
        number = sum(row["interactions"] for row in rows)
        findings.refuse(
            f"interactions: {number:,} have a property {name}, which the mapping does not name",
            f"{_RENAME} If it is what reelgraph means by {name}, say so in the mapping."
            if name != "seq"
            else _RENAME,
        )


def _check_indexes(graph: GraphLike, findings: Findings) -> None:
    """A constraint cannot be added beside an index on the same property."""
    own = {"User": "userId", "Item": "itemId", "Entity": "entityId"}
    for row in graph.run("stats/indexes").rows:
        labels = row["labels"] or []
        if row["type"] != "RANGE" or row["constraint"] is not None or len(labels) != 1:
            continue
        if row["properties"] == [own.get(labels[0])]:
            findings.refuse(
                f"the index {row['name']} is where the constraint on (:{labels[0]}) has to be",
                "Drop the index; the constraint is an index, too.",
            )
