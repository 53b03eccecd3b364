"""A small made-up data set with a split, as the export writes them; no server."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..artifacts import (
    DatasetCounts,
    DatasetFolder,
    DatasetManifest,
    SplitFolder,
    write_manifest,
    write_parquet,
)
from ..export.dataset import content_fingerprint
from ..model.splits.lookup import bound
from ..model.splits.splitting import write_split

USERS, ITEMS = 6, 14
ENTITIES = {"genre:A": ["Genre"], "genre:B": ["Genre"]} | {
    f"person:{n}": ["Actor", "Person"] if n % 2 else ["Director", "Person"] for n in range(6)
}


def make_split_folder(
    folder: Path,
    train: bool = True,
    knowledge: bool = True,
    timestamps: bool = True,
    items: Mapping[str, Any] | None = None,
    users: Mapping[str, Any] | None = None,
) -> SplitFolder:
    """Users 1…6 rate 8 of the items 1…14; items have a genre, actors and a director.

    :param items: further columns of the items' table; ``users`` likewise.
    """
    dataset = DatasetFolder(folder / "datasets" / "being-made")
    item_table = pd.DataFrame(
        {"itemId": range(1, ITEMS + 1), "index": range(ITEMS), "labels": [["Movie"]] * ITEMS}
    )
    entities = pd.DataFrame(
        {
            "entityId": list(ENTITIES),
            "index": range(ITEMS, ITEMS + len(ENTITIES)),
            "labels": list(ENTITIES.values()),
        }
    )
    first = ITEMS + len(ENTITIES)
    user_table = pd.DataFrame({"userId": range(1, USERS + 1), "index": range(first, first + USERS)})
    rows = interactions()
    if not timestamps:
        rows = rows.drop(columns="timestamp")
    tables = {
        "interactions": rows,
        "items": item_table.assign(**(items or {})),
        "entities": entities,
        "users": user_table.assign(**(users or {})),
        "triples": triples() if knowledge else triples().iloc[:0],
    }
    for name, table in tables.items():
        write_parquet(dataset.path / f"{name}.parquet", table)
    counts = {name: len(table) for name, table in tables.items()}
    write_manifest(dataset.path, _manifest(counts))
    named = dataset.path.with_name(content_fingerprint(dataset))
    if named.exists():  # the same data set was made here before
        shutil.rmtree(dataset.path)
        dataset = DatasetFolder(named)
    else:
        dataset = DatasetFolder(dataset.path.rename(named))
    split = write_split(dataset, bound("user-time", {} if timestamps else {"order": "rows"}))
    if not train:
        folds = pd.read_parquet(split.split).assign(fold="test")
        write_parquet(split.split, folds)
    return split


def interactions() -> pd.DataFrame:
    random = np.random.default_rng(7)
    rows = []
    for user in range(1, USERS + 1):
        times = np.sort(random.integers(1000, 1040, 8))
        chosen = random.permutation(ITEMS)[:8] + 1
        for seq, (item, time) in enumerate(zip(chosen, times, strict=True), start=1):
            rows.append((user, int(item), float(random.integers(1, 6)), int(time), seq))
    return pd.DataFrame(rows, columns=["user", "item", "rating", "timestamp", "seq"])


def triples() -> pd.DataFrame:
    """By index: genres of items, people in items, and one sequel."""
    rows = [(0, "HAS_SEQUEL", 1)]
    for item in range(ITEMS):
        rows.append((item, "HAS_GENRE", ITEMS + item % 2))
        rows.append((ITEMS + 2 + item % 6, "ACTED_IN" if item % 6 % 2 else "DIRECTED", item))
        rows.append((ITEMS + 2 + 1 + 2 * (item % 3), "ACTED_IN", item))
    frame = pd.DataFrame(rows, columns=["head", "relation", "tail"]).drop_duplicates()
    frame = frame.astype({"head": "int32", "tail": "int32"})
    return frame.sort_values(["relation", "head", "tail"], ignore_index=True)


def _manifest(counts: Mapping[str, int]) -> DatasetManifest:
    return DatasetManifest(
        fingerprint="abc",
        name="made up",
        id_space="small",
        interaction_type="RATED",
        user_id_type="INTEGER",
        item_id_type="INTEGER",
        ratings=True,
        timestamps=True,
        counts=DatasetCounts(**counts),
        relation_types={},
        event_types_left_out={},
        created_at="2025-01-01T00:00:00+00:00",
    )
