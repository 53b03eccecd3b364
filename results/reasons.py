"""Reading recommendations and their reasons from the active run."""

from __future__ import annotations

from typing import Any

from ..errors import InputError
from ..graph.connection import GraphLike
from ..list_lengths import MOST_STORED, SHOWN
from .run_graph import read_runs
from .sentences import sentence

FALLBACK = "most popular"

UserId = int | str
ItemId = int | str


def recommendations(graph: GraphLike, user_id: UserId, n: int = SHOWN) -> list[dict[str, Any]]:
    """A user's stored top ``n`` with reasons.

    Each row has ``rank, itemId, title, year, score, rated, predictedRating, ratingAudit,
    ratingScale, because, fallback``. ``rated`` says that the user has the item already: the
    test holds it out, or it came after the run. ``predictedRating`` is by the active rating
    run, None without one or where it says nothing; ``ratingAudit`` says of that run what
    ``audit`` does of the active one. Each reason in ``because`` has ``itemId, title, year,
    contribution, rating, ratingScale, shared``, strongest first. The user's rating and the
    highest one that can be given are None where the graph has none. ``shared`` lists what the
    two items have in common as ``name, here, there`` (relationship types), rarest first.

    Users without history in the run's split have the most popular items, and so do users for
    whom the run has nothing, such as new ones; ``fallback`` then says so, else it is None.

    :raises InputError: for an unknown user, or no active run.
    """
    rows = graph.run("analyst/recommendations", userId=user_id, n=n).rows
    if not rows:
        return _popular(graph, user_id, n)
    pairs = [[row["itemId"], why["itemId"]] for row in rows for why in row["because"]]
    found = graph.run("analyst/shared_knowledge", pairs=pairs).rows if pairs else []
    shared = {(row["itemId"], row["otherId"]): row["shared"] for row in found}
    for row in rows:
        for why in row["because"]:
            why["shared"] = shared.get((row["itemId"], why["itemId"]), [])
    return rows


def predicted_ratings(graph: GraphLike, user_id: UserId, n: int = SHOWN) -> list[dict[str, Any]]:
    """A user's stored predictions of the active rating run: ``rank, itemId, title, year,
    predictedRating, ratingScale, fallback``, the highest ratings first.

    :raises InputError: for an unknown user, no active rating run, or a user for whom it has
        nothing.
    """
    rows = graph.run("analyst/predicted_ratings", userId=user_id, n=n).rows
    if rows:
        return rows
    active = [run for run in read_runs(graph) if run.active and run.properties["task"] == "rating"]
    if not active:
        raise InputError(
            "no rating run is active in this graph, so there are no predicted ratings",
            "Make one: reelgraph run --model bias",
        )
    standing = graph.run("analyst/standing", userId=user_id).single() or {}
    known = "has no predictions for user" if standing.get("known") else "knows no user"
    raise InputError(
        f"run {active[0].run_id} {known} {user_id}",
        "User ids are those of the loaded data; new users get predictions by the next run.",
    )


def live_recommendations(graph: GraphLike, user_id: UserId, n: int = SHOWN) -> list[dict[str, Any]]:
    """A user's top ``n`` computed now from the active run's vectors: ``rank, itemId, title,
    year, score``.

    :raises InputError: for an unknown user, one without vector, or no active run.
    """
    rows = graph.run("analyst/live_top_n", userId=user_id, n=n).rows
    if rows:
        return rows
    row = standing(graph, user_id)
    if row["recommendations"] and not row["vector"]:
        raise InputError(
            f"run {row['runId']} has no vectors, so nothing can be computed live",
            "Ask for the stored recommendations, without --live.",
        )
    raise _nothing_for(graph, user_id)


def explanation(graph: GraphLike, user_id: UserId, item_id: ItemId) -> dict[str, Any]:
    """Why an item is recommended to a user.

    :return: ``itemId, title, year, rank, score, predictedRating, ratingAudit, ratingScale,
        evidence``; ``predictedRating`` and ``ratingAudit`` are as in
        :func:`recommendations`. Each piece of evidence has ``itemId, title, year,
        contribution, weight, recency, rating, ratingScale, seq, timestamp, shared,
        sentence``; the timestamp is that of the rating, in epoch seconds.
    :raises InputError: for an unknown user or item, no active run, or an item that is not
        among the user's stored recommendations.
    """
    found = graph.run("analyst/recommended_item", userId=user_id, item=item_id).single()
    if found is None or found["rank"] is None:
        raise _not_recommended(graph, user_id, item_id, found)
    rows = graph.run("analyst/explanation", userId=user_id, item=item_id).rows
    names = (
        *("year", "contribution", "weight", "recency"),
        *("rating", "ratingScale", "seq", "timestamp", "shared"),
    )
    evidence = [
        {
            "itemId": row["evidenceId"],
            "title": row["evidence"],
            **{name: row[name] for name in names},
        }
        for row in rows
    ]
    about = ("itemId", "title", "year", "rank", "score")
    rating = ("predictedRating", "ratingAudit", "ratingScale")
    head = {name: found[name] for name in (*about, *rating)}
    for why in evidence:
        why["sentence"] = str(sentence(why, head["score"]))
    return {**head, "evidence": evidence}


def standing(graph: GraphLike, user_id: UserId) -> dict[str, Any]:
    """The user's standing. :raises InputError: without an active run or for an unknown user."""
    row = graph.run("analyst/standing", userId=user_id).single() or {}
    if row.get("runId") is None:
        raise InputError(
            "no run is active in this graph, so there are no recommendations",
            "Make one: reelgraph run, or activate one: reelgraph runs list",
        )
    if not row["known"]:
        raise InputError(
            f"there is no user {user_id} in this graph", "User ids are those of the loaded data."
        )
    return row


def _popular(graph: GraphLike, user_id: UserId, n: int) -> list[dict[str, Any]]:
    """What everybody likes, of what the user does not know."""
    standing(graph, user_id)
    rows = graph.run("analyst/popular_items", userId=user_id, n=n).rows
    return [{**row, "rated": False, "because": [], "fallback": FALLBACK} for row in rows]


def _nothing_for(graph: GraphLike, user_id: UserId) -> InputError:
    row = standing(graph, user_id)
    return InputError(
        f"run {row['runId']} has no recommendations for user {user_id}, who has "
        f"{row['ratings']} ratings",
        "New users get vectors by the next run: reelgraph run",
    )


def _not_recommended(
    graph: GraphLike, user_id: UserId, item_id: ItemId, found: dict[str, Any] | None
) -> InputError:
    standing(graph, user_id)
    if found is None:
        return InputError(
            f"there is no item {item_id} in this graph", "Item ids are those of the loaded data."
        )
    rated = ", and the user has rated it" if found["rated"] else ""
    return InputError(
        f"item {item_id} ({found['title']}) is not among the stored recommendations of "
        f"user {user_id}{rated}",
        f"See what is: reelgraph recommend {user_id} --n {MOST_STORED}",
    )
