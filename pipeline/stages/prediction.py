"""The stage ``predict``: lists, evidence, attention and vectors of all users, as files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from ...artifacts import (
    RunChanges,
    SplitFolder,
    read_parquet,
    write_parquet,
)
from ...model.base import Evidence, Model, Ranking, rank
from ...model.data import IntArray, Query
from ...model.dataset import Folds
from ...model.evaluation.questions import not_candidates
from ...model.fallback import FALLBACK, most_popular
from ..config import RunConfig
from .work import Work

GROUP = 256  # users explained at a time


def predict(work: Work) -> RunChanges:
    """Top ``n`` of every user, evidence, attention and vectors, as files."""
    folds = work.folds()
    model = work.model(folds)
    queries = history_queries(folds)
    predictions, attention = explained(model, queries, work.config)
    cold = without_history(folds, work.config.n)
    if len(cold):
        predictions = pd.concat([predictions.assign(fallback=None), cold], ignore_index=True)
        work.note(f"predict: {cold['user'].nunique():,} users have no history: {FALLBACK} items")
    write_parquet(work.run.predictions, predictions)
    if _gives_evidence(model, work.config):
        write_parquet(work.run.attention, attention)
    if model.has_vectors():
        if reads_first_events(work.split):
            _write_vectors(work, model, queries, folds.history.catalogue.item_ids)
        else:
            work.note(
                "predict: no vectors for live recommendations: what this split reads of a "
                "user is not the user's first events"
            )
    return {"users": len(queries), "recommendations": len(predictions)}


def without_history(folds: Folds, n: int) -> pd.DataFrame:
    """Predictions for the split's users without rows in train and valid, marked ``fallback``.

    They depend on train and valid only, and have no evidence.
    """
    return popular_lists(folds, folds.history.users[np.diff(folds.history.offsets) == 0], n)


def popular_lists(
    folds: Folds, users: Any, n: int, exclude: IntArray | None = None
) -> pd.DataFrame:
    """Predictions for users without history, marked ``fallback``: what is popular.

    :param exclude: what is not recommended, by default what is no candidate.
    """
    excluded = not_candidates(folds) if exclude is None else exclude
    ranking = most_popular(folds.history, n, [excluded])
    items = ranking.items[0][ranking.items[0] >= 0]
    return pd.DataFrame(
        {
            "user": np.repeat(users, len(items)),
            "item": np.tile(folds.history.catalogue.item_ids[items], len(users)),
            "rank": np.tile(np.arange(1, len(items) + 1), len(users)),
            "score": np.tile(ranking.scores[0][: len(items)], len(users)),
            "fallback": FALLBACK,
        }
    )


def reads_first_events(split: SplitFolder) -> bool:
    """Whether train and valid are the first events of each user.

    The live query has only their number to tell what a run had read of a user.
    """
    rows = read_parquet(split.split)
    read = rows[rows["fold"].isin(["train", "valid"])].groupby("user")["seq"]
    return bool((read.max() == read.size()).all())


def history_queries(folds: Folds) -> list[Query]:
    """The question 'what next?' of every user with history, after train and valid."""
    history = folds.history
    return [history.query(user) for user in np.flatnonzero(np.diff(history.offsets)).tolist()]


def explained(
    model: Model,
    queries: list[Query],
    config: RunConfig,
    exclude: Sequence[IntArray] | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """``predictions.parquet`` and ``attention.parquet`` of these queries.

    Queries are asked in groups of 256; the last bits of scores may depend on the group.

    :param exclude: what is not recommended, by default each query's history.
    """
    excluded = [query.items for query in queries] if exclude is None else exclude
    groups = [slice(start, start + GROUP) for start in range(0, len(queries), GROUP)]
    parts = [_explained(model, queries[group], config, excluded[group]) for group in groups]
    predictions, attention = zip(*parts, strict=True)
    return pd.concat(predictions, ignore_index=True), pd.concat(attention, ignore_index=True)


def _explained(
    model: Model, queries: list[Query], config: RunConfig, exclude: Sequence[IntArray]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Predictions and attention of some users as tables with the source's ids."""
    ranking = _best(model, queries, config, exclude)
    items = [row[row >= 0] for row in ranking.items]
    ids = model.catalogue.item_ids
    evidence = model.explain(queries, items) if _gives_evidence(model, config) else None
    ratings = model.predict_rating(queries, items) if model.predicts_ratings() else None
    predictions, attention = [], []
    for row, query in enumerate(queries):
        found = items[row]
        columns: dict[str, Any] = {
            "user": query.user,
            "item": ids[found],
            "rank": np.arange(1, len(found) + 1),
            "score": ranking.scores[row][: len(found)],
        }
        if ratings is not None:
            columns["predictedRating"] = ratings[row]
        if evidence is not None:
            contributions = evidence[row].contributions
            best = np.argsort(-contributions, axis=1, kind="stable")[:, : config.evidence]
            columns["evidenceIds"] = list(ids[query.items[best]])
            columns["evidenceContributions"] = list(np.take_along_axis(contributions, best, axis=1))
            attention.append(_attention(query, evidence[row], ids, config.n))
        predictions.append(pd.DataFrame(columns))
    empty = pd.DataFrame(columns=["user", "item", "weight", "rank"])
    return pd.concat(predictions), pd.concat(attention) if attention else empty


def _gives_evidence(model: Model, config: RunConfig) -> bool:
    """Evidence adds up to the score, which in a rating run of a model that ranks is not shown."""
    rates = config.about == "rating" and "ranking" in model.provides
    return "evidence" in model.provides and not rates


def _best(
    model: Model, queries: list[Query], config: RunConfig, exclude: Sequence[IntArray]
) -> Ranking:
    """The run's lists: in a rating run those items whose predicted rating is highest."""
    if config.about == "ranking" or "ranking" not in model.provides:
        return model.recommend(queries, config.n, exclude)
    every = [np.arange(len(model.catalogue))] * len(queries)
    ratings = np.stack(model.predict_rating(queries, every))
    return rank(ratings, config.n, exclude)


def _attention(query: Query, evidence: Evidence, ids: Any, n: int) -> pd.DataFrame:
    best = np.argsort(-evidence.weights, kind="stable")[:n]
    columns: dict[str, Any] = {
        "user": query.user,
        "item": ids[query.items[best]],
        "weight": evidence.weights[best],
        "rank": np.arange(1, len(best) + 1),
    }
    if evidence.recency is not None:
        columns["recency"] = evidence.recency[best]
    return pd.DataFrame(columns)


def _write_vectors(work: Work, model: Model, queries: list[Query], ids: Any) -> None:
    vectors = model.vectors(queries)
    users = pd.DataFrame(
        {
            "user": [query.user for query in queries],
            "historyLength": [len(query.items) for query in queries],
            "vector": list(vectors.users),
        }
    )
    write_parquet(work.run.vectors / "users.parquet", users)
    items = pd.DataFrame({"item": ids, "vector": list(vectors.items)})
    write_parquet(work.run.vectors / "items.parquet", items)
