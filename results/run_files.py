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
from ..list_lengths import MOST_STORED
from .run_checks import Histories, check_finite, check_history
from .run_content import AGAIN, content_digest, digest_of, similarities
from .run_properties import run_properties

_PREDICTIONS = ("user", "item", "rank", "score")
_ATTENTION = ("user", "item", "weight", "rank")


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
    contract, cut to the strongest :data:`MOST_STORED` per user and in their order; ``similar`` has
    one row per pair and method. ``digest`` stands for the content of all files; what is written
    is another content where ``evidence_top`` says that weaker evidence is left out.

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
    evidence_top: int | None = None
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


def read_run(run: RunFolder, split: SplitFolder, evidence_top: int | None = None) -> RunFiles:
    """Read and check all files of a run.

    Attention, vectors and similarities are optional; predictions are not.

    :param evidence_top: pieces of evidence per recommendation that are kept, by default all.

    :raises ArtifactError: when a file is missing, damaged or lacks a column, when a seen
        item is recommended, or when evidence or attention is not of the user's history.
    """
    manifest = run.manifest()
    recommended = read_predictions(run)
    if manifest.task == "ranking":  # predicted ratings in the graph are those of a rating run
        recommended = recommended.drop(columns="predictedRating", errors="ignore")
    attended = _top(run.attention, _read_if_there(run.attention, _ATTENTION))
    vectors = _read_vectors(run)
    check_history(run, Histories(_history(split)), recommended, attended)
    _check_numbers(run, recommended, attended, vectors)
    recommended, cut = cut_evidence(recommended, evidence_top)
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
        properties=properties
        | {"folder": run.run_id, "users": recommended["user"].nunique(), "evidenceTop": cut},
        parent_id=manifest.refit_of,
        digest=content_digest(run, split),
        recommended=recommended,
        attended=attended,
        similar=_similar(similarities(run, split)),
        vectors=vectors,
        evidence_top=cut,
    )


def cut_evidence(recommended: pd.DataFrame, top: int | None) -> tuple[pd.DataFrame, int | None]:
    """Recommendations with the strongest ``top`` pieces of evidence, which come first in a file.

    :param top: None for all.
    :return: the table, and ``top``, or None where there are no more: then nothing is left out.
    """
    if top is None or "evidenceIds" not in recommended:
        return recommended, None
    there = recommended["evidenceIds"].notna()
    if recommended.loc[there, "evidenceIds"].map(len).max() <= top:
        return recommended, None
    columns = ["evidenceIds", "evidenceContributions"]
    if top == 0:
        return recommended.drop(columns=columns), top
    cut = recommended.copy(deep=False)
    for name in columns:
        cut[name] = [None if one is None else one[:top] for one in recommended[name]]
    return cut, top


def _check_numbers(
    run: RunFolder, recommended: pd.DataFrame, attended: pd.DataFrame, vectors: RunVectors | None
) -> None:
    """:raises ArtifactError: for a number that is not finite."""
    check_finite(run.predictions, recommended, "score", "predictedRating", "evidenceContributions")
    check_finite(run.attention, attended, "weight", "recency")
    if vectors is not None:
        check_finite(run.vectors / "users.parquet", vectors.users, "vector")
        check_finite(run.vectors / "items.parquet", vectors.items, "vector")


def read_predictions(run: RunFolder) -> pd.DataFrame:
    """The strongest :data:`MOST_STORED` predictions of each user, by user and rank.

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
    top = frame[frame["rank"] <= MOST_STORED].sort_values(["user", "rank"], ignore_index=True)
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


def _distinct(*columns: pd.Series[Any]) -> list[Any]:
    return list(dict.fromkeys(value for column in columns for value in column.unique().tolist()))
