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

    kind: Literal["embeddings", "similarity", "walks"]
    table: pd.DataFrame


class GraphJob(ABC):
    """A job; subclasses are registered by plugins under ``name``, which names its file too."""

    name: ClassVar[str]
    description: ClassVar[str]
    config_class: ClassVar[type[JobConfig]] = JobConfig
    default_config: ClassVar[dict[str, object]] = {}

    def __init__(self, config: JobConfig | None = None) -> None:
        self.config = config or self.config_class(**self.default_config)  # type: ignore[arg-type]

    @abstractmethod
    def run(self, projection: Projection) -> JobOutput:
        """Compute the table; the caller writes it and drops the projection."""
