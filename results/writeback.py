"""Writing a run into the graph and making it the active one.

Everything is written first, under the run's own id, and the vectors into the slot that the
active run does not use. The switch is then one write of one property,
``Task.activeRunId``; every reader starts from it, so it sees the old run or the new one.
Interrupted at any point, the graph has one complete active run, and the next call goes on
or cleans up.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

from ..artifacts import RunFolder, SplitFolder
from ..errors import ArtifactError, DatabaseError
from ..graph import migrations
from ..graph.connection import Counters, GraphLike
from ..graph.results_lock import holding_results
from ..graph.writer import Progress, progress_bar
from .found_since import parent_of, say_found_since
from .predicted_ratings import PredictedRatings, Switches, add_ratings, with_ratings
from .relationships import write_relationships
from .retire import GRACE_SECONDS, PARTS, ledger, remove_remains, set_keep
from .run_files import RunFiles, read_run
from .run_graph import GraphRun, active_runs, is_content, read_runs
from .vectors import (
    await_indexes,
    free_slot,
    lacks_vectors,
    restore_vectors,
    take_slot,
    write_vectors,
)


def write_run(
    graph: GraphLike,
    run: RunFolder,
    split: SplitFolder,
    progress: bool = True,
    *,
    evidence_top: int | None = None,
    keep: int | None = None,
    grace: float = GRACE_SECONDS,
    ratings: PredictedRatings | None = None,
    switches: Switches | None = None,
) -> Counters:
    """Write a run's recommendations, attention, similar items and vectors; activate it.

    A run that is there with the same content is only activated; where it is active
    already, nothing changes but the verdict of an audit and the figures of an evaluation.
    Other runs that do not stay are removed.

    :param evidence_top: pieces of evidence that are stored per recommendation, by default all
        that the run has. With another number it is another content.
    :param keep: runs of this task that were active before and stay, from now on; by default as
        many as was said last, at first none.
    :param grace: seconds that the run active before stays after the switch.
    :param ratings: what the rating run predicts for the ranking run, where this is one of the
        two and the other one is active.
    :param switches: tells when others left the run without predicted ratings.
    :return: what changed in the graph.
    :raises ArtifactError: when the folder is incomplete or does not fit the split or graph.
    :raises DatabaseError: when the server cannot be reached or loses rows.
    """
    files = read_run(run, split, evidence_top)
    migrations.apply(graph)
    _check_data_set(graph, split)
    _check_ids(graph, files)

    def work() -> Counters:
        counters = Counters() if keep is None else set_keep(graph, keep, [files.task])
        counters += _write_and_switch(graph, files, ratings, progress, grace)
        if switches is not None:
            switches.tell(graph)
        return counters

    return holding_results(graph, work)


def _write_and_switch(
    graph: GraphLike,
    files: RunFiles,
    ratings: PredictedRatings | None,
    progress: bool,
    grace: float,
) -> Counters:
    runs = read_runs(graph)
    if ratings is not None:
        files = with_ratings(files, ratings, active_runs(runs).get("rating"))
    run_id, there = _place(files, runs)
    counters = say_found_since(graph, files, there, runs)
    if there is None or not there.complete:
        counters += remove_remains(graph, grace, spare={run_id} if there else ())
        counters += _write(graph, run_id, files, fresh=there is None, progress=progress)
    elif not there.active and lacks_vectors(there):
        counters += restore_vectors(graph, there, files.folder, progress)
    if there is None or not there.active:
        counters += graph.run("writeback/switch", task=files.task, runId=run_id).counters
    if ratings is not None:
        counters += add_ratings(graph, ratings, grace)
    counters += remove_remains(graph, grace)
    return counters


def _place(files: RunFiles, runs: list[GraphRun]) -> tuple[str, GraphRun | None]:
    """The run's id in the graph, and its node when this content is there, whole or in part.

    A part goes on only with the same predicted ratings; with others it is written anew.
    The id is the folder's name. Where an active or kept run has it with another content
    (trained again on another device), ``@2`` is added: readers need the old one until the
    switch.
    """
    for run in runs:
        usable = run.complete or (
            run.status == "writing" and run.ratings_digest == files.ratings_digest
        )
        same = is_content(run, files.folder.run_id, files.digest, files.evidence_top)
        if same and usable:
            return run.run_id, run
    occupied = {run.run_id for run in runs if not run.removable and run.status != "archived"}
    name = files.folder.run_id
    names = (name if number == 1 else f"{name}@{number}" for number in count(1))
    return next(one for one in names if one not in occupied), None


def _write(
    graph: GraphLike, run_id: str, files: RunFiles, *, fresh: bool, progress: bool
) -> Counters:
    """Write all of a run under its id, as yet unseen by readers, until it is complete."""
    counters = Counters()
    if fresh:
        counters += graph.run(
            "writeback/begin_run",
            runId=run_id,
            createdAt=files.created_at,
            properties=files.properties
            | {"digest": files.digest}
            | {"ratingRunId": files.rating_run, "ratingsDigest": files.ratings_digest},
        ).counters
    if files.parent_id is not None:
        counters += _join_parent(graph, run_id, files)
    slot = free_slot(read_runs(graph), run_id) if files.vectors is not None else None
    with _bar(_rows(files), f"run {run_id}", progress) as done:
        if files.vectors is not None and slot is not None:
            counters += write_vectors(graph, slot, files.vectors, done)
            counters += take_slot(graph, run_id, slot)
        counters += write_relationships(graph, run_id, files, done)
    if slot is not None:
        await_indexes(graph, slot)
    _check_complete(graph, run_id, files)
    counters += _finish(graph, run_id, files.digest)
    return counters


def _finish(graph: GraphLike, run_id: str, digest: str) -> Counters:
    """Mark the run complete and forget its ledgers, in one transaction."""

    def work(tx: Any) -> Counters:
        counters: Counters = tx.run("writeback/set_status", runId=run_id, status="ready").counters
        for part in PARTS:
            tx.run("load/delete_ledger", ledger=ledger(run_id, digest, part))
        return counters

    return graph.transact(work)


def _check_complete(graph: GraphLike, run_id: str, files: RunFiles) -> None:
    found = graph.run("writeback/count_run", runId=run_id).single()
    expected = {part: len(getattr(files, part)) for part in PARTS}
    if found != expected:
        graph.run("writeback/retire_run", runId=run_id)
        raise DatabaseError(
            f"run {run_id}: {found} of {expected} relationships are in the graph; users or "
            "items were removed while it was written. The active run is unchanged.",
            f"Write it again: reelgraph writeback {files.folder.run_id}",
        )


def _check_data_set(graph: GraphLike, split: SplitFolder) -> None:
    """Ids of two data sets may look alike: the run must be of the graph's own one."""
    row = graph.run("export/dataset").single()
    made_from = split.dataset.manifest().id_space
    if row and row["idSpace"] != made_from:
        raise ArtifactError(
            f"the run was made from data set '{made_from}', this graph holds '{row['idSpace']}'",
            "Connect to the graph that it was made from (NEO4J_URI), or make a new run: "
            "reelgraph run",
        )


