"""Makes and writes splits: which row of a data set is train, valid or test."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from ...artifacts import (
    MANIFEST,
    ColdCounts,
    Cuts,
    DatasetFolder,
    FoldCounts,
    SplitFolder,
    SplitManifest,
    read_parquet,
    write_manifest,
    write_parquet,
)
from ...errors import InputError, PluginError
from .base import Protocol
from .fold_files import reading_of
from .folds import FOLDS, UNUSED, FoldNames
from .parameters import File
from .time_order import check_order, row_order


def make_split(interactions: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    """The fold of each row.

    :param interactions: columns ``user, item, seq``, for protocols by time ``timestamp``, for
        ``given`` also ``rating`` where there is one; the order of rows does not matter.
    :returns: columns ``user, item, seq, fold``, sorted by user and seq; a fold is train,
        valid or test, or ``unused`` for rows that the files of ``given`` leave out.
    :raises InputError: for a protocol by time without timestamps, or rows that it cannot cut.
    :raises PluginError: for a protocol that does not keep to its own cut.
    """
    rows = interactions.sort_values(["user", "seq"], kind="stable", ignore_index=True)
    if protocol.needs_times:
        _need_times(rows, protocol.name)
    fold = protocol.cut(rows)
    _check_cut(protocol, rows, fold)
    return rows[["user", "item", "seq"]].assign(fold=fold)


def write_split(dataset: DatasetFolder, protocol: Protocol) -> SplitFolder:
    """Write a split of a data set, unless it is there already, and note when it was asked for.

    :raises InputError: as :func:`make_split`.
    :raises ArtifactError: when the data set is missing or damaged.
    """
    split = dataset.split(protocol.split_id)
    if (split.path / MANIFEST).is_file():
        split.manifest()  # refuses what this version does not understand
    else:
        _write(dataset, split, protocol)
    split.note_export()
    return split


def _write(dataset: DatasetFolder, split: SplitFolder, protocol: Protocol) -> None:
    rows = read_parquet(dataset.interactions)
    rows = rows.sort_values(["user", "seq"], kind="stable", ignore_index=True)
    frame = make_split(rows, protocol)
    adopted = dataset.manifest().adopted
    order = str(protocol.values.get("order", "time"))
    if protocol.cut_scope == "user":
        check_order(rows, frame["fold"], protocol.name, order, adopted)
    _check_fits(frame, protocol)
    write_parquet(split.split, frame)
    rules = protocol.rules
    manifest = SplitManifest(
        split_id=split.split_id,
        dataset=dataset.fingerprint,
        protocol=protocol.name,
        parameters=dict(protocol.values),
        order=row_order(rows, order, adopted),
        counts=_counts(frame),
        task=rules.tasks[0],
        candidates=rules.candidates,
        history=rules.history(),
        targets=rules.targets,
        cold=_cold(frame),
        jobs={},
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    only_some_have = _optional(rows, frame, protocol)
    write_manifest(split.path, manifest.model_copy(update=only_some_have))


def _optional(rows: pd.DataFrame, frame: pd.DataFrame, protocol: Protocol) -> dict[str, object]:
    """Fields of the manifest that only some protocols have."""
    found: dict[str, object] = {}
    if protocol.rules.label:
        found["label"] = protocol.rules.label
    files = [name for name, one in protocol.parameters.items() if isinstance(one, File)]
    if files:
        found["files"] = {name: reading_of(Path(str(protocol.values[name]))) for name in files}
    if protocol.cut_scope == "everyone":
        found["cuts"] = _cuts(rows, frame["fold"])
    return found


def _cuts(rows: pd.DataFrame, fold: pd.Series) -> Cuts:
    times = rows["timestamp"].groupby(fold.to_numpy()).min()
    return Cuts(**{name: int(times[name]) for name in FOLDS[1:] if name in times})


def _counts(frame: pd.DataFrame) -> FoldCounts:
    counts = frame["fold"].value_counts()
    names = (*FOLDS, UNUSED) if UNUSED in counts else FOLDS
    return FoldCounts(**{fold: int(counts.get(fold, 0)) for fold in names})


def _cold(frame: pd.DataFrame) -> ColdCounts:
    test = frame[frame["fold"] == "test"]
    known = frame[frame["fold"].isin(FOLDS[:2])]
    users, items = (
        int((~pd.Series(test[name].unique()).isin(known[name])).sum()) for name in ("user", "item")
    )
    return ColdCounts(users=users, items=items)


def _need_times(rows: pd.DataFrame, protocol: str) -> None:
    if "timestamp" not in rows or rows["timestamp"].isna().any():
        raise InputError(
            f"protocol {protocol} cuts by time, and the data set has rows without timestamps",
            "Without times, cut at random, whose figures are optimistic: --protocol random.",
        )


def _check_cut(protocol: Protocol, rows: pd.DataFrame, fold: FoldNames) -> None:
    """:raises PluginError: for other folds than there are, or rows read that its cut hides."""
    name = f"protocol {protocol.name}"
    unknown = sorted(set(np.unique(fold)) - {*FOLDS, UNUSED})
    if len(fold) != len(rows) or unknown:
        found = f"folds {', '.join(unknown)}" if unknown else f"{len(fold):,} folds"
        raise PluginError(
            f"{name}: its cut gives {found} for {len(rows):,} rows",
            f"Each row is one of: {', '.join((*FOLDS, UNUSED))}",
        )
    hidden = protocol.at_or_after_cut(rows.assign(fold=fold))
    late = 0 if hidden is None else int((hidden & np.isin(fold, FOLDS[:2])).sum())
    if late:
        raise PluginError(
            f"{name}: {late:,} rows of train or valid are at or after its own cut",
            "Its first test row and all later ones are test; without such a cut, it derives from "
            "Protocol.",
        )


def _check_fits(frame: pd.DataFrame, protocol: Protocol) -> None:
    """:raises InputError: when the cut leaves nothing to train on, or nothing to test."""
    wanted = FOLDS if protocol.has_test else FOLDS[:1]
    empty = [fold for fold in wanted if fold != "valid" and not (frame["fold"] == fold).any()]
    if empty:
        lengths = frame.groupby("user").size()
        raise InputError(
            f"protocol {protocol.name} leaves no {empty[0]} rows: the longest of the "
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
