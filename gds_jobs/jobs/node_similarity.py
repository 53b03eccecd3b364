"""Node similarity: items alike by the entities (or users) that they share."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from ..base import GraphJob, JobOutput, Kind
from ..config import WeightedConfig
from ..projection import Projection
from ..similar import method_of, similar_items


class NodeSimilarityConfig(WeightedConfig):
    """Parameters of node similarity."""

    metric: Literal["jaccard", "overlap", "cosine"] = Field(
        "jaccard",
        description="shared neighbours by those of either (jaccard) or of the one with fewer "
        "(overlap); cosine of the neighbours' weights",
    )
    top_k: int = Field(10, ge=1, description="similar items per item")
    min_score: float = Field(0.0, ge=0, le=1, description="leave out what is less similar")
    min_neighbors: int = Field(1, ge=1, description="leave out items with fewer neighbours")


class NodeSimilarity(GraphJob):
    """The items that share most neighbours with each item; only items are compared.

    Over knowledge edges these are genres, people and whatever else the graph has; over train
    edges users. Somebody joined by two relationships, as actor and as director, counts once:
    GDS counts a neighbour that several relationship types join sometimes once and sometimes
    twice. What items share can be named, which similar vectors do not give.
    """

    merges_types = True

    name: ClassVar[str] = "node-similarity"
    description: ClassVar[str] = "similar items by what they share"
    kind: ClassVar[Kind] = "similarity"
    consumer: ClassVar[str] = "write-back of SIMILAR_TO when the run's jobs name it, analysts"
    cost: ClassVar[str] = "pairs of items that share a neighbour: hubs make it quadratic"
    config_class = NodeSimilarityConfig
    config: NodeSimilarityConfig

    def run(self, projection: Projection) -> JobOutput:
        config = self.config
        pairs = projection.gds.node_similarity.filtered.stream(
            projection.handle(),
            source_node_filter="Item",
            target_node_filter="Item",
            similarity_metric=config.metric.upper(),
            top_k=config.top_k,
            similarity_cutoff=max(config.min_score, 1e-42),
            degree_cutoff=config.min_neighbors,
            relationship_weight_property=projection.weight,
            relationship_types=projection.types(config.edges),
            node_labels=projection.labels(config.edges),
            concurrency=config.concurrency,
        )
        table = similar_items(projection, pairs, config.edges)
        method = method_of(self, f"node similarity ({config.metric})")
        return JobOutput(self.kind, table, {"method": method})
