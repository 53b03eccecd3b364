"""Splits: which row of a data set is train, valid or test.

All protocols cut each user's own history by ``seq``, the order by (timestamp, the
source's row order, item id), so that ties in time are settled once, at the load.

================  ==============================================================
``user-time``     first ``floor(train · n)`` of n events train, the last ``valid``
                  share of these (at least one of two or more) valid, the rest test
``leave-one-out`` last event test, second last valid, rest train; users with
                  fewer than three events are train only
``all``           everything train: the refit for production
================  ==============================================================
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..artifacts import DatasetFolder, SplitFolder, read_parquet, write_manifest, write_parquet
from ..errors import InputError

FOLDS = ("train", "valid", "test")

_Ints = npt.NDArray[np.int64]
_Cut = Callable[..., tuple[_Ints, _Ints]]


def _user_time(counts: _Ints, train: float, valid: float) -> tuple[_Ints, _Ints]:
    kept = _share(counts, train)
    held = np.where(kept > 1, np.maximum(_share(kept, valid), 1), 0) if valid else 0 * kept
    return kept - held, kept


def _leave_one_out(counts: _Ints) -> tuple[_Ints, _Ints]:
    enough = counts >= 3
    return np.where(enough, counts - 2, counts), np.where(enough, counts - 1, counts)


def _all(counts: _Ints) -> tuple[_Ints, _Ints]:
    return counts, counts


# Each protocol: its parameters' defaults, and where train and valid end in n events.
_PROTOCOLS: dict[str, tuple[dict[str, float], _Cut]] = {
    "user-time": ({"train": 0.8, "valid": 0.1}, _user_time),
    "leave-one-out": ({}, _leave_one_out),
    "all": ({}, _all),
}
PROTOCOLS = tuple(_PROTOCOLS)


def make_split(interactions: pd.DataFrame, protocol: str, **parameters: float) -> pd.DataFrame:
    """The fold of each row.

    :param interactions: columns ``user, item, seq``; the order of rows does not matter.
    :returns: columns ``user, item, seq, fold``, sorted by user and seq.
    :raises InputError: for an unknown protocol or parameter, or a share outside 0…1.
    """
    values, cut = _checked(protocol, parameters)
    frame = interactions[["user", "item", "seq"]].sort_values(["user", "seq"], kind="stable")
    groups = frame.groupby("user", sort=False)["item"]
    position = groups.cumcount().to_numpy()
    train_end, valid_end = cut(groups.transform("size").to_numpy(dtype=np.int64), **values)
    fold = np.select([position < train_end, position < valid_end], FOLDS[:2], FOLDS[2])
    return frame.assign(fold=fold).reset_index(drop=True)


def split_id(protocol: str, parameters: Mapping[str, float] | None = None) -> str:
    """Folder name of a split: the protocol, and those parameters that are not the default.

    >>> split_id("user-time"), split_id("user-time", {"train": 0.9})
    ('user-time', 'user-time-train0.9')
    """
    values, _ = _checked(protocol, parameters or {})
    defaults = _PROTOCOLS[protocol][0]
    changed = [f"{name}{value!r}" for name, value in values.items() if value != defaults[name]]
    return "-".join([protocol, *changed])


def write_split(dataset: DatasetFolder, protocol: str, **parameters: float) -> SplitFolder:
    """Write a split of a data set, unless it is there already.

    :raises InputError: as :func:`make_split`.
    :raises ArtifactError: when the data set is missing or damaged.
    """
    values, _ = _checked(protocol, parameters)
    split = dataset.split(split_id(protocol, parameters))
    if (split.path / "manifest.json").is_file():
        split.manifest()  # refuses another schema version
        return split
    frame = make_split(read_parquet(dataset.interactions), protocol, **parameters)
    write_parquet(split.split, frame)
    counts = frame["fold"].value_counts()
    manifest = {
        "splitId": split.split_id,
        "dataset": dataset.fingerprint,
        "protocol": protocol,
        "parameters": values,
        "ties": "timestamp, the source's row order, item id",
        "counts": {fold: int(counts.get(fold, 0)) for fold in FOLDS},
        "jobs": {},
        "createdAt": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    write_manifest(split.path, manifest)
    return split


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


def _share(counts: _Ints, share: float) -> _Ints:
    """``floor(share · n)``, exact: .7 of 10 is 7 although .7 is slightly less in binary."""
    exact = Fraction(str(share))
    return counts * exact.numerator // exact.denominator


def _checked(protocol: str, parameters: Mapping[str, Any]) -> tuple[dict[str, float], _Cut]:
    if protocol not in _PROTOCOLS:
        raise InputError(f"unknown protocol '{protocol}'", f"Known: {', '.join(PROTOCOLS)}")
    defaults, cut = _PROTOCOLS[protocol]
    unknown = sorted(set(parameters) - set(defaults))
    if unknown:
        known = ", ".join(defaults) or "none"
        raise InputError(f"protocol {protocol} has no parameter '{unknown[0]}'", f"It has: {known}")
    values = {**defaults, **parameters}
    for name, value in values.items():
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not 0 <= value <= 1:
            raise InputError(f"{name} is {value}", "It is a share between 0 and 1.")
    return values, cut
