"""Parameters that several jobs have; a job's configuration takes those that it uses."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from ..artifacts import Edges

Weight = Literal["none", "rating", "recency"]


class JobConfig(BaseModel):
    """Parameters of a job; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class SeededConfig(JobConfig):
    """Parameters of a job that draws at random."""

    seed: int = Field(42, ge=0, description="seed of the algorithm")


class EdgesConfig(JobConfig):
    """Parameters of a job that can read knowledge, train ratings, or both."""

    edges: Edges = Field(
        "knowledge",
        description="edges that the job reads: knowledge, the split's train ratings, or both",
    )


class ProjectedConfig(EdgesConfig):
    """Parameters of a job that GDS runs on a projection."""

    concurrency: int = Field(1, ge=1, le=4, description="threads on the server; 1 repeats exactly")
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
