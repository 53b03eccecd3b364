"""Predicted ratings of the active rating run on the recommendations of the active ranking run.

A relationship has one rating run's predictions at a time: ``predictedRating`` and
``ratingRunId``. ``Run.ratingRunId`` of a ranking run names the rating run whose predictions all
of its relationships have; readers show nothing else. It is set when the last one is written and
goes in the very transaction in which another rating run becomes active, or none is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from ..artifacts import RunFolder, read_parquet
from ..errors import ArtifactError
from ..graph.connection import Counters, GraphLike
from ..graph.writer import Batch, Progress, batches, write_batches
from ..progress import Note
from .retire import wait_for_readers
from .run_content import digest_of
from .run_files import RunFiles, read_predictions
from .run_graph import GraphRun, active_runs, buckets_for, read_runs

_COLUMNS = ("user", "item", "rank", "predictedRating")


@dataclass(frozen=True)
class PredictedRatings:
    """What a rating run predicts for the stored recommendations of a ranking run.

    ``path`` has a row per recommendation in the order of user and rank: ``user, item, rank,
    predictedRating`` (NaN where the rating run can say nothing). ``rating`` and ``ranking`` are
    the digests of the contents of the two runs; by them a run is known in the graph.
    """

    path: Path
    rating: str
    ranking: str

    @property
    def digest(self) -> str:
        """Stands for the content of the file."""
        return digest_of([self.path])

    def read(self) -> pd.DataFrame:
        """:raises ArtifactError: when the file is missing, damaged or lacks a column."""
        frame = read_parquet(self.path)
        missing = [name for name in _COLUMNS if name not in frame]
        if missing:
            raise ArtifactError(
                f"{self.path}: column {', '.join(missing)} is missing",
                "Delete it and write the run again: reelgraph writeback",
            )
        return frame

    def are_of(self, rating: GraphRun | None, ranking_digest: str | None) -> bool:
        """Whether they are this rating run's for a ranking run with this content."""
        return rating is not None and (rating.digest, ranking_digest) == (self.rating, self.ranking)


@dataclass(frozen=True)
class Switches:
    """Tells when another process has made another run active while ratings were predicted.

    ``seen`` has, by task, the run that was active before, None for none, of those tasks that
    others may have switched since.
    """

    seen: Mapping[str, GraphRun | None]
    note: Note

    def tell(self, graph: GraphLike) -> None:
        """Say where a switch has left the active ranking run without predicted ratings.

        Where nothing was switched, whoever could not predict has said why. The lock of results
        has to be held.
        """
        active = active_runs(read_runs(graph))
        ranking, rating = active.get("ranking"), active.get("rating")
        if ranking is None or rating is None or ranking.rating_run == rating.run_id:
            return
        new = [active[task].run_id for task, run in self.seen.items() if _other(run, active[task])]
        if new:
            self.note(
                f"run {ranking.run_id} has no predicted ratings of run {rating.run_id}, because "
                f"{' and '.join(new)} became active meanwhile. "
                f"Add them: reelgraph runs activate {rating.run_id}"
            )


def listed(run: RunFolder) -> pd.DataFrame:
    """``user, item, rank`` of what a write-back of the folder stores, by user and rank."""
    return read_predictions(run)[["user", "item", "rank"]]


def stored(graph: GraphLike, run_id: str) -> pd.DataFrame:
    """``user, item, rank`` of a run's recommendations in the graph, by user and rank."""
    lists = list(graph.stream("writeback/read_recommended", runId=run_id))
    rows = [
        (row["userId"], item, rank) for row in lists for rank, item in enumerate(row["items"], 1)
    ]
    return pd.DataFrame(rows, columns=["user", "item", "rank"])


def with_ratings(files: RunFiles, ratings: PredictedRatings, rating: GraphRun | None) -> RunFiles:
    """A ranking run that is to be written along with its predicted ratings.

    It stays as it is where they are not of ``rating``, the active run, and this content.

    :raises ArtifactError: when the file has other rows.
    """
    if files.task != "ranking" or rating is None or not ratings.are_of(rating, files.digest):
        return files
    frame = ratings.read()
    for name in ("user", "item", "rank"):
        if frame[name].tolist() != files.recommended[name].tolist():
            raise ArtifactError(
                f"{ratings.path} is not for these recommendations: column {name} differs",
                f"Delete it and write the run again: reelgraph writeback {files.folder.run_id}",
            )
    return replace(
        files,
        recommended=files.recommended.assign(predictedRating=frame["predictedRating"].to_numpy()),
        rating_run=rating.run_id,
        ratings_digest=ratings.digest,
    )


def add_ratings(
    graph: GraphLike, ratings: PredictedRatings, grace: float, progress: Progress | None = None
) -> Counters:
    """Put predicted ratings onto the relationships of the active ranking run.

    Where they are there already, or another run became active since they were predicted,
    nothing changes. It may be interrupted at any point and called again; until it is done,
    readers see no predicted ratings. The lock of results has to be held.

    :param grace: seconds that readers of another rating run's predictions get to end.
    """
    runs = read_runs(graph)
    active = active_runs(runs)
    ranking, rating = active.get("ranking"), active.get("rating")
    if ranking is None or rating is None or ranking.rating_run == rating.run_id:
        return Counters()
    if not ratings.are_of(rating, ranking.digest):
        return Counters()
    _wait(graph, [run for run in runs if run.task == "rating" and not run.active], grace)
    counters = write_batches(
        graph,
        "writeback/write_predicted_ratings",
        _lists(ratings.read()),
        ledger=None,
        progress=progress,
        runId=ranking.run_id,
        ratingRunId=rating.run_id,
    )
    counters += graph.run(
        "writeback/set_rated", runId=ranking.run_id, ratingRunId=rating.run_id
    ).counters
    return counters


def _other(before: GraphRun | None, now: GraphRun) -> bool:
    return before is None or (before.run_id, before.digest) != (now.run_id, now.digest)


def _wait(graph: GraphLike, earlier: Collection[GraphRun], grace: float) -> None:
    """Their predictions are about to be overwritten; one wait is for the readers of all."""
    there = [run for run in earlier if run.status != "archived"]
    gone = [run for run in there if run.removable]
    kept = len(there) > len(gone)
    wait_for_readers(graph, gone, grace, least=grace if kept else 0.0)


def _lists(frame: pd.DataFrame) -> Iterator[Batch]:
    """Batches of whole lists; by item, because a refresh may have changed a list since."""
    buckets = buckets_for(frame["user"].nunique())
    return batches(frame, "user", {"items": "item", "ratings": "predictedRating"}, buckets)
