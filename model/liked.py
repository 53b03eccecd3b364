"""The question of somebody without a user number: a history of items that they like."""

from __future__ import annotations

import numpy as np

from .data import IntArray, Interactions, Query

NEW_USER = "new user"


def liked_query(read: Interactions, items: IntArray) -> Query:
    """What to recommend to somebody who likes these items.

    Each item counts as rated now: with the highest rating and at the last time that there are
    in the rows that the model was fitted on, where these have ratings and times.

    :param read: the rows that the model was fitted on.
    :param items: item indices ``(liked,)``, the most recent one last.
    """
    ratings, times = read.ratings, read.timestamps
    best = None if ratings is None or not len(ratings) else ratings.max()
    now = None if times is None or not len(times) else int(times.max())
    return Query(
        user=NEW_USER,
        items=items,
        ratings=None if best is None else np.full(len(items), best, np.float32),
        timestamps=None if now is None else np.full(len(items), now, np.int64),
        at=now,
    )
