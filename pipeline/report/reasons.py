"""What a run recommends to a user and why, from its files: no database is asked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...artifacts import DatasetFolder, read_parquet
from ...errors import InputError
from ...model.data import FloatArray, IntArray, Interactions
from ...model.training.loop import isolated_torch
from ..item_names import read_items
from ..stages.work import Work

_LISTED = 10


@dataclass(frozen=True)
class UserReasons:
    """A user's list with what each event of the history says for it.

    ``items`` are ``(n,)``, ``events`` ``(history,)``, both as item indices, the events from the
    first to the last; ``contributions`` ``(n, history)`` and ``weights`` ``(history,)`` as
    :class:`~reelgraph.model.base.Evidence` has them. ``titles`` are by item index.
    """

    user: object
    items: IntArray
    scores: FloatArray
    events: IntArray
    ratings: FloatArray | None
    contributions: FloatArray
    weights: FloatArray
    titles: pd.Series[str]


def user_reasons(work: Work, user_id: str | None) -> UserReasons:
    """Asked of the saved model.

    :param user_id: by default the user whose history is of median length.
    :raises InputError: for an unknown user.
    """
    folds = work.folds()
    query = folds.history.query(_place(folds.history, user_id))
    with isolated_torch(work.options):
        model = work.model(folds)
        ranking = model.recommend([query], _LISTED)
        items = ranking.items[0][ranking.items[0] >= 0]
        (evidence,) = model.explain([query], [items])
    return UserReasons(
        query.user,
        items,
        ranking.scores[0][: len(items)],
        query.items,
        query.ratings,
        evidence.contributions,
        evidence.weights,
        read_items(work.split.dataset)["title"],
    )


def _place(history: Interactions, user_id: str | None) -> int:
    """The number of a user with a history."""
    lengths = np.diff(history.offsets)
    if user_id is None:
        known = np.flatnonzero(lengths)
        return int(known[np.argsort(lengths[known], kind="stable")[len(known) // 2]])
    found = np.flatnonzero(history.users.astype(str) == user_id)
    if not len(found) or not lengths[found[0]]:
        raise InputError(
            f"the run has read no rating of user {user_id}",
            "Name a user of its data set, or leave out --user.",
        )
    return int(found[0])


@dataclass(frozen=True)
class Ties:
    """What two items share: ``name`` of an entity that is a neighbour of both."""

    first: int
    second: int
    name: str


def shared_entities(
    dataset: DatasetFolder, first: IntArray, second: IntArray, most: int
) -> list[Ties]:
    """Named entities that items of both lists have, those of the fewest items before others.

    :param most: ties of each of the second list's items.
    """
    triples, entities = read_parquet(dataset.triples), read_parquet(dataset.entities)
    if triples.empty or "name" not in entities:
        return []
    named = entities[entities["name"] != entities["entityId"].astype("str")].dropna(subset="name")
    names = named.set_index("index")["name"]
    edges = _item_edges(triples, entities["index"], names.index)
    degree = edges["entity"].value_counts()
    pairs = edges[edges["item"].isin(first)].merge(
        edges[edges["item"].isin(second)], on="entity", suffixes=("_first", "_second")
    )
    pairs["degree"] = pairs["entity"].map(degree)
    kept = pairs.sort_values(["degree", "entity"]).groupby("item_second").head(most)
    columns = zip(kept["item_first"], kept["item_second"], kept["entity"], strict=True)
    return [Ties(int(one), int(other), str(names[entity])) for one, other, entity in columns]


def _item_edges(
    triples: pd.DataFrame, entities: pd.Series[int], wanted: pd.Index[int]
) -> pd.DataFrame:
    """``item, entity`` of the wanted entities, each pair once, whichever way it is related."""
    ways = [
        triples.rename(columns={one: "item", other: "entity"})[["item", "entity"]]
        for one, other in (("head", "tail"), ("tail", "head"))
    ]
    both = pd.concat(ways, ignore_index=True).drop_duplicates()
    return both[both["entity"].isin(wanted) & ~both["item"].isin(entities)]
