"""Checks that features are made from the past: recomputed events, and a joint linear fit."""

from __future__ import annotations

import typing
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score

from ..splits.base import Protocol
from ..splits.folds import FOLDS
from .config import FeatureConfig
from .earlier_rows import timed

#: above it a joint fit is a warning; the recomputation decides
WARNING_R2 = 0.5


class Features(typing.Protocol):
    """What makes features: a :class:`.builder.FeatureBuilder`, or one with columns added."""

    protocol: Protocol
    config: FeatureConfig

    def raw(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The numbers of all rows, row by row."""


@dataclass(frozen=True)
class Recomputed:
    """Features of events computed once from all rows and once from the past alone.

    ``differences`` has a row for each event and feature that differ: ``user, item, seq, fold,
    feature, full, past``.
    """

    events: int
    differences: pd.DataFrame

    @property
    def passed(self) -> bool:
        return self.differences.empty

    @property
    def features(self) -> list[str]:
        """Names of the features that are not made from the past alone."""
        return sorted(self.differences["feature"].unique())


def recompute_check(
    builder: Features, rows: pd.DataFrame, events: int = 1000, seed: int = 42
) -> Recomputed:
    """Compute the features of sampled events again from the rows before them.

    For each event every row is removed that it may not see: what is not earlier than its
    reference (:func:`references`, not the builder's), and rows of its own and later folds,
    except train rows for a train event. Rows of neither its user nor its movie are removed,
    too: no feature reads them. The event's own rating is changed. What then differs was made
    from the answer, from the future, or from held-out rows. It takes some 40 ms per event.

    :param rows: all rows of the split, as for the builder.
    :returns: exact differences; NaN equals NaN.
    """
    rows = timed(rows[rows["fold"].isin(FOLDS)]).reset_index(drop=True)
    full = builder.raw(rows)  # by its own cuts
    rows = references(rows, builder.protocol, builder.config.history)
    drawn = np.random.default_rng(seed).permutation(len(rows))[:events]
    by_user = rows.groupby("user").indices
    by_item = rows.groupby("item").indices
    found = []
    for event in np.sort(drawn).tolist():
        near = np.union1d(by_user[rows["user"].iloc[event]], by_item[rows["item"].iloc[event]])
        past = past_of(rows.iloc[near], near == event, builder.config.history == "rolling")
        place = past.index.get_indexer(pd.Index([event]))[0]
        again = builder.raw(past).iloc[place]
        found += _differences(rows.iloc[event], full.iloc[event], again)
    columns = ["user", "item", "seq", "fold", "feature", "full", "past"]
    return Recomputed(len(drawn), pd.DataFrame(found, columns=columns))


def references(rows: pd.DataFrame, protocol: Protocol, history: str) -> pd.DataFrame:
    """The rows with ``cut_seq`` and ``cut_time``: an event may see what is before both.

    They are the event's own, and for a held-out event with history ``frozen`` those of its
    user's first row of the fold; with one cut in time for everybody the time is that of the
    fold's first row. Made here anew, so that wrong cuts of the builder are found.
    """
    own = rows.assign(cut_seq=rows["seq"], cut_time=rows.get("timestamp", 0))
    if history == "rolling" or protocol.cut_scope is None:
        return own
    held = own["fold"] != "train"
    first = own.groupby(["user", "fold"])[["cut_seq", "cut_time"]].transform("min")
    if protocol.cut_scope == "everyone":
        first["cut_time"] = own.groupby("fold")["cut_time"].transform("min")
    for name in ("cut_seq", "cut_time"):
        own[name] = own[name].where(~held, first[name])
    return own


def past_of(rows: pd.DataFrame, event: npt.NDArray[np.bool_], rolling: bool) -> pd.DataFrame:
    """The rows that an event may see, and itself with another rating.

    :param event: which of the rows the event is.
    """
    one = rows[event].iloc[0]
    own = rows["user"] == one["user"]
    earlier = own & (rows["seq"] < one["cut_seq"])
    if "timestamp" in rows:
        earlier |= ~own & (rows["timestamp"] < one["cut_time"])
    if not rolling:
        level = FOLDS.index(one["fold"])
        earlier &= rows["fold"].isin(FOLDS[: max(level, 1)])
    past: pd.DataFrame = rows[earlier | event]
    if "rating" not in past:
        return past
    mine = (past["user"] == one["user"]) & (past["seq"] == one["seq"])
    return past.assign(rating=past["rating"].where(~mine, past["rating"].fillna(0) + 1))


def joint_fit(
    numeric: npt.NDArray[np.float32], ratings: npt.NDArray[np.float64], fold: npt.NDArray[np.str_]
) -> float:
    """Held-out R² of one linear fit of all numbers: learnt on train, measured on test."""
    train, test = fold == "train", fold == "test"
    fitted = LinearRegression().fit(numeric[train], ratings[train])
    return float(r2_score(ratings[test], fitted.predict(numeric[test])))


def _differences(
    event: pd.Series, full: pd.Series, again: pd.Series
) -> list[tuple[object, object, object, object, str, float, float]]:
    first, second = full.to_numpy(np.float64), again.to_numpy(np.float64)
    other = ~((first == second) | (np.isnan(first) & np.isnan(second)))
    who = (event["user"], event["item"], event["seq"], event["fold"])
    return [
        (*who, str(name), *values)
        for name, *values, wrong in zip(full.index, first, second, other, strict=True)
        if wrong
    ]
