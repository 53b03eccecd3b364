"""Knowledge triples as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import InputError

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Triples:
    """``rows`` is ``(n, 3)``: head, relation, tail; heads and tails are node indices.

    ``nodes`` is the number of nodes (items, then entities); ``relations`` are the names.
    """

    rows: IntArray
    nodes: int
    relations: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.rows)

    def only(self, rows: IntArray) -> Triples:
        return Triples(rows, self.nodes, self.relations)


def triples_from_frame(frame: pd.DataFrame, nodes: int) -> Triples:
    """From the columns ``head, relation, tail`` of ``triples.parquet``.

    :raises InputError: when there are none.
    """
    if frame.empty:
        raise InputError(
            "the data set has no knowledge triples", "Load a source that has them, or credits."
        )
    names = sorted(frame["relation"].unique())
    codes = pd.Categorical(frame["relation"], names).codes.astype(np.int64)
    rows = np.stack([frame["head"].to_numpy(np.int64), codes, frame["tail"].to_numpy(np.int64)], 1)
    return Triples(np.unique(rows, axis=0), nodes, tuple(map(str, names)))
