"""From the files of a data set to what models see: catalogue and folds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..artifacts import SHUFFLED, SplitFolder, digest, read_parquet
from ..errors import ArtifactError, InputError
from .base import Catalogue, FloatArray, Interactions, Knowledge, interactions_from_frame
from .skipgram import item_vectors
from .splits.rules import Rules
from .structure import structure_vectors

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


def load_catalogue(
    split: SplitFolder, embeddings: Sequence[str] = (), knowledge: Knowledge = "real"
) -> Catalogue:
    """The items of a data set with the vectors that graph jobs made on this split.

    :param embeddings: names of jobs; a job that made walks gives the skip-gram vectors
        of its walks, ``structure`` the features of :mod:`.structure`.
    :param knowledge: ``real``; ``none`` takes no vectors; ``shuffled`` takes those of the
        degree-preserving shuffled graph.
    :raises ArtifactError: when a job's output is missing; names it.
    """
    if knowledge not in get_args(Knowledge):
        raise InputError(
            f"unknown knowledge '{knowledge}'", f"Known: {', '.join(get_args(Knowledge))}"
        )
    items = read_parquet(split.dataset.items).sort_values("index")
    ids = items["itemId"].to_numpy()
    names = () if knowledge == "none" else embeddings
    return Catalogue(ids, {name: _vectors(split, name, knowledge, ids) for name in names})


def load_folds(split: SplitFolder, catalogue: Catalogue) -> Folds:
    """The folds of a split; a user without rows in a fold has an empty history there.

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
    return make_folds(frame, catalogue, Rules.of(split.manifest()))


def make_folds(frame: pd.DataFrame, catalogue: Catalogue, rules: Rules | None = None) -> Folds:
    """Folds of a frame of ``user, item, seq, fold`` and optional ``rating, timestamp``.

    :param rules: how the protocol is evaluated; by default as ``user-time``.
    """
    users = np.unique(frame["user"].to_numpy())

    def fold(*names: str) -> Interactions:
        return interactions_from_frame(frame[frame["fold"].isin(names)], catalogue, users)

    folds = (fold("train"), fold("valid"), fold("test"), fold("train", "valid"))
    return Folds(*folds, rules or Rules())


def catalogue_digest(catalogue: Catalogue) -> str:
    """Short digest of the item ids in their order; a model fits only its own catalogue."""
    return digest([str(item) for item in catalogue.item_ids])


def _vectors(split: SplitFolder, name: str, knowledge: Knowledge, ids: Ids) -> FloatArray:
    record = split.manifest().get("jobs", {}).get(name, {})
    of_train = record.get("edges") == "train"  # there is no knowledge in them to shuffle
    file = f"{name}{SHUFFLED}" if knowledge == "shuffled" and not of_train else name
    walks = split.output("walks", file)
    if walks.is_file():
        return item_vectors(read_parquet(walks)["nodes"].to_list(), len(ids))
    structure = split.output("structure", file)
    if structure.is_file():
        return structure_vectors(read_parquet(structure), len(ids))
    path = split.output("embeddings", file)
    if not path.is_file():
        raise ArtifactError(
            f"the vectors of graph job '{file}' are missing: {path}",
            f"Make them: reelgraph gds run {name}{' --shuffled' if file != name else ''}; "
            "or train without: --knowledge none",
        )
    return _aligned(read_parquet(path), ids)


def _aligned(frame: pd.DataFrame, ids: Ids) -> FloatArray:
    """Rows in the catalogue's order, zeros for items without a vector."""
    given = np.stack(frame["vector"].to_list()).astype(np.float32)
    row = pd.Index(frame["itemId"]).get_indexer(ids)
    aligned = np.zeros((len(ids), given.shape[1]), np.float32)
    aligned[row >= 0] = given[row[row >= 0]]
    return aligned
