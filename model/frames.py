"""From a pandas frame to recommendations with their evidence, without a database.

::

    folds = split_frame(ratings, "user-time")
    model = fit_model(EASE, folds)
    evaluate(model, folds).metrics["ndcg@10"].mean
    recommend(model, folds, n=5)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from ..errors import InputError
from .base import Model, TrainingOptions
from .data import Catalogue, Query
from .dataset import Folds, make_folds
from .liked import liked_query
from .needs import NOTHING, Supplied, TrainingData
from .splits.base import Protocol
from .splits.lookup import bound
from .splits.splitting import make_split
from .splits.time_order import check_order

M = TypeVar("M", bound=Model)

_COLUMNS = ("user", "item")
_READ = (*_COLUMNS, "rating", "timestamp")


def split_frame(
    ratings: pd.DataFrame,
    protocol: str | type[Protocol] | Protocol = "user-time",
    **parameters: Any,
) -> Folds:
    """Train, valid and test of a frame.

    :param ratings: ``user, item`` and, where there are any, ``rating`` and ``timestamp``
        (epoch seconds, or dates). Rows of one user with equal times keep the frame's order.
    :param protocol: a name or a class, with its ``parameters``, or a protocol bound to them.
    :raises InputError: when a column or value is missing, or the rows cannot be cut so: by
        time without times, unless ``order="rows"`` says that the frame is in their order.
    """
    cut = _bound(protocol, parameters)
    rows = _numbered(ratings)
    split = make_split(rows, cut)
    rows = rows.merge(split, on=["user", "item", "seq"], validate="one_to_one")
    if cut.cut_scope == "user":
        order = str(cut.values.get("order", "time"))
        check_order(rows, rows["fold"], cut.name, order, adopted=False)
    return make_folds(rows, Catalogue(np.unique(rows["item"].to_numpy())), cut.rules)


def fit_model(
    make: Callable[[], M],
    folds: Folds,
    options: TrainingOptions | None = None,
    supplied: Supplied = NOTHING,
    refit: bool = True,
) -> M:
    """A fitted model: epochs chosen on valid, then fitted once more on train and valid.

    With ``options.epochs`` nothing is chosen, and valid is not looked at.

    :param make: an unfitted model, such as the class itself.
    :param refit: False keeps the weights that were chosen, fitted on train alone.
    """
    options = options or TrainingOptions()
    model = make()
    chooses = options.epochs is None
    if not refit or (model.chooses and chooses):
        data = folds.for_choice(supplied)
        chosen = model.fit(data if chooses else replace(data, valid=None), options)
        if not refit:
            return model
        model, options = make(), chosen.final(options)
    model.fit(TrainingData(folds.history, None, supplied), options)
    return model


def recommend(
    model: Model, folds: Folds, users: Sequence[object] | None = None, n: int = 10
) -> pd.DataFrame:
    """The best ``n`` items per user that are not in the user's train and valid rows.

    :param users: ids; by default all users with a history.
    :returns: ``user, item, rank, score``.
    :raises InputError: for an unknown user.
    """
    return _listed(model, _queries(folds, users), n)


def _listed(model: Model, queries: Sequence[Query], n: int) -> pd.DataFrame:
    ranking = model.recommend(queries, n)
    parts = [pd.DataFrame(columns=["user", "item", "rank", "score"])] if not queries else []
    for query, items, scores in zip(queries, ranking.items, ranking.scores, strict=True):
        found = items[items >= 0]
        parts.append(
            pd.DataFrame(
                {
                    "user": query.user,
                    "item": model.catalogue.item_ids[found],
                    "rank": np.arange(1, len(found) + 1),
                    "score": scores[: len(found)],
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def recommend_for(model: Model, folds: Folds, items: Sequence[object], n: int = 10) -> pd.DataFrame:
    """The best ``n`` items for somebody who is not in the frame and likes these items.

    Each counts as rated now with the highest rating of train and valid; the last one is the
    most recent.

    :returns: ``item, rank, score``.
    :raises InputError: without items, or for an unknown one.
    """
    places = pd.Index(model.catalogue.item_ids).get_indexer(pd.Index(list(items)))
    unknown = [item for item, place in zip(items, places, strict=True) if place < 0]
    if unknown or not len(items):
        what = f"there is no item {unknown[0]!r}" if unknown else "no item is given"
        raise InputError(what, "Items are those of the frame.")
    query = liked_query(folds.history, places.astype(np.int64))
    return _listed(model, [query], n).drop(columns="user")


def explain(model: Model, folds: Folds, user: object, item: object) -> pd.DataFrame:
    """Why an item has its score: a row per item of the user's history, the strongest first.

    :returns: ``item, contribution, weight``; the contributions and the model's bias for the
        item (``.attrs["bias"]``) add up to the score.
    :raises InputError: for an unknown user or item.
    :raises ModelError: when the model gives no evidence.
    """
    (query,) = _queries(folds, [user])
    place = pd.Index(model.catalogue.item_ids).get_indexer([item])
    if place[0] < 0:
        raise InputError(f"there is no item {item!r}", "Items are those of the frame.")
    (evidence,) = model.explain([query], [place.astype(np.int64)])
    found = pd.DataFrame(
        {
            "item": model.catalogue.item_ids[query.items],
            "contribution": evidence.contributions[0],
            "weight": evidence.weights,
        }
    )
    found = found.sort_values("contribution", ascending=False, ignore_index=True)
    found.attrs["bias"] = float(evidence.bias[0])
    return found


def _bound(protocol: str | type[Protocol] | Protocol, parameters: Mapping[str, Any]) -> Protocol:
    if isinstance(protocol, str):
        return bound(protocol, parameters)
    if isinstance(protocol, type):
        return protocol.bound(parameters)
    if parameters:
        raise InputError(
            f"protocol {protocol.name} is bound to its parameters already, and "
            f"'{next(iter(parameters))}' was given",
            "Give the class with the parameters, or the protocol alone.",
        )
    return protocol


def _numbered(ratings: pd.DataFrame) -> pd.DataFrame:
    """With ``seq``, each user's rows by time and then as they come."""
    missing = [name for name in _COLUMNS if name not in ratings]
    if missing:
        raise InputError(
            f"the frame has no column '{missing[0]}'",
            "It needs user and item, and has rating and timestamp where there are any.",
        )
    empty = [name for name in _COLUMNS if ratings[name].isna().any()]
    if empty or ratings.empty:
        what = f"column '{empty[0]}' has missing values" if empty else "the frame has no rows"
        raise InputError(what, "Each row is one interaction of a user with an item.")
    rows = ratings[[name for name in _READ if name in ratings]]
    if "timestamp" in rows:
        rows = rows.assign(timestamp=_seconds(rows["timestamp"]))
    by = ["user", "timestamp"] if "timestamp" in rows else ["user"]
    rows = rows.sort_values(by, kind="stable", ignore_index=True)
    return rows.assign(seq=rows.groupby("user").cumcount() + 1)


def _seconds(times: pd.Series[Any]) -> pd.Series[Any]:
    """Epoch seconds; dates and times with or without a zone are converted."""
    if pd.api.types.is_datetime64_any_dtype(times):
        start = pd.Timestamp(0, tz=times.dt.tz)
        return (times - start) // pd.Timedelta(seconds=1)
    if not pd.api.types.is_numeric_dtype(times):
        raise InputError(
            "column 'timestamp' holds neither numbers nor dates",
            "Give epoch seconds, or dates: pd.to_datetime(frame['timestamp']).",
        )
    return times


def _queries(folds: Folds, users: Sequence[object] | None) -> list[Query]:
    history = folds.history
    if users is None:
        return [history.query(n) for n in np.flatnonzero(np.diff(history.offsets)).tolist()]
    places = pd.Index(history.users).get_indexer(pd.Index(list(users)))
    unknown = [user for user, place in zip(users, places, strict=True) if place < 0]
    if unknown:
        raise InputError(f"there is no user {unknown[0]!r}", "Users are those of the frame.")
    return [history.query(int(place)) for place in places]
