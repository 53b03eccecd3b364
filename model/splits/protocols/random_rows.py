"""``random``: rows are drawn, whoever's and whenever they are."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pandas as pd

from ..base import Protocol
from ..folds import FoldNames, fold_names, valid_rows, whole_share
from ..parameters import Share, WholeNumber

OPTIMISTIC = "optimistic: reads later rows of the same users"


class RandomRows(Protocol):
    """``train`` share of all rows by ``seed``, of which ``valid`` share is valid.

    Optimistic, because later rows of the same user are read.
    """

    name: ClassVar[str] = "random"
    description: ClassVar[str] = "all rows at random, optimistic"
    why_no_cut: ClassVar[str] = "random reads later rows of the same users: no cut in time"
    label: ClassVar[str] = OPTIMISTIC
    train = Share(0.9, "share of all rows that is not test")
    valid = Share(0.1, "share of these that is valid")
    seed = WholeNumber(42, "seed of the draw")

    def cut(self, rows: pd.DataFrame) -> FoldNames:
        drawn = np.random.default_rng(self.seed).permutation(len(rows))
        kept = whole_share(np.array(len(rows)), self.train)
        return fold_names(drawn, kept - valid_rows(kept, self.valid), kept)
