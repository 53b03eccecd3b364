"""Predictions made again, and how much two tables of them differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...model.base import Model
from ...model.data import Query
from ...model.dataset import Folds
from ..stages.prediction import GROUP, explained, history_queries
from ..stages.work import Work

MOST_GROUPS = 8  # of 256 users, spread over all

#: scores of another machine, device or number of threads may differ by so much of the largest
TOLERANCE = 1e-4


@dataclass(frozen=True)
class Predicted:
    """Recommendations with evidence, attention, and predicted ratings, of the same users.

    ``users`` were asked about, of ``among`` that have a history. ``ratings`` has ``user, item,
    rating`` for models of ratings, else no rows.
    """

    recommended: pd.DataFrame
    attention: pd.DataFrame
    ratings: pd.DataFrame
    users: int
    among: int


@dataclass(frozen=True)
class Difference:
    """Users whose predictions differ in any bit, and the largest difference of a score."""

    users: int
    largest: float

    def __bool__(self) -> bool:
        return self.users > 0


def predict_again(work: Work, model: Model, folds: Folds, pairs: pd.DataFrame) -> Predicted:
    """Predictions by a fitted model for some users, in the groups of the stage ``predict``.

    :param pairs: ``user, item`` whose ratings are predicted, for models of ratings.
    """
    queries = history_queries(folds)
    asked = sample(queries)
    recommended, attention = explained(model, asked, work.config)
    ratings = _ratings(model, queries, folds, pairs)
    return Predicted(recommended, attention, ratings, len(asked), len(queries))


def sample(queries: Sequence[Query]) -> list[Query]:
    """All queries, or some whole groups of them, spread evenly."""
    groups = -(-len(queries) // GROUP)
    chosen = np.unique(np.linspace(0, max(groups - 1, 0), min(groups, MOST_GROUPS)).astype(int))
    return [query for n in chosen.tolist() for query in queries[n * GROUP : (n + 1) * GROUP]]


def compare(first: Predicted, second: Predicted) -> Difference:
    """How two predictions of the same questions differ; scores, evidence and attention."""
    tables = [
        (first.recommended, second.recommended, "rank", "score"),
        (first.attention, second.attention, "rank", "weight"),
        (first.ratings, second.ratings, "item", "rating"),
    ]
    users: set[object] = set()
    largest = 0.0
    for one, other, key, value in tables:
        found, most = differing(one, other, key, value)
        users |= found
        largest = max(largest, most)
    return Difference(len(users), largest)


def differing(
    one: pd.DataFrame, other: pd.DataFrame, key: str, value: str
) -> tuple[set[object], float]:
    """Users with rows that are not the same bit for bit, and the largest difference of ``value``.

    Rows belong together by user and ``key``.
    """
    if not len(one) and not len(other):
        return set(), 0.0
    keys = ["user", key]
    both = _plain(one).merge(_plain(other), on=keys, how="outer", suffixes=("", "_"))
    wrong = np.zeros(len(both), bool)
    for name in sorted({*one.columns, *other.columns} - set(keys)):
        left, right = (both.get(column) for column in (name, f"{name}_"))
        wrong |= (left != right).to_numpy() if left is not None and right is not None else True
    numbers = (both[value] - both[f"{value}_"]).abs()
    return set(both.loc[wrong, "user"]), float(numbers.fillna(np.inf).max())


def unlike(stored: Predicted, made: Predicted) -> list[str]:
    """What of stored predictions is more than rounded: scores, evidence or attention."""
    first, second = stored.recommended, made.recommended
    pairs = ["user", "item"]
    both = first[pairs].merge(second[pairs])  # evidence of items that are in both lists
    tables = {
        "scores": (first, second, ["user"], "item", "score"),
        "evidence": (
            _evidence(first.merge(both)),
            _evidence(second.merge(both)),
            pairs,
            "evidence",
            "contribution",
        ),
        "attention": (stored.attention, made.attention, ["user"], "item", "weight"),
    }
    return [name for name, table in tables.items() if not close(*table)]


def close(stored: pd.DataFrame, made: pd.DataFrame, group: list[str], key: str, value: str) -> bool:
    """Whether lists are the same but for values within ``TOLERANCE`` of the largest.

    What is in one list only must be as good as the worst of the other. The stored list must
    be in order.

    :param group: columns that name a list; ``key`` is what it lists, by ``rank``.
    """
    if stored.empty or made.empty:
        return stored.empty and made.empty
    most = max(float(stored[value].abs().max()), float(made[value].abs().max()), 1e-30)
    allowed = TOLERANCE * most
    both = stored.merge(made, on=[*group, key], how="outer", suffixes=("", "_"))
    worst = pd.concat([stored, made]).groupby(group, as_index=False)[value].min()
    floor = both[group].merge(worst, on=group, how="left")[value]
    left, right = both[value].fillna(floor), both[f"{value}_"].fillna(floor)
    steps = stored.sort_values([*group, "rank"]).groupby(group)[value].diff().fillna(0)
    return bool(((left - right).abs() <= allowed).all() and (steps <= allowed).all())


def _evidence(recommended: pd.DataFrame) -> pd.DataFrame:
    """One row for each evidence item of each recommendation, in order."""
    names = {"evidenceIds": "evidence", "evidenceContributions": "contribution"}
    if not {*names} <= {*recommended.columns}:
        return pd.DataFrame(columns=["user", "item", *names.values(), "rank"])
    rows = recommended[["user", "item", *names]].explode(list(names)).dropna()
    rows = rows.rename(columns=names).astype({"contribution": float})
    return rows.assign(rank=rows.groupby(["user", "item"]).cumcount())


def _ratings(
    model: Model, queries: Sequence[Query], folds: Folds, pairs: pd.DataFrame
) -> pd.DataFrame:
    empty = pd.DataFrame({"user": [], "item": [], "rating": []})
    if not model.predicts_ratings() or not len(pairs):
        return empty
    known = {query.user: query for query in queries}
    index = pd.Index(folds.history.catalogue.item_ids)
    parts = []
    for user, rows in pairs.groupby("user", sort=True):
        query = known.get(user) or Query(user, np.zeros(0, np.int64))  # type: ignore[arg-type]
        items = index.get_indexer(rows["item"]).astype(np.int64)
        made = model.predict_rating([query], [items])[0]
        parts.append(pd.DataFrame({"user": user, "item": rows["item"].array, "rating": made}))
    return pd.concat(parts, ignore_index=True)


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Lists as bytes, so that they can be compared."""
    lists = [
        name
        for name in frame.columns
        if frame[name].dtype == object and isinstance(next(iter(frame[name]), None), np.ndarray)
    ]
    return frame.assign(**{name: [value.tobytes() for value in frame[name]] for name in lists})
