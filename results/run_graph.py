"""Runs in the graph: reading them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from ..graph.connection import GraphLike

Status = Literal["writing", "ready", "kept", "retired", "archived"]

_GROUPS_A_BATCH = 200


@dataclass(frozen=True)
class GraphRun:
    """A ``(:Run)`` node.

    ``status``: *writing* (half written), *ready* (complete), *kept* (complete, and stays
    when another run is active), *retired* (being removed), *archived* (figures only, as the
    parent of a refit).
    """

    properties: dict[str, Any]
    active: bool
    parent_id: str | None
    has_refit: bool

    @property
    def run_id(self) -> str:
        return str(self.properties["runId"])

    @property
    def folder(self) -> str:
        """Name of the run's folder; the id differs when two contents of one folder meet."""
        return str(self.properties.get("folder", self.run_id))

    @property
    def status(self) -> Status:
        status: Status = self.properties["status"]
        return status

    @property
    def task(self) -> str:
        return str(self.properties.get("task", "ranking"))

    @property
    def rating_run(self) -> str | None:
        """The rating run whose predictions all relationships of this one have."""
        return self.properties.get("ratingRunId")

    @property
    def ratings_digest(self) -> str | None:
        """Of the predictions that a write-back began to write along with the relationships."""
        return self.properties.get("ratingsDigest")

    @property
    def slot(self) -> str | None:
        return self.properties.get("slot")

    @property
    def digest(self) -> str | None:
        return self.properties.get("digest")

    @property
    def complete(self) -> bool:
        return self.status in ("ready", "kept")

    @property
    def removable(self) -> bool:
        """It has no readers and was not asked to be kept."""
        if self.active or self.status == "kept":
            return False
        return self.status != "archived" or not self.has_refit


def read_runs(graph: GraphLike) -> list[GraphRun]:
    """All runs in the graph, newest first."""
    return [
        GraphRun(
            {name: value for name, value in row["run"].items() if value is not None},
            row["active"],
            row["parentId"],
            row["hasRefit"],
        )
        for row in graph.run("writeback/read_runs").rows
    ]


def active_runs(runs: Iterable[GraphRun]) -> dict[str, GraphRun]:
    """The active run of each task that has one."""
    return {run.task: run for run in runs if run.active}


def buckets_for(groups: int) -> int:
    """Number of batches for so many users or items: a transaction holds about 200 of them."""
    return 1 + groups // _GROUPS_A_BATCH
