"""Runs as they stand in the graph: reading them, and the vector slots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ..errors import DatabaseError
from ..graph.connection import Counters, GraphLike
from ..graph.contract import SLOTS, VECTOR_KINDS
from ..graph.writer import Progress, batches, write_batches
from .run_files import RunVectors

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
        """Nobody reads it and nobody asked to keep it."""
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


def free_slot(runs: Sequence[GraphRun], run_id: str) -> str:
    """The slot for a run's vectors: its own, else an unused one, else a kept run's.

    :raises DatabaseError: when active runs of two tasks have both.
    """
    active = {run.slot for run in runs if run.active and run.run_id != run_id}
    free = [slot for slot in SLOTS if slot not in active]
    if not free:
        raise DatabaseError(
            "both vector slots belong to active runs",
            "Only two active runs can have vectors: delete one of them (reelgraph runs list).",
        )
    mine = [run.slot for run in runs if run.run_id == run_id and run.slot in free]
    used = {run.slot for run in runs}
    unused = [slot for slot in free if slot not in used]
    return str([*mine, *unused, *free][0])


def write_vectors(
    graph: GraphLike, slot: str, vectors: RunVectors, progress: Progress | None = None
) -> Counters:
    """Put vectors into a slot that no reader uses, and start building its indexes.

    A kept run that had the slot has none from now on. The indexes are built anew after
    the vectors are there: the dimension may be another one, and building once is faster
    than updating. It may be repeated at any point.
    """
    counters = Counters()
    counters += graph.run("writeback/release_slot", slot=slot).counters
    counters += clear_slot(graph, slot)
    users = {"vectors": "vector", "historyLengths": "historyLength"}
    counters += write_batches(
        graph,
        "writeback/write_user_vectors",
        batches(vectors.users, "user", users, buckets_for(len(vectors.users))),
        ledger=None,
        progress=progress,
        slot=slot,
    )
    counters += write_batches(
        graph,
        "writeback/write_item_vectors",
        batches(
            vectors.items,
            "item",
            {"vectors": "vector"},
            buckets_for(len(vectors.items)),
            group_key="itemId",
        ),
        ledger=None,
        progress=progress,
        slot=slot,
    )
    for kind in VECTOR_KINDS:
        statement = f"writeback/create_{kind}_index_{slot.lower()}"
        graph.run(statement, dimension=vectors.dimension)
    return counters


def buckets_for(groups: int) -> int:
    """Number of batches for so many users or items: a transaction holds about 200 of them."""
    return 1 + groups // _GROUPS_A_BATCH


def take_slot(graph: GraphLike, run_id: str, slot: str) -> Counters:
    """Say on the run's node where its vectors are."""
    return graph.run("writeback/take_slot", runId=run_id, slot=slot).counters


def await_indexes(graph: GraphLike, slot: str) -> None:
    """Wait until the indexes of a slot answer."""
    for kind in VECTOR_KINDS:
        graph.run("writeback/await_index", name=f"{kind}_vector_{slot}")


def clear_slot(graph: GraphLike, slot: str) -> Counters:
    """Drop the indexes of a slot and take its vectors from all nodes."""
    counters = Counters()
    for kind in VECTOR_KINDS:
        graph.run("writeback/drop_index", name=f"{kind}_vector_{slot}")
    for kind in VECTOR_KINDS:
        counters += graph.run(f"writeback/clear_{kind}_vectors", slot=slot).counters
    return counters
