"""The user and the item that a saved model is asked about."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..errors import InputError
from ..model.data import IntArray, Interactions


def places_in(
    history: Interactions, user_id: int | str, item_id: int | str, nothing: str, instead: str
) -> tuple[int, int]:
    """Numbers of the user and the item.

    :param nothing: what the error says before the reason.
    :param instead: the command that shows what there is.
    :raises InputError: for a user without history, an unknown item, or one of the history.
    """
    ids = history.catalogue.item_ids
    user = int(pd.Index(history.users).get_indexer(pd.Index([user_id]))[0])
    item = int(pd.Index(ids).get_indexer(pd.Index([item_id]))[0])
    why = None
    if user < 0 or not len(history.query(user).items):
        why = f"it has read no rating of user {user_id}"
    elif item < 0:
        why = f"its data set has no item {item_id}"
    elif item in history.query(user).items:
        why = f"it has read what user {user_id} gave item {item_id}"
    if why:
        raise InputError(f"{nothing}: {why}", f"See what it says: reelgraph {instead}")
    return user, item


def rating_of(history: Interactions, user: int, item: int) -> float | None:
    """What a user gave an item, the last time."""
    query = history.query(user)
    places: IntArray = np.flatnonzero(query.items == item)
    if query.ratings is None or not len(places):
        return None
    return float(query.ratings[places[-1]])
