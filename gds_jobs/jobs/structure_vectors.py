"""Structure features of items as vectors that a model can fuse in."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import Field

from ..derived import DerivedVectors, SourceConfig

COMMUNITIES = 16  # the largest; items of smaller ones have none


class StructureVectorsConfig(SourceConfig):
    """Parameters of the vectors of structure features."""

    source: str = Field(
        "structure", description="output with the features: structure, or structure-both"
    )


class StructureVectors(DerivedVectors):
    """Log degree and log PageRank, standardised, and the community one-hot: 18 numbers.

    Items without edges are zeros: nothing is known about them. Only the 16 largest
    communities have a number of their own.
    """

    name: ClassVar[str] = "structure-vectors"
    description: ClassVar[str] = "item vectors from the output of structure"
    cost: ClassVar[str] = "linear in items"
    config_class = StructureVectorsConfig
    usual: ClassVar[str] = "structure"
    columns: ClassVar[tuple[str, ...]] = ("node", "degree", "pageRank", "community")
    config: StructureVectorsConfig

    def vectors(self, table: pd.DataFrame, items: int) -> npt.NDArray[np.float32]:
        rows = table.set_index("node").reindex(range(items))  # node n < items is item n
        connected = (rows["degree"] > 0).to_numpy()
        vectors = np.zeros((items, 2 + COMMUNITIES), np.float32)
        for column, name in enumerate(("degree", "pageRank")):
            values = np.log(rows.loc[connected, name].to_numpy(np.float64))
            vectors[connected, column] = _standardised(values)
        community = rows["community"].fillna(COMMUNITIES).to_numpy(np.int64)
        some = connected & (community < COMMUNITIES)
        vectors[some, 2 + community[some]] = 1.0
        return vectors


def _standardised(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    spread = values.std() if len(values) else 0.0
    return (values - values.mean()) / spread if spread else np.zeros_like(values)
