"""Reading a run folder for the write-back, and refusing one that does not hold together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..artifacts import RunFolder, SplitFolder, read_parquet
from ..errors import ArtifactError
from ..list_lengths import STORED
from .run_content import AGAIN, content_digest, digest_of, similarities
from .run_properties import run_properties

_PREDICTIONS = ("user", "item", "rank", "score")
_ATTENTION = ("user", "item", "weight", "rank")

_NEVER_MISSING = {"score", "weight", "vector"}


@dataclass(frozen=True)
class RunVectors:
    """A run's vectors: ``users`` (user, historyLength, vector), ``items`` (item, vector)."""

    users: pd.DataFrame
    items: pd.DataFrame
    dimension: int
    item_length: float
    digest: str


@dataclass(frozen=True)
class RunFiles:
    """What is written of a run.

    ``recommended``, ``attended`` and ``similar`` are tables with the columns of the files
    contract, cut to the strongest :data:`STORED` per user and in their order; ``similar`` has one
    row per pair and method. ``digest`` stands for the content of all of it.

    A ranking run may be written with the predictions of a rating run in the column
    ``predictedRating``: then ``rating_run`` is that run in the graph, ``ratings_digest`` stands
    for them.
    """

    folder: RunFolder
    task: str
    created_at: str
    properties: dict[str, Any]
    parent_id: str | None
    digest: str
    recommended: pd.DataFrame
    attended: pd.DataFrame
    similar: pd.DataFrame
    vectors: RunVectors | None
    rating_run: str | None = None
    ratings_digest: str | None = None

    def user_ids(self) -> list[Any]:
        columns = [self.recommended["user"], self.attended["user"]]
        if self.vectors is not None:
            columns.append(self.vectors.users["user"])
        return _distinct(*columns)

    def item_ids(self) -> list[Any]:
        columns = [self.recommended["item"], self.attended["item"]]
        columns += [self.similar["itemId"], self.similar["otherId"]]
        if self.vectors is not None:
            columns.append(self.vectors.items["item"])
        return _distinct(*columns)


def read_run(run: RunFolder, split: SplitFolder) -> RunFiles:
    """Read and check all files of a run.

    Attention, vectors and similarities are optional; predictions are not.

    :raises ArtifactError: when a file is missing, damaged or lacks a column, when a seen
        item is recommended, or when evidence or attention is not of the user's history.
    """
    manifest = run.manifest()
    recommended = read_predictions(run)
    if manifest.task == "ranking":  # predicted ratings in the graph are those of a rating run
        recommended = recommended.drop(columns="predictedRating", errors="ignore")
    attended = _top(run.attention, _read_if_there(run.attention, _ATTENTION))
    vectors = _read_vectors(run)
    _check_history(run, _history(split), recommended, attended)
    _check_numbers(run, recommended, attended, vectors)
    metrics = run.read_metrics() if run.metrics.exists() else None
    properties = run_properties(manifest, split.manifest(), metrics)
    if vectors is not None:
        properties |= {
            "vectorDimension": vectors.dimension,
            "itemVectorLength": vectors.item_length,
            "vectorDigest": vectors.digest,
        }
    return RunFiles(
        folder=run,
        task=manifest.task,
        created_at=manifest.created_at,
        properties=properties | {"folder": run.run_id, "users": recommended["user"].nunique()},
        parent_id=manifest.refit_of,
        digest=content_digest(run, split),
        recommended=recommended,
        attended=attended,
        similar=_similar(similarities(run, split)),
        vectors=vectors,
    )


def read_predictions(run: RunFolder) -> pd.DataFrame:
    """The strongest :data:`STORED` predictions of each user, by user and rank.

    :raises ArtifactError: when they are missing, damaged or lack a column.
    """
    return _top(run.predictions, _read(run.predictions, _PREDICTIONS))


def read_vectors(run: RunFolder) -> RunVectors:
    """A run's vectors alone.

    :raises ArtifactError: when it has none.
    """
    vectors = _read_vectors(run)
    if vectors is None:
        raise ArtifactError(f"{run.vectors} does not exist", AGAIN)
    return vectors


