"""What a rating run predicts for given pairs of users and items."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ...model.data import IntArray, Interactions
from .prediction import GROUP
from .work import FittedRun, Work


class Pairs(FittedRun):
    """Asks a rating run's saved model, which is loaded when it is first needed."""

    def __init__(self, work: Work) -> None:
        self.work = work

    def rated(self, users: pd.Series[Any], items: pd.Series[Any]) -> npt.NDArray[np.float64]:
        """Predicted ratings of pairs, by the source's ids and in their order.

        NaN where the run can predict nothing: for users without history and for users and items
        that its split does not have; also for what it has read a rating of, because repeating
        that is no prediction.
        """
        history = self.folds.history
        predicted = np.full(len(users), np.nan)
        owners = pd.Index(history.users).get_indexer(pd.Index(users))
        wanted = pd.Index(history.catalogue.item_ids).get_indexer(pd.Index(items))
        places = np.flatnonzero(_can_be_predicted(history, owners, wanted))
        places = places[np.argsort(owners[places], kind="stable")]
        lists = np.split(places, np.flatnonzero(np.diff(owners[places])) + 1) if len(places) else []
        for start in range(0, len(lists), GROUP):
            group = lists[start : start + GROUP]
            queries = [history.query(int(owners[rows[0]])) for rows in group]
            ratings = self.model.predict_rating(queries, [wanted[rows] for rows in group])
            predicted[np.concatenate(group)] = np.concatenate(ratings)
        return predicted


def _can_be_predicted(
    history: Interactions, owners: IntArray, wanted: IntArray
) -> npt.NDArray[np.bool_]:
    lengths = np.diff(history.offsets)
    has_history = np.append(lengths > 0, False)  # the last stands for users that are not there
    width = len(history.catalogue)
    read = np.repeat(np.arange(len(lengths)), lengths) * width + history.items
    is_read = np.isin(owners * width + wanted, read)
    return has_history[owners] & (wanted >= 0) & ~is_read
