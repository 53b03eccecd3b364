"""HashGNN: item vectors by hashing neighbourhoods, without training."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from ..config import ProjectedConfig, SeededConfig
from ..projection import Projection
from ..vectors import EmbeddingJob


class HashGnnConfig(SeededConfig, ProjectedConfig):
    """Parameters of HashGNN."""

    embedding_size: int = Field(128, ge=1, description="length of the vectors")
    iterations: int = Field(
        3, ge=1, description="rounds of hashing; features travel one edge in each"
    )
    embedding_density: int = Field(64, ge=1, description="features drawn per node and iteration")
    neighbor_influence: float = Field(
        1.0, ge=0, description="how often features of neighbours are drawn instead of the node's"
    )
    features: int = Field(512, ge=2, description="binary features made up at the start")
    feature_density: int = Field(4, ge=1, description="features that each node has at the start")


class HashGnn(EmbeddingJob):
    """Vectors of items from randomly drawn features of their neighbourhood.

    Nodes start with random binary features, each iteration keeps a min-hash sample of their
    own and their neighbours', and a random projection makes dense vectors of all of it.

    Tan et al., Learning to Hash with Graph Neural Networks for Recommender Systems,
    WWW 2020, https://doi.org/10.1145/3366423.3380266
    """

    name: ClassVar[str] = "hashgnn"
    description: ClassVar[str] = "item vectors by hashing neighbourhoods"
    cost: ClassVar[str] = "linear in edges x iterations x embedding_density"
    config_class = HashGnnConfig
    config: HashGnnConfig

    def add(self, projection: Projection, name: str) -> None:
        config = self.config
        projection.gds.hash_gnn.mutate(
            projection.handle(),
            mutate_property=name,
            iterations=config.iterations,
            embedding_density=config.embedding_density,
            neighbor_influence=config.neighbor_influence,
            generate_features={
                "dimension": config.features,
                "densityLevel": min(config.feature_density, config.features),
            },
            output_dimension=config.embedding_size,
            relationship_types=projection.types(config.edges),
            node_labels=projection.labels(config.edges),
            random_seed=config.seed,
            concurrency=config.concurrency,
        )