def _read(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    frame = read_parquet(path)
    missing = [name for name in columns if name not in frame]
    if missing:
        raise ArtifactError(f"{path}: column {', '.join(missing)} is missing", AGAIN)
    return frame


def _read_if_there(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    return _read(path, columns) if path.exists() else pd.DataFrame(columns=list(columns))


def _top(path: Path, frame: pd.DataFrame) -> pd.DataFrame:
    """The strongest rows of each user in the order of ranks, which are 1, 2, … in it."""
    top = frame[frame["rank"] <= STORED].sort_values(["user", "rank"], ignore_index=True)
    expected = top.groupby("user").cumcount() + 1
    if (top["rank"] != expected).any():
        user = top.loc[top["rank"] != expected, "user"].iloc[0]
        raise ArtifactError(f"{path}: the ranks of user {user} are not 1, 2, …", AGAIN)
    return top


def _read_vectors(run: RunFolder) -> RunVectors | None:
    paths = run.vectors / "users.parquet", run.vectors / "items.parquet"
    if not any(path.exists() for path in paths):
        return None
    users = _read(paths[0], ("user", "historyLength", "vector"))
    items = _read(paths[1], ("item", "vector"))
    dimensions = {len(vector) for frame in (users, items) for vector in frame["vector"]}
    if len(dimensions) != 1:
        raise ArtifactError(
            f"{run.vectors}: vectors have dimensions {sorted(dimensions)}, not one", AGAIN
        )
    lengths = np.linalg.norm(np.stack(items["vector"].to_list()).astype(np.float64), axis=1)
    return RunVectors(users, items, dimensions.pop(), float(np.median(lengths)), digest_of(paths))


def _similar(tables: Mapping[Path, str]) -> pd.DataFrame:
    columns = ("itemId", "otherId", "score")
    parts = [
        _one_a_pair(_read(path, columns)).assign(method=method) for path, method in tables.items()
    ]
    if not parts:
        return pd.DataFrame(columns=[*columns, "method"])
    both = pd.concat(parts, ignore_index=True)
    return both.sort_values("itemId", kind="stable", ignore_index=True)


def _one_a_pair(frame: pd.DataFrame) -> pd.DataFrame:
    """Each pair once, from the smaller id to the larger, with the higher score.

    Of two nearest-neighbour lists that name each other only one line is drawn.
    """
    swap = (frame["itemId"] > frame["otherId"]).to_numpy()
    low = frame["itemId"].where(~swap, frame["otherId"])
    high = frame["otherId"].where(~swap, frame["itemId"])
    pairs = pd.DataFrame({"itemId": low, "otherId": high, "score": frame["score"]})
    pairs = pairs[pairs["itemId"] != pairs["otherId"]]
    return pairs.groupby(["itemId", "otherId"], as_index=False)[["score"]].max()


def _history(split: SplitFolder) -> pd.DataFrame:
    """The rows that a run may read at prediction time: train and valid."""
    rows = _read(split.split, ("user", "item", "fold"))
    return rows.loc[rows["fold"].isin(["train", "valid"]), ["user", "item"]]


def _check_history(
    run: RunFolder, history: pd.DataFrame, recommended: pd.DataFrame, attended: pd.DataFrame
) -> None:
    seen = pd.MultiIndex.from_frame(history)
    known = _pairs(recommended, "item").isin(seen)
    if known.any():
        raise _wrong(run.predictions, recommended[known], "is in the user's history")
    unknown = ~_pairs(attended, "item").isin(seen)
    if unknown.any():
        raise _wrong(run.attention, attended[unknown], "is not in the user's history")
    if "evidenceIds" in recommended:
        evidence = recommended[["user", "evidenceIds"]].explode("evidenceIds").dropna()
        unknown = ~_pairs(evidence, "evidenceIds").isin(seen)
        if unknown.any():
            wrong = evidence[unknown].rename(columns={"evidenceIds": "item"})
            raise _wrong(run.predictions, wrong, "is evidence, but not in the user's history")


def _check_numbers(
    run: RunFolder, recommended: pd.DataFrame, attended: pd.DataFrame, vectors: RunVectors | None
) -> None:
    """A run with NaN or infinite numbers is never written, whoever made its files."""
    columns = [
        (run.predictions, recommended, "score"),
        (run.attention, attended, "weight"),
        (run.attention, attended, "recency"),
        (run.predictions, recommended, "predictedRating"),
        (run.predictions, recommended, "evidenceContributions"),
    ]
    if vectors is not None:
        columns += [(run.vectors / "users.parquet", vectors.users, "vector")]
        columns += [(run.vectors / "items.parquet", vectors.items, "vector")]
    for path, frame, name in columns:
        if name in frame:
            given = frame if name in _NEVER_MISSING else frame[frame[name].notna()]
            _check_finite(path, given, name)


def _check_finite(path: Path, frame: pd.DataFrame, name: str) -> None:
    finite = [np.isfinite(np.asarray(value, np.float64)).all() for value in frame[name]]
    bad = frame[~np.array(finite, dtype=bool)]
    if len(bad):
        first = bad.iloc[0]
        who = ", ".join(f"{key} {first[key]}" for key in ("user", "item") if key in first)
        raise ArtifactError(
            f"{path}: {name} of {who} is not a finite number; {len(bad):,} such rows",
            "The model's numbers are unusable. Train it again: reelgraph train RUN --again",
        )


def _pairs(frame: pd.DataFrame, item_column: str) -> pd.MultiIndex:
    return pd.MultiIndex.from_arrays([frame["user"], frame[item_column]])


def _wrong(path: Path, rows: pd.DataFrame, what: str) -> ArtifactError:
    first = rows.iloc[0]
    return ArtifactError(
        f"{path}: user {first['user']}, item {first['item']} {what} (train and valid of the "
        f"split); {len(rows)} such rows",
        "The run and the split do not belong together. " + AGAIN,
    )


def _distinct(*columns: pd.Series[Any]) -> list[Any]:
    return list(dict.fromkeys(value for column in columns for value in column.unique().tolist()))
