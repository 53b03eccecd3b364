"""FastRP: item vectors by random projection of the neighbourhood."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from ..config import SeededConfig, WeightedConfig
from ..projection import Projection
from ..vectors import EmbeddingJob


class FastRpConfig(SeededConfig, WeightedConfig):
    """Parameters of FastRP."""

    embedding_size: int = Field(128, ge=1, description="length of the vectors")
    iteration_weights: tuple[float, ...] = Field(
        (0.0, 0.0, 1.0, 0.0, 1.0),
        min_length=1,
        description="weight of the nodes 1, 2, … edges away",
    )
    normalization_strength: float = Field(
        0.7, description="exponent of a node's degree in its weight; negative plays down hubs"
    )


class FastRp(EmbeddingJob):
    """Vectors of items from the nodes some edges away.

    The defaults differ from the paper's. Most people belong to one film and tell nothing
    about others, so nodes one edge away do not count and hubs count more. By vectors of
    knowledge edges with these defaults, the 10 nearest items of an item of ML-100K were
    rated with it 1.31 times as often (cosine, train rows) as items on average; with GDS's
    defaults 1.08 times.

    Chen et al., Fast and Accurate Network Embeddings via Very Sparse Random Projection,
    CIKM 2019, https://arxiv.org/abs/1908.11512
    """

    name: ClassVar[str] = "fastrp"
    description: ClassVar[str] = "item vectors by fast random projection"
    cost: ClassVar[str] = "linear in edges x embedding_size; seconds for a million edges"
    config_class = FastRpConfig
    config: FastRpConfig

    def add(self, projection: Projection, name: str) -> None:
        config = self.config
        projection.gds.fast_rp.mutate(
            projection.handle(),
            mutate_property=name,
            embedding_dimension=config.embedding_size,
            iteration_weights=list(config.iteration_weights),
            normalization_strength=config.normalization_strength,
            relationship_weight_property=projection.weight,
            relationship_types=projection.types(config.edges),
            node_labels=projection.labels(config.edges),
            random_seed=config.seed,
            concurrency=config.concurrency,
        )
