"""node2vec: item vectors from random walks."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from ..config import SeededConfig, WeightedConfig
from ..projection import Projection
from ..vectors import EmbeddingJob


class Node2VecConfig(SeededConfig, WeightedConfig):
    """Parameters of node2vec."""

    embedding_size: int = Field(64, ge=1, description="length of the vectors")
    walk_length: int = Field(20, ge=2, description="nodes of a walk")
    walks_per_node: int = Field(5, ge=1, description="walks from each node")
    window_size: int = Field(5, ge=1, description="distance of nodes that count as neighbours")
    return_factor: float = Field(1.0, gt=0, description="p: above 1, walks go back less")
    in_out_factor: float = Field(1.0, gt=0, description="q: above 1, walks stay near the start")
    negatives: int = Field(5, ge=1, description="random nodes drawn for each neighbour")
    epochs: int = Field(1, ge=1, description="passes over the walks")
    learning_rate: float = Field(0.025, gt=0, description="learning rate at the start")


class Node2Vec(EmbeddingJob):
    """Vectors that bring together nodes that random walks visit together.

    Grover & Leskovec, node2vec: Scalable Feature Learning for Networks, KDD 2016,
    https://arxiv.org/abs/1607.00653
    """

    name: ClassVar[str] = "node2vec"
    description: ClassVar[str] = "item vectors from random walks by skip-gram"
    cost: ClassVar[str] = "linear in nodes x walks_per_node x walk_length x embedding_size"
    config_class = Node2VecConfig
    config: Node2VecConfig

    def add(self, projection: Projection, name: str) -> None:
        config = self.config
        projection.gds.node2vec.mutate(
            projection.handle(),
            mutate_property=name,
            embedding_dimension=config.embedding_size,
            walk_length=config.walk_length,
            walks_per_node=config.walks_per_node,
            window_size=config.window_size,
            return_factor=config.return_factor,
            in_out_factor=config.in_out_factor,
            negative_sampling_rate=config.negatives,
            iterations=config.epochs,
            initial_learning_rate=config.learning_rate,
            relationship_weight_property=projection.weight,
            relationship_types=projection.types(config.edges),
            node_labels=projection.labels(config.edges),
            random_seed=config.seed,
            concurrency=config.concurrency,
        )
