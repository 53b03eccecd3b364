"""The manifest of a run: what it was made from, which stages are done, what they said."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, TypedDict

from pydantic import Field, JsonValue, field_serializer, field_validator

from .audit_record import AuditRecord
from .manifests import Manifest, Moment, Record
from .metrics import ModelMetrics
from .split_manifest import RowOrder, Task


class StageRecord(Record):
    """A finished stage."""

    finished_at: Moment
    seconds: float


class RunInput(Record):
    """One need of a run's model: the fingerprint of what met it, or why it is absent."""

    need: str
    fingerprint: str | None
    absent: str | None


class RunManifest(Manifest):
    """What a run was made from, and what its finished ``stages`` said.

    ``inputs`` are the needs of its model (older runs have ``embeddings`` instead: the jobs whose
    vectors it reads). ``jobs`` are the fingerprints of the graph jobs that it was made with,
    ``similarities`` those of them that become ``SIMILAR_TO``. ``version`` is that of the
    package; ``behaviour`` counts the changes after which the same inputs give other results,
    and is 0 for runs from before it was recorded.

    ``chosen_epochs`` and ``summary`` are from training, ``users`` and ``recommendations`` from
    prediction, ``metrics`` from the evaluation (None without test rows), ``counters`` from the
    write-back.
    """

    again: ClassVar[str] = "make a new run: reelgraph run"

    run_id: str
    task: Task
    model: str
    dataset: str
    split: str
    protocol: str
    order: RowOrder
    label: str = ""
    knowledge: Literal["real", "none", "shuffled"]
    inputs: tuple[RunInput, ...] = ()
    embeddings: tuple[str, ...] = ()
    jobs: dict[str, str]
    similarities: tuple[str, ...]
    seed: int
    refit_of: str | None
    created_at: Moment
    version: str
    behaviour: int = 0
    config: dict[str, JsonValue]
    stages: dict[str, StageRecord]
    audit: AuditRecord | None = None
    chosen_epochs: int | None = None
    summary: dict[str, JsonValue] = Field({})
    users: int | None = None
    recommendations: int | None = None
    metrics: ModelMetrics | None = None
    counters: dict[str, int] = Field({})

    @property
    def needs_met(self) -> tuple[str, ...]:
        """The needs of the model that were there."""
        inputs = tuple(one.need for one in self.inputs if one.absent is None)
        return inputs or tuple(f"embedding {name}" for name in self.embeddings)

    @field_validator("metrics", mode="before")
    @classmethod
    def _none_is_empty(cls, value: Any) -> Any:
        return None if value == {} else value

    @field_serializer("metrics")
    def _empty_is_none(self, value: ModelMetrics | None) -> dict[str, JsonValue]:
        return value.dump() if value is not None else {}


class RunChanges(TypedDict, total=False):
    """Fields of a run's manifest that stages change."""

    stages: dict[str, StageRecord]
    audit: AuditRecord | None
    chosen_epochs: int
    summary: dict[str, JsonValue]
    users: int
    recommendations: int
    metrics: ModelMetrics | None
    counters: dict[str, int]
