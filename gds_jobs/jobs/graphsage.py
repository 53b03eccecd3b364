"""GraphSAGE: item vectors by an unsupervised graph neural network."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from ..catalogue import model_name
from ..config import ProjectedConfig, SeededConfig
from ..projection import Projection
from ..vectors import EmbeddingJob
from .fastrp import FastRp, FastRpConfig

_GDS_WEIGHTS = (0.0, 1.0, 1.0)  # FastRP as GDS has it: what is near tells features apart


class GraphSageConfig(SeededConfig, ProjectedConfig):
    """Parameters of GraphSAGE."""

    embedding_size: int = Field(64, ge=1, description="length of the vectors")
    feature_size: int = Field(32, ge=1, description="length of the FastRP vectors it starts from")
    sample_sizes: tuple[int, ...] = Field(
        (25, 10), min_length=1, description="neighbours drawn at each layer"
    )
    epochs: int = Field(1, ge=1, description="passes over the nodes")
    iterations: int = Field(10, ge=1, description="steps per batch in an epoch, at most")
    learning_rate: float = Field(0.1, gt=0, description="learning rate of Adam")
    batch_size: int = Field(100, ge=1, description="nodes of a batch")


class GraphSage(EmbeddingJob):
    """Vectors that neighbours share, by aggregating neighbours' features; trained on edges.

    Features are the logarithm of a node's degree and a small FastRP vector, both of the same
    edges, so that nothing but these gets in. The model leaves the server's catalogue, which
    holds three, when the vectors are there. They depend on the seed and on ``concurrency``.

    Hamilton, Ying & Leskovec, Inductive Representation Learning on Large Graphs, NeurIPS
    2017, https://arxiv.org/abs/1706.02216
    """

    name: ClassVar[str] = "graphsage"
    description: ClassVar[str] = "item vectors by an unsupervised graph neural network"
    cost: ClassVar[str] = (
        "trains: nodes x product of sample_sizes x embedding_size x epochs x iterations"
    )
    config_class = GraphSageConfig
    config: GraphSageConfig

    def add(self, projection: Projection, name: str) -> None:
        config = self.config
        where: dict[str, Any] = {
            "relationship_types": projection.types(config.edges),
            "node_labels": projection.labels(config.edges),
        }
        features = self._add_features(projection, name, where)
        with model_name(projection.graph, self.output_name) as model_id:
            model, _ = projection.gds.graph_sage.train(
                projection.handle(),
                model_name=model_id,
                feature_properties=features,
                embedding_dimension=config.embedding_size,
                sample_sizes=list(config.sample_sizes),
                epochs=config.epochs,
                max_iterations=config.iterations,
                learning_rate=config.learning_rate,
                batch_size=config.batch_size,
                random_seed=config.seed,
                concurrency=config.concurrency,
                **where,
            )
            model.predict_mutate(
                projection.handle(),
                mutate_property=name,
                concurrency=config.concurrency,
                batch_size=config.batch_size,
                **where,
            )

    def _add_features(self, projection: Projection, name: str, where: dict[str, Any]) -> list[str]:
        """Names of the node properties that are the features."""
        config = self.config
        handle = projection.handle()
        degree, scaled, near = f"{name}-degree", f"{name}-log-degree", f"{name}-near"
        projection.gds.degree.mutate(handle, mutate_property=degree, **where)
        projection.gds.scale_properties.mutate(
            handle,
            mutate_property=scaled,
            node_properties=[degree],
            scaler={"type": "Log", "offset": 1},
            node_labels=where["node_labels"],
        )
        fastrp = FastRpConfig(
            edges=config.edges,
            seed=config.seed,
            concurrency=config.concurrency,
            embedding_size=config.feature_size,
            iteration_weights=_GDS_WEIGHTS,
            normalization_strength=0.0,
        )
        FastRp(fastrp).add(projection, near)
        return [scaled, near]
