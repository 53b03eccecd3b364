"""Copies of a run's files in a temporary folder, with some rows changed or removed.

The copy is laid out like a workspace (``datasets/``, ``runs/``). Files that stay as they are
are links; only ``interactions.parquet`` and ``split.parquet`` are written.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from ...artifacts import (
    MANIFEST,
    DatasetFolder,
    RunFolder,
    SplitFolder,
    read_parquet,
    write_parquet,
)
from ...locks import LOCK
from ..stages.work import Work

_KEYS = ["user", "item", "seq"]
_ROUNDS = 20  # draws of an item that the user does not have

Change = Callable[[pd.DataFrame], pd.DataFrame]


def read_rows(split: SplitFolder) -> pd.DataFrame:
    """All interactions of a split with their folds, sorted by user and seq."""
    rows = read_parquet(split.dataset.interactions)
    folds = read_parquet(split.split)
    merged = rows.merge(folds, on=_KEYS, how="inner", validate="one_to_one")
    return merged.sort_values(["user", "seq"], kind="stable", ignore_index=True)


def copy_files(work: Work, folder: Path, change: Change) -> Work:
    """The same work on a copy below ``folder``, whose rows are those that ``change`` returns."""
    source = work.split.dataset.path
    dataset = DatasetFolder(folder / "datasets" / source.name)
    split = dataset.split(work.split.split_id)
    for path in sorted(source.glob("*")):
        _link(path, dataset.path / path.name)
    for path in sorted(work.split.path.rglob("*")):
        _link(path, split.path / path.relative_to(work.split.path))
    rows = change(read_rows(work.split))
    for path, frame in (
        (dataset.interactions, rows.drop(columns="fold")),
        (split.split, rows[[*_KEYS, "fold"]]),
    ):
        path.unlink(missing_ok=True)  # the link, not what it leads to
        write_parquet(path, frame)
    run = RunFolder(folder / "runs" / work.run.run_id)
    run.path.mkdir(parents=True)
    shutil.copy(work.run.path / MANIFEST, run.path)
    return replace(work, run=run, split=split)


def unchanged(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows as they are: a copy to compare with."""
    return rows


def without_test(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows without those of fold test."""
    return rows[rows["fold"] != "test"].reset_index(drop=True)


def other_test(rows: pd.DataFrame, items: pd.Series, seed: int = 42) -> pd.DataFrame:
    """The rows with other ratings in test and, in every second test row, another item.

    Folds, order and times stay.

    :param items: ids of the catalogue, from which items are drawn that the user does not have.
    """
    test = np.flatnonzero((rows["fold"] == "test").to_numpy())
    random = np.random.default_rng(seed)
    number = pd.Index(items).get_indexer(pd.Index(rows["item"])).astype(np.int64)
    user = pd.factorize(rows["user"])[0].astype(np.int64)
    taken = user * len(items) + number  # the user's own items, before the change
    todo = test[::2]
    for _ in range(_ROUNDS):
        drawn = user[todo] * len(items) + random.integers(0, len(items), len(todo))
        _, first = np.unique(drawn, return_index=True)
        fresh = np.zeros(len(todo), bool)
        fresh[first] = True
        fresh &= ~np.isin(drawn, taken)
        number[todo[fresh]] = drawn[fresh] % len(items)
        taken = np.concatenate([taken, drawn[fresh]])
        todo = todo[~fresh]
    changed = rows.assign(item=items.to_numpy()[number])
    if "rating" in rows:
        ratings = rows["rating"].to_numpy(np.float64, copy=True)
        low, high = np.nanmin(ratings), np.nanmax(ratings)
        ratings[test] = np.where(ratings[test] == low, high + (low == high), low)
        changed["rating"] = ratings
    return changed


def _link(path: Path, link: Path) -> None:
    if path.is_file() and path.name != LOCK:  # others' business
        link.parent.mkdir(parents=True, exist_ok=True)
        try:
            link.symlink_to(path.resolve())
        except OSError:  # Windows, for users without that right
            shutil.copyfile(path, link)
