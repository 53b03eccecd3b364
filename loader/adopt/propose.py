"""Proposing a mapping for a graph from its live schema."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ...errors import InputError
from ...graph.connection import GraphLike
from ..reading.times import unit_of
from .checks import kinds_of
from .mapping import EntityMapping, GraphMapping, InteractionMapping, ItemMapping, UserMapping
from .survey import Ends, Property, Survey, relationship_properties, survey

_RATINGS = ("rating", "stars", "score", "grade", "points", "value")
_TIMES = ("timestamp", "time", "date", "datetime", "createdat", "ratedat", "at", "when", "on", "ts")
_USERS = ("user", "customer", "member", "listener", "reader", "player", "person", "account")
_VERBS = (
    "RATED", "REVIEWED", "LIKED", "LIKES", "WATCHED", "LISTENED", "LISTENED_TO", "PLAYED",
    "BOUGHT", "PURCHASED", "ORDERED", "READ", "VIEWED", "CLICKED", "USED", "VISITED",
)  # fmt: skip
_KEYS = ("id", "uuid", "key", "no", "nr", "number", "code", "slug", "isbn", "ean", "sku", "login")
_TITLES = ("title", "name", "label", "caption", "displayName")
_TEMPORAL = ("ZONED DATETIME", "LOCAL DATETIME", "DATE")


@dataclass
class Proposal:
    """A mapping, and what its reader should know: ``notes`` about choices, ``open`` questions."""

    mapping: GraphMapping
    counts: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def propose(graph: GraphLike, name: str = "graph") -> Proposal:
    """The most likely mapping.

    The interactions are the type that has a rating, or is called like one, and of which a node
    has most; items are what it leads to, and entities what else is joined to items.

    :param name: of the data set.
    :raises InputError: when nothing in the graph looks like an interaction.
    """
    seen = survey(graph)
    properties = {kind.type: relationship_properties(graph, kind.type) for kind in seen.types}
    kind = _interaction(seen, properties)
    users, items = _cover(seen, kind.starts), _cover(seen, kind.ends)
    proposal = Proposal(
        GraphMapping(
            name=name,
            users=UserMapping(
                label=users, key=_key(graph, seen, users, "users"), name=_shown(seen, users)
            ),
            items=ItemMapping(
                label=items, key=_key(graph, seen, items, "items"), title=_shown(seen, items)
            ),
            interactions=_interaction_mapping(kind, properties[kind.type]),
        )
    )
    _add_entities(seen, properties, proposal)
    return proposal


def _interaction(seen: Survey, properties: dict[str, list[Property]]) -> Ends:
    """The likeliest type.

    :raises InputError: when there is none.
    """
    known = [kind for kind in seen.types if kind.starts and kind.ends and not _inner(kind)]
    if not known:
        raise InputError(
            "nothing in this graph looks like users and what they rate or use: no relationship "
            "leads from nodes of one label to nodes of another",
            "Is it the right database (NEO4J_DATABASE)?",
        )
    return max(known, key=lambda kind: _likeliness(seen, kind, properties[kind.type]))


def _inner(kind: Ends) -> bool:
    """Between nodes of the same labels, such as friends."""
    return bool(set().union(*kind.starts) & set().union(*kind.ends))


def _likeliness(
    seen: Survey, kind: Ends, properties: Sequence[Property]
) -> tuple[bool, bool, bool, float]:
    labels = {label.lower() for labels in kind.starts for label in labels}
    per_node = kind.relationships / max(1, sum(seen.nodes.get(start, 0) for start in kind.starts))
    return (
        _rating(properties) is not None or kind.type in _VERBS,
        bool(labels & set(_USERS)),
        _rating(properties) is not None,
        per_node,
    )


def _cover(seen: Survey, ends: Iterable[frozenset[str]]) -> tuple[str, ...]:
    """The fewest labels that cover all ends; of equals the one that fewest other nodes have."""
    left = set(ends)
    chosen: list[str] = []
    while left:
        labels = set().union(*left)
        if not labels:
            break
        best = min(
            labels,
            key=lambda label: (-sum(label in end for end in left), seen.count(label), label),
        )
        chosen.append(best)
        left = {end for end in left if best not in end}
    return tuple(chosen)


def _key(graph: GraphLike, seen: Survey, labels: tuple[str, ...], part: str) -> str:
    """A property that is there on each node, unique, and an integer or a string.

    :raises InputError: when no property is.
    """
    for one in _by_likeliness(seen, labels):
        row = graph.run("adopt/key_state", labels=list(labels), key=one).single()
        whole = row is not None and not row["missing"] and not row["repeated"]
        if row and whole and kinds_of(row["types"]) in (["INTEGER"], ["STRING"]):
            return one
    raise InputError(
        f"{part}: no property of (:{'|'.join(labels)}) is set on each node and unique",
        "Give them one, such as an id; nothing else can tell them apart.",
    )


def _by_likeliness(seen: Survey, labels: tuple[str, ...]) -> list[str]:
    """Names of properties of the first label: <label>Id, id, …Id, then the others."""
    own = {f"{label.lower()}{end}" for label in labels for end in ("id", "_id", "key", "code")}
    found = [
        one for one in seen.properties.get(labels[0], []) if set(one.kinds) <= {"INTEGER", "STRING"}
    ]

    def order(one: Property) -> tuple[bool, bool, bool, bool, str]:
        small = one.name.lower()
        return (
            small not in own,
            small not in _KEYS,
            not small.endswith(("id", "key", "code")),
            one.name not in _TITLES,
            one.name,
        )

    return [one.name for one in sorted(found, key=order)]


def _shown(seen: Survey, labels: tuple[str, ...]) -> str | None:
    """What a picture can show: title, name …"""
    names = {one.name for label in labels for one in seen.properties.get(label, [])}
    return next((name for name in _TITLES if name in names), None)


def _rating(properties: Sequence[Property]) -> str | None:
    numbers = [one for one in properties if one.kinds[0] in ("INTEGER", "FLOAT")]
    by_name = {one.name.lower(): one.name for one in numbers}
    return next((by_name[name] for name in _RATINGS if name in by_name), None)


def _time(properties: Sequence[Property]) -> Property | None:
    temporal = [one for one in properties if one.kinds[0] in _TEMPORAL]
    whole = [one for one in properties if one.kinds[0] == "INTEGER"]
    for name in _TIMES:
        for one in (*temporal, *whole):
            if one.name.lower() == name:
                return one
    return temporal[0] if temporal else None


def _interaction_mapping(kind: Ends, properties: Sequence[Property]) -> InteractionMapping:
    time = _time(properties)
    return InteractionMapping(
        type=kind.type,
        rating=_rating(properties),
        timestamp=time.name if time else None,
        unit=unit_of(time.high) if time and time.kinds[0] == "INTEGER" else "seconds",
    )


def _add_entities(seen: Survey, properties: dict[str, list[Property]], proposal: Proposal) -> None:
    """Labels that are joined to items by another type than the interactions, and those types."""
    mapping = proposal.mapping
    items, users = set(mapping.items.label), set(mapping.users.label)
    found: list[frozenset[str]] = []
    types: list[str] = []
    for kind in seen.types:
        if kind.type == mapping.interactions.type:
            continue
        starts, ends = set().union(*kind.starts), set().union(*kind.ends)
        if not items & (starts | ends):
            proposal.notes.append(f"not joined to items: {seen.between(kind)}")
        elif _time(properties[kind.type]) is not None:
            proposal.notes.append(
                f"has a time, so it is an event and no knowledge: {seen.between(kind)}"
            )
        elif users & (starts | ends) and not _are_people(users):
            proposal.notes.append(f"of users, not of items: {seen.between(kind)}")
        else:
            types.append(kind.type)
            found += [labels for labels in (*kind.starts, *kind.ends) if not labels & items]
    labels = _general(seen, found)
    proposal.mapping = mapping.model_copy(
        update={
            "relationships": tuple(sorted(types)),
            "entities": tuple(_entity(seen, label) for label in labels),
        }
    )
    proposal.counts = {label: seen.count(label) for label in (*users, *items, *labels)}


def _are_people(users: set[str]) -> bool:
    """Users under a label that is also on those who made the items, as where all are (:Person)."""
    return bool({label.lower() for label in users} & {"person", "people", "human"})


def _general(seen: Survey, found: Sequence[frozenset[str]]) -> list[str]:
    """One label for each kind of node: the one that the others of these nodes only refine."""
    candidates = sorted(set().union(*found)) if found else []
    general = [
        label
        for label in candidates
        if not any(
            other != label
            and seen.common(label, other) == seen.count(label)
            and (seen.count(other), other) > (seen.count(label), label)
            for other in candidates
        )
    ]
    covered = [labels for labels in found if labels & set(general)]
    rest = [labels for labels in found if labels not in covered]
    return general + list(_cover(seen, rest))


def _entity(seen: Survey, label: str) -> EntityMapping:
    """Keys: an id that most have, then what pictures show."""
    shown = _shown(seen, (label,))
    properties = {one.name: one.found for one in seen.properties.get(label, [])}
    ids = [name for name in _by_likeliness(seen, (label,)) if name.lower().endswith("id")]
    own = [name for name in ids if name.lower() in (f"{label.lower()}id", "id", "uuid")]
    best = own[:1] or sorted(ids, key=lambda name: (-properties[name], name))[:1]
    keys = [*best, *([shown] if shown else [])]
    return EntityMapping(label=label, keys=tuple(keys), name=shown)
