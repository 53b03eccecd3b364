"""What a graph holds, in figures: counts, degrees, ratings, times, knowledge, schema."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from . import migrations
from .connection import GraphLike
from .contents import RATED, count_edges, holds
from .contract import OWN_TYPES
from .unfinished import Unfinished, unfinished

QUANTILES = ("least", "low", "median", "high", "top", "most")
_BARS = 10
_MOST_VALUES = 12


def graph_stats(graph: GraphLike) -> dict[str, Any]:
    """The figures of any graph, empty, loaded, adopted or the user's own, reading only.

    :return: ``dataset`` (None where nothing was loaded), ``adopted``, ``unfinished`` (loads,
        emptyings and adoptions that have not ended, see :func:`progress`), ``active`` (runs),
        ``labels`` and ``relationships`` (counts), ``interactions`` (None where there are
        none, see :func:`interaction_stats`), ``indexes`` (name, on, state), ``migrations``
        (numbers by state).
    """
    overview = graph.run("stats/overview").single() or {}
    labels = _counts(graph.run("stats/labels").rows, "label", "nodes")
    types = _counts(graph.run("stats/relationship_types").rows, "type", "relationships")
    dataset = overview.get("dataset")
    kind = (dataset or {}).get("interactionType") or RATED
    there = all(labels.get(role) for role in ("User", "Item")) and types.get(kind)
    states = [state.state for state in migrations.info(graph)]
    return {
        "dataset": dataset,
        "adopted": bool(overview.get("adopted")),
        "unfinished": [progress(graph, one) for one in unfinished(graph)],
        "active": overview.get("active", []),
        "labels": labels,
        "relationships": types,
        "interactions": interaction_stats(graph, kind, types) if there else None,
        "indexes": _indexes(graph),
        "migrations": {state: states.count(state) for state in sorted(set(states))},
    }


def progress(graph: GraphLike, work: Unfinished) -> dict[str, Any]:
    """How far work has come.

    :return: ``kind``, ``state`` (in words), ``command`` that goes on with it, ``since``,
        ``process`` (None when it was interrupted), ``done``: for each kind of rows how many
        are ``there`` of how many are ``wanted``; of an emptying, how many nodes are left.
    """
    found = holds(graph)
    there = {role: found[role] for role in ("users", "items", "entities", "interactions")}
    there["relationships"] = sum(count_edges(graph, list(work.types)).values())
    there["nodes"] = (graph.run("load/count_foreign").single() or {"nodes": 0})["nodes"]
    return {
        "kind": work.kind,
        "state": work.state,
        "command": work.command,
        "since": work.since,
        "process": work.process,
        "done": {
            name: {"there": there[name], "wanted": number}
            for name, number in work.wanted.items()
            if number
        },
    }


def interaction_stats(graph: GraphLike, kind: str, types: Sequence[str] | Any) -> dict[str, Any]:
    """Figures of the interactions.

    :param kind: their relationship type; ``types`` are all types of the graph.
    :return: ``type``, ``count``, ``users`` and ``items`` (``nodes, none, mean`` and the
        quantiles of their interactions), ``ratings`` (``from, to, interactions``),
        ``unrated``, ``timed``, ``first`` and ``last`` (ISO 8601), ``itemsWithKnowledge`` (share).
    """
    rows = graph.run("stats/ratings", type=kind).rows
    known = sorted(set(types) - {kind, *OWN_TYPES})
    knowledge = graph.run("stats/knowledge", types=known).single() or {"items": 0, "known": 0}
    return {
        "type": kind,
        "count": sum(row["interactions"] for row in rows),
        "users": graph.run("stats/user_degrees", type=kind).single(),
        "items": graph.run("stats/item_degrees", type=kind).single(),
        "ratings": histogram([row for row in rows if _is_number(row["rating"])]),
        "unrated": sum(row["interactions"] for row in rows if row["rating"] is None),
        "timed": sum(row["timed"] for row in rows),
        **_times(rows),
        "itemsWithKnowledge": knowledge["known"] / knowledge["items"] if knowledge["items"] else 0,
    }


def histogram(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """``from, to, interactions``: each rating by itself, or ten equal ranges of many ratings.

    :param rows: ``rating, interactions``, with one row per rating, in order.
    """
    if len(rows) <= _MOST_VALUES:
        return [
            {"from": row["rating"], "to": row["rating"], "interactions": row["interactions"]}
            for row in rows
        ]
    least, most = rows[0]["rating"], rows[-1]["rating"]
    width = (most - least) / _BARS
    bars = [
        {"from": least + n * width, "to": least + (n + 1) * width, "interactions": 0}
        for n in range(_BARS)
    ]
    for row in rows:
        place = min(_BARS - 1, int((row["rating"] - least) / width))
        bars[place]["interactions"] += row["interactions"]
    return bars


def _counts(rows: Sequence[dict[str, Any]], name: str, number: str) -> dict[str, int]:
    """Without names that the database still knows and nothing has any more."""
    return {row[name]: row[number] for row in rows if row[number]}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _times(rows: Sequence[dict[str, Any]]) -> dict[str, str | None]:
    """First and last time; other kinds than epoch seconds, as in a graph of others, as text."""
    first = [row["first"] for row in rows if row["first"] is not None]
    last = [row["last"] for row in rows if row["last"] is not None]
    if not first:
        return {"first": None, "last": None}
    if all(isinstance(value, int) for value in (*first, *last)):
        return {"first": _moment(min(first)), "last": _moment(max(last))}
    return {"first": min(map(str, first)), "last": max(map(str, last))}


def _moment(seconds: int) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
    except (ValueError, OverflowError, OSError):  # no epoch seconds: too large for a year
        return str(seconds)


def _indexes(graph: GraphLike) -> list[dict[str, Any]]:
    """Indexes and the constraints behind them; those for lookup by label are always there."""
    return [
        {
            "name": row["name"],
            "kind": "constraint" if row["constraint"] else row["type"].lower(),
            "on": f"{'|'.join(row['labels'])}({', '.join(row['properties'])})",
            "state": row["state"],
        }
        for row in graph.run("stats/indexes").rows
        if row["type"] != "LOOKUP"
    ]
