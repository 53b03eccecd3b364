"""Structure features of items as vectors that a model can fuse in."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .data import FloatArray

COMMUNITIES = 16  # the largest; items of smaller ones have none


def structure_vectors(table: pd.DataFrame, items: int) -> FloatArray:
    """``(items, 18)``: log degree and log PageRank, standardised, and the community one-hot.

    Items without edges are zeros: nothing is known about them.

    :param table: ``node, degree, pageRank, community`` of the graph job ``structure``;
        node ``n < items`` is item ``n``.
    """
    rows = table.set_index("node").reindex(range(items))
    connected = (rows["degree"] > 0).to_numpy()
    vectors = np.zeros((items, 2 + COMMUNITIES), np.float32)
    for column, name in enumerate(("degree", "pageRank")):
        values = np.log(rows.loc[connected, name].to_numpy(np.float64))
        vectors[connected, column] = _standardised(values)
    community = rows["community"].fillna(COMMUNITIES).to_numpy(np.int64)
    some = connected & (community < COMMUNITIES)
    vectors[some, 2 + community[some]] = 1.0
    return vectors


def _standardised(values: FloatArray) -> FloatArray:
    spread = values.std() if len(values) else 0.0
    return (values - values.mean()) / spread if spread else np.zeros_like(values)
