"""``user-time``: the first share of each user's rows is train."""

from __future__ import annotations

from typing import ClassVar

import pandas as pd

from ..base import PerUser
from ..folds import FoldNames, fold_names, positions, valid_rows, whole_share
from ..parameters import Share


class UserTime(PerUser):
    """Per user: the first ``floor(train · n)`` of n events are train, the rest is test.

    Of train, the last ``valid`` share, at least one of two or more, is valid.
    """

    name: ClassVar[str] = "user-time"
    description: ClassVar[str] = "per user by time"
    train = Share(0.8, "share of each user's rows before test")
    valid = Share(0.1, "share of these that is valid, the last ones")

    def cut(self, rows: pd.DataFrame) -> FoldNames:
        position, counts = positions(rows)
        kept = whole_share(counts, self.train)
        return fold_names(position, kept - valid_rows(kept, self.valid), kept)
