"""KNN: similar items by the cosine of their vectors."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from ..base import GraphJob, JobOutput, Kind
from ..projection import Projection
from ..similar import method_of, similar_items
from ..vectors import EmbeddingJob
from .fastrp import FastRp, FastRpConfig
from .graphsage import GraphSage
from .hashgnn import HashGnn
from .node2vec import Node2Vec

_JOBS: dict[str, type[EmbeddingJob]] = {
    job.name: job for job in (FastRp, Node2Vec, HashGnn, GraphSage)
}
_WEIGHTED = ("fastrp", "node2vec")


class KnnConfig(FastRpConfig):
    """Parameters of KNN and of the vectors that it compares."""

    concurrency: Literal[1] = Field(1, description="KNN repeats exactly on one thread only")
    vectors: Literal["fastrp", "node2vec", "hashgnn", "graphsage"] = Field(
        "fastrp",
        description="job whose vectors are compared; one other than fastrp has its defaults, "
        "of embedding_size",
    )
    top_k: int = Field(10, ge=1, description="similar items per item")
    min_score: float = Field(0.0, ge=0, le=1, description="leave out what is less similar")
    sample_rate: float = Field(
        1.0, gt=0, le=1, description="share of neighbours' neighbours compared in a round"
    )

    @model_validator(mode="after")
    def _vectors_take_weights(self) -> Self:
        if self.weight != "none" and self.vectors not in _WEIGHTED:
            raise ValueError(f"{self.vectors} takes no weights: choose fastrp or node2vec vectors")
        return self


class Knn(GraphJob):
    """The most similar items of each item; ``score`` is ``(1 + cosine) / 2``, as GDS gives it.

    Dong et al., Efficient K-Nearest Neighbor Graph Construction for Generic Similarity
    Measures, WWW 2011, https://doi.org/10.1145/1963405.1963487
    """

    name: ClassVar[str] = "knn"
    description: ClassVar[str] = "similar items by their vectors"
    kind: ClassVar[Kind] = "similarity"
    consumer: ClassVar[str] = "write-back of SIMILAR_TO"
    cost: ClassVar[str] = "that of the vectors, and about items^1.14 x embedding_size"
    config_class = KnnConfig
    config: KnnConfig

    def run(self, projection: Projection) -> JobOutput:
        config = self.config
        self._vectors().add(projection, self.output_name)
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
        table = similar_items(projection, pairs, config.edges)
        return JobOutput(
            self.kind, table, {"method": method_of(self, f"knn of {config.vectors} vectors")}
        )

    def _vectors(self) -> EmbeddingJob:
        """The job that makes the vectors, with the parameters that it shares with this one."""
        job = _JOBS[self.config.vectors]
        shared: dict[str, Any] = {
            name: getattr(self.config, name)
            for name in job.config_class.model_fields
            if name in FastRpConfig.model_fields
        }
        return job(job.config_class.model_validate(shared))
