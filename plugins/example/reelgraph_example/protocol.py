"""The protocol ``first-events``: what comes after each user's first few events?"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pandas as pd

from reelgraph.model.splits.base import PerUser
from reelgraph.model.splits.folds import UNUSED, FoldNames, fold_names, positions
from reelgraph.model.splits.parameters import WholeNumber


class FirstEvents(PerUser):
    """Per user: the first ``known`` events are train, the last of them valid; the next is test.

    Later events are unused, so every user is asked about with a history of one length: how
    good is a model for users who are almost new?
    """

    name: ClassVar[str] = "first-events"
    description: ClassVar[str] = "per user: the first events train, the last of them valid"
    known = WholeNumber(5, "events before the one of test", least=2)

    def cut(self, rows: pd.DataFrame) -> FoldNames:
        position, _ = positions(rows)
        known = np.full(len(rows), self.known)
        folds = fold_names(position, known - 1, known)
        return np.where(position <= known, folds, UNUSED)
