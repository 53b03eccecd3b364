"""The two slots for vectors of runs, on the nodes of users and items, with their indexes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from ..artifacts import RunFolder
from ..errors import ArtifactError, DatabaseError
from ..graph.connection import Counters, GraphLike
from ..graph.contract import SLOTS, VECTOR_KINDS
from ..graph.writer import Batch, Progress, batches, progress_bar, write_batches
from .run_files import RunVectors, read_vectors
from .run_graph import GraphRun, buckets_for, read_runs


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
    counters += put_vectors(graph, slot, vectors, progress)
    for kind in VECTOR_KINDS:
        statement = f"writeback/create_{kind}_index_{slot.lower()}"
        graph.run(statement, dimension=vectors.dimension)
    return counters


def put_vectors(
    graph: GraphLike, slot: str, vectors: RunVectors, progress: Progress | None = None
) -> Counters:
    """Set the properties of users and items alone."""
    counters = write_batches(
        graph,
        "writeback/write_user_vectors",
        user_batches(vectors.users),
        ledger=None,
        progress=progress,
        slot=slot,
    )
    counters += write_batches(
        graph,
        "writeback/write_item_vectors",
        item_batches(vectors.items),
        ledger=None,
        progress=progress,
        slot=slot,
    )
    return counters


def user_batches(users: pd.DataFrame) -> Iterator[Batch]:
    """Rows ``user, historyLength, vector`` in batches."""
    columns = {"vectors": "vector", "historyLengths": "historyLength"}
    return batches(users, "user", columns, buckets_for(len(users)))


def item_batches(items: pd.DataFrame) -> Iterator[Batch]:
    """Rows ``item, vector`` in batches."""
    columns = {"vectors": "vector"}
    return batches(items, "item", columns, buckets_for(len(items)), group_key="itemId")


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


def restore_vectors(
    graph: GraphLike, run: GraphRun, folder: RunFolder, progress: bool = True
) -> Counters:
    """Put the vectors of a complete run back into a free slot from its folder.

    They are those that the run was written with: users whose lists were made anew since are
    asked about again by the next refresh.

    :raises ArtifactError: when the folder has no vectors, or others than were written.
    """
    vectors = read_vectors(folder)
    if vectors.digest != run.properties.get("vectorDigest"):
        raise ArtifactError(
            f"{folder.vectors} has other vectors than run {run.run_id} in the graph",
            f"Write it as it is now: reelgraph writeback {folder.run_id}",
        )
    slot = free_slot(read_runs(graph), run.run_id)
    rows = len(vectors.users) + len(vectors.items)
    with progress_bar(rows, "vectors", progress) as bar:
        done = bar.update
        counters = write_vectors(graph, slot, vectors, done)
    await_indexes(graph, slot)
    counters += graph.run("refresh/forget", written=run.written).counters
    counters += take_slot(graph, run.run_id, slot)  # last: it says that they are whole
    return counters


def lacks_vectors(run: GraphRun) -> bool:
    """True when a run was made with vectors and its slot was taken since."""
    return "vectorDimension" in run.properties and run.slot is None
