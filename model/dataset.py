"""From the files of a data set to what models see: catalogue and folds."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..artifacts import SHUFFLED, SplitFolder, digest, read_parquet
from ..errors import ArtifactError
from .data import Catalogue, FloatArray, Interactions, interactions_from_frame
from .needs import NOTHING, Supplied, TrainingData
from .splits.rules import Rules

Ids = npt.NDArray[Any]


@dataclass(frozen=True)
class Folds:
    """The rows of a split, each fold with the same users in the same order.

    ``history`` is train and valid together: what the final fit reads, and what is known
    of a user when testing, or before the targets of ``global-time``. ``rules`` say how the
    protocol is evaluated.
    """

    train: Interactions
    valid: Interactions
    test: Interactions
    history: Interactions
    rules: Rules = field(default_factory=Rules)

    def for_choice(self, supplied: Supplied = NOTHING) -> TrainingData:
        """What a fit reads that chooses on valid, where it is asked as test will be."""
        return TrainingData(self.train, self.valid, supplied, self.rules.targets)


def load_catalogue(split: SplitFolder) -> Catalogue:
    """The items of a data set, in the order of their indices.

    :raises ArtifactError: when their file is missing or damaged.
    """
    items = read_parquet(split.dataset.items).sort_values("index")
    return Catalogue(items["itemId"].to_numpy())


def load_folds(
    split: SplitFolder, catalogue: Catalogue, known: pd.DataFrame | None = None
) -> Folds:
    """The folds of a split; a user without rows in a fold has an empty history there.

    :param known: what queries carry of the users: a row per user with interactions, in the
        order of their ids.
    :raises ArtifactError: when files are missing or the split is not one of this data set.
    """
    keys = ["user", "item", "seq"]
    rows = read_parquet(split.dataset.interactions)
    frame = rows.merge(read_parquet(split.split), on=keys, how="inner", validate="one_to_one")
    if len(frame) != len(rows):
        raise ArtifactError(
            f"{split.split} covers {len(frame)} of {len(rows)} interactions",
            "It belongs to another data set: delete the split and make it again.",
        )
    if known is not None:
        known = known.set_axis(np.unique(frame["user"].to_numpy()))
    return make_folds(frame, catalogue, Rules.of(split.manifest()), known)


def make_folds(
    frame: pd.DataFrame,
    catalogue: Catalogue,
    rules: Rules | None = None,
    known: pd.DataFrame | None = None,
) -> Folds:
    """Folds of a frame of ``user, item, seq, fold`` and optional ``rating, timestamp``.

    :param rules: how the protocol is evaluated; by default as ``user-time``.
    :param known: what queries carry of the users, by id.
    """
    users = np.unique(frame["user"].to_numpy())
    carried = None if known is None else known.reindex(users)

    def fold(*names: str) -> Interactions:
        rows = frame[frame["fold"].isin(names)]
        return replace(interactions_from_frame(rows, catalogue, users), known=carried)

    folds = (fold("train"), fold("valid"), fold("test"), fold("train", "valid"))
    return Folds(*folds, rules or Rules())


def catalogue_digest(catalogue: Catalogue) -> str:
    """Short digest of the item ids in their order; a model fits only its own catalogue."""
    return digest([str(item) for item in catalogue.item_ids])


def read_vectors(split: SplitFolder, name: str, shuffled: bool, ids: Ids) -> FloatArray:
    """The items' vectors ``(items, dim)`` that a job made on this split.

    :param shuffled: those of the degree-preserving shuffled graph.
    :raises ArtifactError: when the job's output is missing, holds no vectors or some with
        values that are not finite; names it.
    """
    jobs = split.manifest().jobs
    of_train = name in jobs and jobs[name].edges == "train"  # there is no knowledge to shuffle
    file = f"{name}{SHUFFLED}" if shuffled and not of_train else name
    kind = jobs[file].kind if file in jobs else "embeddings"
    if kind != "embeddings":
        raise ArtifactError(
            f"graph job '{file}' made {kind}, which are not vectors",
            "Train with the job that makes vectors of them, such as walk-vectors or "
            "structure-vectors.",
        )
    path = split.output("embeddings", file)
    if not path.is_file():
        raise ArtifactError(
            f"the vectors of graph job '{file}' are missing: {path}",
            f"Make them: reelgraph gds run {name}{' --shuffled' if file != name else ''}; "
            "or train without: --knowledge none",
        )
    frame = read_parquet(path)
    given = np.stack(frame["vector"].to_list()).astype(np.float32)
    wrong = np.flatnonzero(~np.isfinite(given).all(axis=1))
    if len(wrong):
        raise ArtifactError(
            f"the vectors of graph job '{file}' have values that are not finite numbers: those of "
            f"{len(wrong):,} items, such as item {frame['itemId'].iloc[wrong[0]]} "
            f"({path})",
            f"Delete the file and make it again: reelgraph gds run {name}"
            f"{' --shuffled' if file != name else ''}; or train without: --knowledge none",
        )
    return _aligned(frame, given, ids)


def _aligned(frame: pd.DataFrame, given: FloatArray, ids: Ids) -> FloatArray:
    """Rows in the catalogue's order, zeros for items without a vector."""
    row = pd.Index(frame["itemId"]).get_indexer(ids)
    aligned = np.zeros((len(ids), given.shape[1]), np.float32)
    aligned[row >= 0] = given[row[row >= 0]]
    return aligned
