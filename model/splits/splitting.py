"""Splits: which row of a data set is train, valid or test.

The protocols and their rules stand in :mod:`.protocols`. Cuts within a user compare ``seq``,
the order by (timestamp, the source's row order, item id), so that ties in time are settled
once, at the load.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ...artifacts import (
    DatasetFolder,
    SplitFolder,
    read_parquet,
    write_json,
    write_manifest,
    write_parquet,
)
from ...errors import InputError
from .given_files import reading_of
from .parameters import File, Value
from .protocols import FOLDS, UNUSED, checked, cut_times, protocol_named, rules_of
from .protocols import PROTOCOLS as _PROTOCOLS
from .time_order import check_order, order_in_words

PROTOCOLS = tuple(_PROTOCOLS)
_ADOPTED = "adopted:"  # begins the id space of graphs that were there before


def make_split(interactions: pd.DataFrame, protocol: str, **parameters: Any) -> pd.DataFrame:
    """The fold of each row.

    :param interactions: columns ``user, item, seq``, for protocols by time ``timestamp``, for
        ``given`` also ``rating`` where there is one; the order of rows does not matter.
    :returns: columns ``user, item, seq, fold``, sorted by user and seq; a fold is train,
        valid or test, or ``unused`` for rows that the files of ``given`` leave out.
    :raises InputError: for an unknown protocol or parameter, a value that does not fit, or a
        protocol by time without timestamps.
    """
    values = checked(protocol, parameters)
    rows = interactions.sort_values(["user", "seq"], kind="stable", ignore_index=True)
    if protocol_named(protocol).timed:
        _need_times(rows, protocol)
    fold = protocol_named(protocol).cut(rows, values)
    return rows[["user", "item", "seq"]].assign(fold=fold)


def split_id(protocol: str, parameters: Mapping[str, Any] | None = None) -> str:
    """Folder name of a split: the protocol, and those parameters that are not the default.

    >>> split_id("user-time"), split_id("user-time", {"train": 0.9})
    ('user-time', 'user-time-train0.9')
    >>> split_id("global-time", {"targets": "successive"})
    'global-time-successive'
    """
    values = checked(protocol, parameters or {})
    known = protocol_named(protocol).parameters
    changed = [
        known[name].label(name, value)
        for name, value in values.items()
        if value != known[name].default
    ]
    return "-".join([protocol, *changed])


def write_split(dataset: DatasetFolder, protocol: str, **parameters: Any) -> SplitFolder:
    """Write a split of a data set, unless it is there already, and note when it was asked for.

    :raises InputError: as :func:`make_split`.
    :raises ArtifactError: when the data set is missing or damaged.
    """
    values = checked(protocol, parameters)
    split = dataset.split(split_id(protocol, parameters))
    if (split.path / "manifest.json").is_file():
        split.manifest()  # refuses another schema version
    else:
        _write(dataset, split, protocol, values)
    write_json(split.exported, {"exportedAt": datetime.now(UTC).isoformat()})
    return split


def _write(
    dataset: DatasetFolder, split: SplitFolder, protocol: str, values: Mapping[str, Value]
) -> None:
    rows = read_parquet(dataset.interactions)
    rows = rows.sort_values(["user", "seq"], kind="stable", ignore_index=True)
    frame = make_split(rows, protocol, **values)
    adopted = str(dataset.manifest().get("idSpace")).startswith(_ADOPTED)
    order = str(values.get("order", "time"))
    if protocol_named(protocol).by_seq:
        check_order(rows, frame["fold"], protocol, order, adopted)
    _check_fits(frame, protocol)
    write_parquet(split.split, frame)
    manifest = {
        "splitId": split.split_id,
        "dataset": dataset.fingerprint,
        "protocol": protocol,
        "parameters": values,
        "order": order_in_words(rows, order, adopted),
        **_about(rows, frame, protocol, values),
        "jobs": {},
        "createdAt": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    write_manifest(split.path, manifest)


def _about(
    rows: pd.DataFrame, frame: pd.DataFrame, protocol: str, values: Mapping[str, Any]
) -> dict[str, Any]:
    """What the manifest says of the folds and of the figures that they give."""
    rules, counts = rules_of(protocol, values), frame["fold"].value_counts()
    names = (*FOLDS, UNUSED) if UNUSED in counts else FOLDS
    about: dict[str, Any] = {
        "counts": {fold: int(counts.get(fold, 0)) for fold in names},
        "task": rules.task,
        "candidates": rules.candidates,
        "history": rules.history(),
        "targets": rules.targets,
        "cold": _cold(frame),
    }
    if rules.label:
        about["label"] = rules.label
    files = [
        name for name, one in protocol_named(protocol).parameters.items() if isinstance(one, File)
    ]
    if files:
        about["files"] = {name: reading_of(Path(str(values[name]))) for name in files}
    if protocol_named(protocol).timed:
        about["cuts"] = cut_times(rows, frame["fold"].to_numpy())
    return about


def _cold(frame: pd.DataFrame) -> dict[str, int]:
    """Users and items of test that no row of train or valid has."""
    test = frame[frame["fold"] == "test"]
    known = frame[frame["fold"].isin(FOLDS[:2])]
    return {
        f"{name}s": int((~pd.Series(test[name].unique()).isin(known[name])).sum())
        for name in ("user", "item")
    }


def _need_times(rows: pd.DataFrame, protocol: str) -> None:
    if "timestamp" not in rows or rows["timestamp"].isna().any():
        raise InputError(
            f"protocol {protocol} cuts by time, and the data set has rows without timestamps",
            "Without times, cut at random, whose figures are optimistic: --protocol random.",
        )


def _check_fits(frame: pd.DataFrame, protocol: str) -> None:
    """:raises InputError: when the cut leaves nothing to train on, or nothing to test."""
    wanted = FOLDS if protocol_named(protocol).tests else FOLDS[:1]
    empty = [fold for fold in wanted if fold != "valid" and not (frame["fold"] == fold).any()]
    if empty:
        lengths = frame.groupby("user").size()
        raise InputError(
            f"protocol {protocol} leaves no {empty[0]} rows: the longest of the "
            f"{len(lengths):,} users' histories has {lengths.max()} interactions",
            "user-time needs users with 2 or more, leave-one-out with 3; random cuts the rows "
            "of all users together.",
        )


def redraw_ties(interactions: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The same rows with ``seq`` drawn anew at random among a user's equal timestamps.

    For the headline rows of a report, which also give the mean over random tie orders.

    :raises InputError: without timestamps.
    """
    if "timestamp" not in interactions or interactions["timestamp"].isna().any():
        raise InputError(
            "ties cannot be drawn anew without timestamps", "Use a data set that has them."
        )
    draw = np.random.default_rng(seed).permutation(len(interactions))
    frame = interactions.assign(_draw=draw).sort_values(["user", "timestamp", "_draw"])
    frame["seq"] = (frame.groupby("user").cumcount() + 1).astype("int32")
    return frame.drop(columns="_draw").reset_index(drop=True)
