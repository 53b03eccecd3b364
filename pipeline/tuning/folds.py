"""The folds that a search may see: valid, or several of cross-validation; never test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from ...errors import InputError
from ...model.data import Interactions
from ...model.dataset import Folds

By = Literal["users", "time"]
Mask = npt.NDArray[np.bool_]


def without_test(folds: Folds) -> Folds:
    """The same folds with no test row.

    :raises InputError: when the split has no valid rows.
    """
    if not len(folds.valid):
        raise InputError(
            "the split has no valid rows, by which options could be chosen",
            "Take a protocol that holds some out, or cross-validation: --cv 5",
        )
    return replace(folds, test=_rows(folds.test, np.zeros(len(folds.test), np.bool_)))


def cross_validation(folds: Folds, count: int, by: By, seed: int = 42) -> Iterator[Folds]:
    """``count`` pairs of train and valid, made of the rows of train and valid alone.

    By ``users``: these are divided at random, and a fold holds out the last rows of its users,
    as many as the split's own valid has of each. By ``time``: each user's rows are divided into
    ``count + 1`` parts of equal length, and fold k holds out part k + 1 after training on the
    parts before it.

    :raises InputError: when there are fewer users than folds, or nothing to hold out.
    """
    known = folds.history
    sizes = np.diff(known.offsets)
    place = np.arange(len(known)) - np.repeat(known.offsets[:-1], sizes)
    of_user = np.repeat(np.arange(len(sizes)), sizes)
    for fold in range(count):
        if by == "users":
            held, kept = _by_users(folds, count, fold, seed, place, of_user)
        else:
            part = place * (count + 1) // np.maximum(sizes, 1)[of_user]
            held, kept = part == fold + 1, part <= fold
        if not held.any() or not kept.any():
            raise InputError(
                f"fold {fold + 1} of {count} has no rows to hold out", "Take fewer folds: --cv"
            )
        none = _rows(folds.test, np.zeros(len(folds.test), np.bool_))
        train, valid = _rows(known, kept), _rows(known, held)
        yield replace(folds, train=train, valid=valid, test=none, history=known)


def _by_users(
    folds: Folds,
    count: int,
    fold: int,
    seed: int,
    place: npt.NDArray[np.int64],
    of_user: npt.NDArray[np.int64],
) -> tuple[Mask, Mask]:
    sizes = np.diff(folds.history.offsets)
    group = np.random.default_rng(seed).permutation(len(sizes)) % count
    last = sizes - np.diff(folds.valid.offsets)
    held = (place >= last[of_user]) & (group == fold)[of_user]
    return held, ~held


def _rows(interactions: Interactions, mask: Mask) -> Interactions:
    """The same users with some of their rows."""
    ends = np.concatenate([[0], np.cumsum(mask)])
    ratings, times = interactions.ratings, interactions.timestamps
    return replace(
        interactions,
        offsets=ends[interactions.offsets].astype(np.int64),
        items=interactions.items[mask],
        ratings=None if ratings is None else ratings[mask],
        timestamps=None if times is None else times[mask],
    )
