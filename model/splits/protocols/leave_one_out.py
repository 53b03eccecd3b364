"""``leave-one-out``: the last event of each user is test."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pandas as pd

from ..base import PerUser
from ..folds import FoldNames, fold_names, positions


class LeaveOneOut(PerUser):
    """Per user: the last event is test, the second last valid, the rest train.

    Users with fewer than three events are train only. As published, the weights chosen on
    valid are tested, and the valid event joins the history only.
    """

    name: ClassVar[str] = "leave-one-out"
    description: ClassVar[str] = "per user: last event test, the one before it valid"
    keeps_weights: ClassVar[bool] = True

    def cut(self, rows: pd.DataFrame) -> FoldNames:
        position, counts = positions(rows)
        enough = counts >= 3
        return fold_names(
            position, np.where(enough, counts - 2, counts), np.where(enough, counts - 1, counts)
        )
