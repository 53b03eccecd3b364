"""Item vectors from random walks, by skip-gram as a matrix factorisation."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import Field

from ..config import SeededConfig
from ..derived import DerivedVectors, SourceConfig


class WalkVectorsConfig(SeededConfig, SourceConfig):
    """Parameters of the vectors of walks."""

    source: str = Field(
        "walks", description="output with the walks, such as walks, walks-both or metapath"
    )
    embedding_size: int = Field(64, ge=1, description="length of the vectors at most")
    window_size: int = Field(4, ge=1, description="distance of nodes that count as neighbours")
    negatives: int = Field(1, ge=1, description="k of negative sampling: log k is subtracted")


class WalkVectors(DerivedVectors):
    """Vectors of items that walks visit near the same nodes.

    Skip-gram with negative sampling factorises the matrix of shifted pointwise mutual
    information; here its positive part is factorised directly, see
    :mod:`reelgraph.gds_jobs.skipgram`. An item that no walk visits has zeros.

    Levy & Goldberg, Neural word embedding as implicit matrix factorization, NeurIPS 2014,
    https://proceedings.neurips.cc/paper/2014/hash/feab05aa91085b7a8012516bc3533958-Abstract.html
    """

    name: ClassVar[str] = "walk-vectors"
    description: ClassVar[str] = "item vectors from the output of walks"
    cost: ClassVar[str] = "linear in nodes of the walks x window_size; seconds for ML-100K"
    config_class = WalkVectorsConfig
    usual: ClassVar[str] = "walks"
    columns: ClassVar[tuple[str, ...]] = ("nodes",)
    config: WalkVectorsConfig

    def vectors(self, table: pd.DataFrame, items: int) -> npt.NDArray[np.float32]:
        from ..skipgram import item_vectors  # scikit-learn is slow to import

        config = self.config
        return item_vectors(
            table["nodes"].to_list(),
            items,
            dimension=config.embedding_size,
            window=config.window_size,
            negatives=config.negatives,
            seed=config.seed,
        )
