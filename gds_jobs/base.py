"""What a graph job is: it computes one table from a leak-safe projection, or from files alone."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

import pandas as pd
import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from ..graph.contract import Edges

if TYPE_CHECKING:
    from ..artifacts import SplitFolder
    from .inputs import Inputs
    from .projection import Projection

Kind = Literal["embeddings", "similarity", "structure", "walks", "paths"]
Weight = Literal["none", "rating", "recency"]


class JobConfig(BaseModel):
    """Parameters of a job; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    edges: Edges = Field(
        "knowledge",
        description="edges that the job reads: knowledge, the split's train ratings, or both",
    )
    seed: int = Field(42, ge=0, description="seed of the algorithm")
    concurrency: int = Field(1, ge=1, le=4, description="threads on the server; 1 repeats exactly")


class ProjectedConfig(JobConfig):
    """Parameters of a job that GDS runs on a projection."""

    types: tuple[str, ...] | None = Field(
        None,
        description="relationship types to project, separated by commas; default: all of 'edges'",
    )

    @field_validator("types", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        parts = value.split(",") if isinstance(value, str) else value
        if not isinstance(parts, list | tuple):
            return parts
        return tuple(sorted({str(part).strip() for part in parts}))


class WeightedConfig(ProjectedConfig):
    """Parameters of a job whose algorithm takes weights of relationships."""

    weight: Weight = Field(
        "none",
        description="weight of train edges: none, rating, or recency; knowledge edges weigh 1",
    )
    half_life: float = Field(
        20.0, gt=0, description="recency: later train events of the user that halve the weight"
    )

    @model_validator(mode="after")
    def _weights_need_ratings(self) -> Self:
        if self.weight != "none" and self.edges == "knowledge":
            raise ValueError("only train edges have weights: read train or both edges")
        return self


@dataclass(frozen=True)
class JobOutput:
    """A job's table and what it is.

    - ``embeddings``: ``itemId``, ``vector`` (list of float32, one length)
    - ``similarity``: ``itemId``, ``otherId``, ``score``; ``facts`` name the ``method``
    - ``structure``: ``node``, ``degree``, ``pageRank``, ``community`` (items, then users)
    - ``walks``: ``nodes`` (list of int32, indices in the data set's node space)
    - ``paths``: see :mod:`reelgraph.gds_jobs.paths`

    A table that is larger than memory comes as a reader. ``facts`` are written into the
    job's record in the split's manifest.
    """

    kind: Kind
    table: pd.DataFrame | pa.Table | pa.RecordBatchReader
    facts: Mapping[str, Any] = field(default_factory=dict)


class GraphJob(ABC):
    """A job; subclasses are registered by plugins under ``name``, which names its file too.

    ``kind`` is the kind of its output, ``consumer`` says who reads it, ``cost`` in words what
    it takes, ``reproducible`` whether the same seed on one thread gives the same bytes. With
    ``merges_types`` its projection has all knowledge as one relationship type, a pair of nodes
    joined once. A job that needs no server is a :class:`FileJob`.
    """

    needs_gds: ClassVar[bool] = True
    reproducible: ClassVar[bool] = True
    merges_types: ClassVar[bool] = False
    cost: ClassVar[str] = "not stated"

    name: ClassVar[str]
    description: ClassVar[str]
    kind: ClassVar[Kind]
    consumer: ClassVar[str] = "models that ask for it by name"
    config_class: ClassVar[type[JobConfig]] = JobConfig
    default_config: ClassVar[dict[str, object]] = {}

    def __init__(self, config: JobConfig | None = None) -> None:
        self.config = config or self.default()

    @classmethod
    def default(cls) -> JobConfig:
        """The configuration that the job runs with unless told otherwise."""
        return cls.config_class.model_validate(cls.default_config)

    @property
    def output_name(self) -> str:
        """Name of the output: the job's, with its edges when they are not the default ones."""
        edges = self.config.edges
        return self.name if edges == self.default().edges else f"{self.name}-{edges}"

    @abstractmethod
    def run(self, projection: Projection) -> JobOutput:
        """Compute the table; the caller writes it and drops the projection."""


@dataclass(frozen=True)
class FileWork:
    """What a job gets that reads files only.

    :param inputs: all nodes and edges; the job takes those that its configuration names.
    :param scratch: a folder for finished parts. It is there again when an interrupted job
        with the same configuration and inputs goes on, and goes when the output is complete.
    """

    split: SplitFolder
    inputs: Inputs
    scratch: Path
    progress: bool = False


class FileJob(GraphJob):
    """A job that computes its table from the files of a split and asks no server."""

    needs_gds: ClassVar[bool] = False

    def sees(self, split: SplitFolder, inputs: Inputs) -> str:
        """Digest of everything in the files that can change the output."""
        return inputs.only(self.config.edges).fingerprint()

    @abstractmethod
    def compute(self, work: FileWork) -> JobOutput:
        """Compute the table; the caller writes it."""

    def run(self, projection: Projection) -> JobOutput:
        raise TypeError(f"job {self.name} reads files, not a projection: use compute")
