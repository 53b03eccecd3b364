"""``seed-leaky``: [KG-LSTM] as written; its features contain the answer."""

from __future__ import annotations

from typing import ClassVar

import pandas as pd

from ....artifacts import Task
from ..base import OneCut
from ..folds import FoldNames, folds_in_time
from ..parameters import Share

LEAKS = "LEAKS THE TARGET"


class SeedLeaky(OneCut):
    """One cut in time at 80/20, valid the last 20 % of train, for rating prediction only.

    The features are those of [KG-LSTM] as written (:mod:`reelgraph.model.features.leaky`).
    """

    name: ClassVar[str] = "seed-leaky"
    description: ClassVar[str] = "[KG-LSTM] as written; its features contain the answer"
    tasks: ClassVar[tuple[Task, ...]] = ("rating",)
    label: ClassVar[str] = LEAKS
    leaky_features: ClassVar[bool] = True
    train = Share(0.8, "quantile of the timestamps at which test begins")
    valid = Share(0.2, "share of the rows before it that is valid, the last ones")

    def cut(self, rows: pd.DataFrame) -> FoldNames:
        return folds_in_time(rows, self.train, self.valid)
