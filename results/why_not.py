"""Why an item is not among a user's recommendations, from the active run's vectors."""

from __future__ import annotations

from typing import Any

from ..errors import InputError
from ..graph.connection import GraphLike
from .reasons import ItemId, UserId, standing


def why_not(graph: GraphLike, user_id: UserId, item_id: ItemId) -> dict[str, Any]:
    """Where an item stands that is not recommended to a user.

    :return: ``itemId, title, year, score, rank, stored, lastScore, nearest, rated``.
        ``rank`` is among all items that the run had not read of the user; it and ``score``
        are None where the run has no vector of the user or the item. ``stored`` is the length
        of the stored list, which ends at ``lastScore``. ``nearest`` are the items of the
        history that are nearest in the run's vectors (``itemId, title, year, similarity,
        rating, ratingScale, shared``). ``rated`` says whether the user rated it after what the
        run read.
    :raises InputError: for an unknown user or item, no active run, an item that is recommended
        (says its rank), and one that the run has read of the user.
    """
    place = graph.run("analyst/recommended_item", userId=user_id, item=item_id).single()
    if place is None:
        raise InputError(
            f"there is no item {item_id} in this graph", "Item ids are those of the loaded data."
        )
    run_id = standing(graph, user_id)["runId"]
    if place["rank"] is not None:
        raise InputError(
            f"item {item_id} ({place['title']}) is recommended to user {user_id}: it is number "
            f"{place['rank']} of the list",
            f"See why: reelgraph explain {user_id} {item_id}",
        )
    row = graph.run("analyst/why_not", userId=user_id, item=item_id).single()
    without_state = row is not None and row["rank"] is None
    if row is None or row["seen"] or (place["rated"] and without_state):
        raise InputError(
            f"user {user_id} has rated item {item_id} ({place['title']}), and what run {run_id} "
            "has read of a user is not recommended",
            f"See what is: reelgraph recommend {user_id}",
        )
    found = {name: value for name, value in row.items() if name not in ("seen", "audit")}
    return {**found, "nearest": _with_shared(graph, row), "rated": place["rated"]}


def _with_shared(graph: GraphLike, row: dict[str, Any]) -> list[dict[str, Any]]:
    """The nearest items with what they share with this one, rarest first."""
    pairs = [[row["itemId"], one["itemId"]] for one in row["nearest"]]
    found = graph.run("analyst/shared_knowledge", pairs=pairs).rows if pairs else []
    shared = {one["otherId"]: one["shared"] for one in found}
    return [{**one, "shared": shared.get(one["itemId"], [])} for one in row["nearest"]]
