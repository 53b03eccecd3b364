"""What the embedding jobs share: vectors on a projection's nodes, and the items' as a table."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import numpy as np
import pandas as pd

from ..artifacts import Edges
from .base import GraphJob, JobOutput, Kind
from .projection import Projection


class EmbeddingJob(GraphJob):
    """A job that gives each node of a projection a vector."""

    kind: ClassVar[Kind] = "embeddings"
    consumer: ClassVar[str] = "fusion of the attention-lstm"

    @abstractmethod
    def add(self, projection: Projection, name: str) -> None:
        """Put the vectors on the projection's nodes, as the node property ``name``."""

    def run(self, projection: Projection) -> JobOutput:
        self.add(projection, self.output_name)
        return JobOutput(self.kind, item_vectors(projection, self.output_name, self.edges))


def item_vectors(projection: Projection, name: str, edges: Edges) -> pd.DataFrame:
    """``itemId, vector`` of all items, from the node property ``name`` of the projection.

    :param edges: what the vectors were computed on; an item without such an edge gets
        zeros, because nothing is known about it.
    """
    stream = projection.gds.graph.node_properties.stream(
        projection.handle(), name, node_labels=["Item"]
    )
    inputs = projection.inputs
    found = stream.sort_values("nodeId")
    vectors = np.stack(found[name].to_list()).astype(np.float32)
    vectors[~inputs.only(edges).connected()[: len(inputs.item_ids)]] = 0.0
    return pd.DataFrame({"itemId": inputs.item_ids, "vector": list(vectors)})
