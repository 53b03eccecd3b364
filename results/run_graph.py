"""Runs in the graph: reading them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from operator import itemgetter
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
    spared: bool = False
    """It was active before and stays, as the task says how many do."""

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
    def written(self) -> str:
        """Stands for one write-back: a run that is written again has other lists."""
        return f"{self.run_id} {self.properties.get('writtenAt')}"

    @property
    def replaced_at(self) -> str | None:
        """When another run became active in its place."""
        return self.properties.get("replacedAt")

    @property
    def evidence_top(self) -> int | None:
        """Pieces of evidence per recommendation where weaker ones of the run were left out."""
        return self.properties.get("evidenceTop")

    @property
    def complete(self) -> bool:
        return self.status in ("ready", "kept")

    @property
    def removable(self) -> bool:
        """It has no readers and was not asked to be kept."""
        if self.active or self.status == "kept" or self.spared:
            return False
        return self.status != "archived" or not self.has_refit


def read_runs(graph: GraphLike) -> list[GraphRun]:
    """All runs in the graph, newest first."""
    rows = graph.run("writeback/read_runs").rows
    runs = [
        GraphRun(
            {name: value for name, value in row["run"].items() if value is not None},
            row["active"],
            row["parentId"],
            row["hasRefit"],
        )
        for row in rows
    ]
    spared = _spared(runs, [row["keep"] for row in rows])
    return [replace(run, spared=run.run_id in spared) for run in runs]


def _spared(runs: list[GraphRun], keep: list[int]) -> set[str]:
    """The runs of each task that were active last, as many as it keeps.

    Runs that are kept for ever do not count.

    :param keep: for each run, how many its task keeps.
    """
    before = [
        (str(run.replaced_at), run, number)
        for run, number in zip(runs, keep, strict=True)
        if run.replaced_at is not None and run.status == "ready" and not run.active
    ]
    places: Counter[str] = Counter()
    spared = set()
    for _, run, number in sorted(before, key=itemgetter(0), reverse=True):
        if places[run.task] < number:
            spared.add(run.run_id)
        places[run.task] += 1
    return spared


def is_content(run: GraphRun, folder: str, digest: str, evidence_top: int | None) -> bool:
    """Whether a run in the graph is what would be written of this folder."""
    there = (run.folder, run.digest, run.evidence_top)
    return there == (folder, digest, evidence_top)


def active_runs(runs: Iterable[GraphRun]) -> dict[str, GraphRun]:
    """The active run of each task that has one."""
    return {run.task: run for run in runs if run.active}


def buckets_for(groups: int) -> int:
    """Number of batches for so many users or items: a transaction holds about 200 of them."""
    return 1 + groups // _GROUPS_A_BATCH
