"""What is known of users and movies beside the events: properties and knowledge edges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ...artifacts import DatasetFolder, read_parquet

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Bags:
    """Numbers of each movie: those of movie ``i`` are ``values[offsets[i]:offsets[i + 1]]``."""

    offsets: IntArray
    values: IntArray

    @classmethod
    def of(cls, owners: IntArray, values: IntArray, size: int) -> Bags:
        """From pairs of owner and value, in any order; a pair counts once."""
        pairs = np.unique(np.stack([owners, values]), axis=1)
        counts = np.bincount(pairs[0], minlength=size)
        return cls(np.concatenate([[0], np.cumsum(counts)]), pairs[1])

    def explode(self, owners: IntArray) -> tuple[IntArray, IntArray]:
        """For a list of owners: the place in that list, and the value, of each of their values."""
        starts, counts = self.offsets[owners], np.diff(self.offsets)[owners]
        place = np.repeat(np.arange(len(owners)), counts)
        within = np.arange(len(place)) - np.repeat(np.cumsum(counts) - counts, counts)
        return place, self.values[starts[place] + within]


@dataclass(frozen=True)
class Facts:
    """Tables of a data set as the export writes them; ``fingerprint`` names the data set."""

    users: pd.DataFrame
    items: pd.DataFrame
    triples: pd.DataFrame
    fingerprint: str = ""

    @classmethod
    def of(cls, dataset: DatasetFolder) -> Facts:
        """:raises ArtifactError: when a file is missing or damaged."""
        items = read_parquet(dataset.items).sort_values("index", ignore_index=True)
        return cls(
            read_parquet(dataset.users), items, read_parquet(dataset.triples), dataset.fingerprint
        )

    def item_rows(self, items: Any) -> IntArray:
        """Row of each movie id; one past the last row for unknown ones."""
        found = pd.Index(self.items["itemId"]).get_indexer(items)
        return np.where(found < 0, len(self.items), found).astype(np.int64)

    def user_rows(self, users: Any) -> IntArray:
        """Row of each user id; one past the last row for unknown ones."""
        found = pd.Index(self.users["userId"]).get_indexer(users)
        return np.where(found < 0, len(self.users), found).astype(np.int64)

    def bags(self, lists: Mapping[str, tuple[str, ...]]) -> dict[str, Bags]:
        """Entities of each movie (node indices) by the named relationship types."""
        found = {}
        for name, relations in lists.items():
            rows = self.triples[self.triples["relation"].isin(relations)]
            head, tail = (rows[end].to_numpy(dtype=np.int64) for end in ("head", "tail"))
            swap = head >= len(self.items)  # (person)-[:DIRECTED]->(movie)
            item, entity = np.where(swap, tail, head), np.where(swap, head, tail)
            between = (item < len(self.items)) & (entity >= len(self.items))
            found[name] = Bags.of(item[between], entity[between], len(self.items) + 1)
        return found