def _check_ids(graph: GraphLike, files: RunFiles) -> None:
    for kind, ids in (("users", files.user_ids()), ("items", files.item_ids())):
        row = graph.run(f"writeback/missing_{kind}", ids=ids).single()
        if row and row["missing"]:
            raise ArtifactError(
                f"run {files.folder.run_id}: {row['missing']} of its {kind} are not in this "
                f"graph, such as {', '.join(map(str, row['examples']))}",
                "Write it into the graph that it was made from, or make a new run: reelgraph run",
            )


def _join_parent(graph: GraphLike, run_id: str, files: RunFiles) -> Counters:
    """``REFIT_OF`` to the run that chose the epochs, whose test figures are shown for this one."""
    properties, created_at = parent_of(files)
    return graph.run(
        "writeback/join_parent",
        runId=run_id,
        parentId=files.parent_id,
        createdAt=created_at,
        properties=properties,
    ).counters


def _rows(files: RunFiles) -> int:
    rows = sum(len(getattr(files, part)) for part in PARTS)
    return rows + (len(files.vectors.users) + len(files.vectors.items) if files.vectors else 0)


@contextmanager
def _bar(total: int, description: str, show: bool) -> Iterator[Progress]:
    with progress_bar(total, description, show) as bar:
        yield bar.update
