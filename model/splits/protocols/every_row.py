"""``all``: everything is train, for the refit."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pandas as pd

from ..base import Protocol
from ..folds import FoldNames


class EveryRow(Protocol):
    """Every row is train: the refit for production, without figures of its own."""

    name: ClassVar[str] = "all"
    description: ClassVar[str] = "everything is train"
    why_no_cut: ClassVar[str] = "every row is train: nothing is predicted that is known"
    has_test: ClassVar[bool] = False

    def cut(self, rows: pd.DataFrame) -> FoldNames:
        return np.full(len(rows), "train")
