"""``global-time``: one cut in time for everybody."""

from __future__ import annotations

from typing import ClassVar, cast

import pandas as pd

from ...targets import Targets
from ..base import OneCut
from ..folds import FoldNames, folds_in_time
from ..parameters import Choice, Share


class GlobalTime(OneCut):
    """What is older than the ``train`` quantile of the timestamps is train, the rest test.

    The last ``valid`` share of train by time is valid. ``targets`` says what is predicted,
    each time from all earlier rows of the user.
    """

    name: ClassVar[str] = "global-time"
    description: ClassVar[str] = "one cut in time for everybody"
    train = Share(0.9, "quantile of the timestamps at which test begins")
    valid = Share(0.1, "share of the rows before it that is valid, the last ones")
    targets = Choice(
        "last", ("last", "successive", "all"), "what is predicted: last, successive or all"
    )

    def cut(self, rows: pd.DataFrame) -> FoldNames:
        return folds_in_time(rows, self.train, self.valid)

    @property
    def target_rows(self) -> Targets:
        return cast(Targets, self.targets)
