"""The relationships of a run: recommendations, attention and similar items, exactly once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from ..graph.columns import ColumnBatch, column_batches
from ..graph.connection import Counters, GraphLike
from ..graph.writer import Progress, write_batches
from .retire import ledger
from .run_files import RunFiles

_ROWS_A_BATCH = 10_000

_RECOMMENDED = {
    "ranks": "rank",
    "scores": "score",
    "predictedRatings": "predictedRating",
    "evidenceIds": "evidenceIds",
    "evidenceContributions": "evidenceContributions",
    "fallbacks": "fallback",
}
_ATTENDED = {"ranks": "rank", "weights": "weight", "recencies": "recency"}
_SIMILAR = {"scores": "score", "methods": "method"}


def write_relationships(
    graph: GraphLike, run_id: str, files: RunFiles, progress: Progress | None = None
) -> Counters:
    """Write recommendations, attention and similarities, each batch exactly once."""

    def write(part: str, batches: Iterator[ColumnBatch], **more: Any) -> Counters:
        name = ledger(run_id, files.digest, part)
        statement = f"writeback/write_{part}"
        return write_batches(
            graph, statement, batches, ledger=name, progress=progress, runId=run_id, **more
        )

    recommended = recommended_batches(files.recommended)
    counters = write("recommended", recommended, ratingRunId=files.rating_run)
    counters += write("attended", attended_batches(files.attended))
    counters += write("similar", _batches(files.similar, "itemId", "otherId", _SIMILAR))
    return counters


def recommended_batches(frame: pd.DataFrame) -> Iterator[ColumnBatch]:
    """Rows ``user, item, rank, score``, by user, with what else is stored of them."""
    return _batches(frame, "user", "item", _RECOMMENDED)


def attended_batches(frame: pd.DataFrame) -> Iterator[ColumnBatch]:
    """Rows ``user, item, rank, weight``, by user, with ``recency`` where it is known."""
    return _batches(frame, "user", "item", _ATTENDED)


def _batches(
    frame: pd.DataFrame, start: str, end: str, columns: dict[str, str]
) -> Iterator[ColumnBatch]:
    """Only the columns that the table has are sent."""
    there = {name: column for name, column in columns.items() if column in frame}
    return column_batches(frame, start, end, there, _ROWS_A_BATCH)
