"""What a graph job is: it computes one table from a leak-safe projection."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from .projection import Projection

Edges = Literal["knowledge", "train", "both"]
Kind = Literal["embeddings", "similarity", "walks"]


class JobConfig(BaseModel):
    """Parameters of a job; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    edges: Edges = Field(
        "knowledge",
        description="edges that the job reads: knowledge, the split's train ratings, or both",
    )
    seed: int = Field(42, description="seed of the algorithm")
    concurrency: int = Field(1, ge=1, le=4, description="threads on the server; 1 repeats exactly")


@dataclass(frozen=True)
class JobOutput:
    """A job's table and what it is.

    - ``embeddings``: ``itemId``, ``vector`` (list of float32, one length)
    - ``similarity``: ``itemId``, ``otherId``, ``score``
    - ``walks``: ``nodes`` (list of indices in the data set's node space)
    """

    kind: Kind
    table: pd.DataFrame


class GraphJob(ABC):
    """A job; subclasses are registered by plugins under ``name``, which names its file too.

    ``kind`` is the kind of its output, ``consumer`` says who reads it.
    """

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
