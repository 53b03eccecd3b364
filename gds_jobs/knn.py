"""KNN: similar items by the cosine of their FastRP vectors."""

from __future__ import annotations

from typing import ClassVar, Literal

import pandas as pd
from pydantic import Field

from .base import GraphJob, JobOutput, Kind
from .fastrp import FastRpConfig, add_fastrp
from .projection import Projection


class KnnConfig(FastRpConfig):
    """Parameters of KNN and of the FastRP vectors that it compares."""

    concurrency: Literal[1] = Field(1, description="KNN repeats exactly on one thread only")
    top_k: int = Field(10, ge=1, description="similar items an item")
    min_score: float = Field(0.0, ge=0, le=1, description="leave out what is less similar")
    sample_rate: float = Field(
        1.0, gt=0, le=1, description="share of neighbours' neighbours compared in a round"
    )


class Knn(GraphJob):
    """The most similar items of each item; ``score`` is ``(1 + cosine) / 2``, as GDS gives it.

    Dong et al., Efficient K-Nearest Neighbor Graph Construction for Generic Similarity
    Measures, WWW 2011, https://doi.org/10.1145/1963405.1963487
    """

    name: ClassVar[str] = "knn"
    description: ClassVar[str] = "similar items by their FastRP vectors"
    kind: ClassVar[Kind] = "similarity"
    consumer: ClassVar[str] = "write-back of SIMILAR_TO"
    config_class: ClassVar[type[FastRpConfig]] = KnnConfig
    config: KnnConfig

    def run(self, projection: Projection) -> JobOutput:
        config = self.config
        add_fastrp(projection, self.output_name, config)
        pairs = projection.gds.knn.stream(
            projection.handle(),
            node_properties=self.output_name,
            top_k=config.top_k,
            similarity_cutoff=config.min_score,
            sample_rate=config.sample_rate,
            relationship_types=projection.types(config.edges),
            node_labels=["Item"],
            random_seed=config.seed,
            concurrency=config.concurrency,
        )
        return JobOutput(self.kind, self._table(projection, pairs))

    def _table(self, projection: Projection, pairs: pd.DataFrame) -> pd.DataFrame:
        """Pairs of items that have edges, by item and falling score."""
        inputs = projection.inputs
        known = inputs.only(self.config.edges).connected()
        pairs = pairs[known[pairs["node1"]] & known[pairs["node2"]]]
        pairs = pairs.sort_values(["node1", "similarity", "node2"], ascending=[True, False, True])
        ids = inputs.item_ids
        return pd.DataFrame(
            {
                "itemId": ids.take(pairs["node1"].to_numpy()).reset_index(drop=True),
                "otherId": ids.take(pairs["node2"].to_numpy()).reset_index(drop=True),
                "score": pairs["similarity"].to_numpy(dtype="float32"),
            }
        )
