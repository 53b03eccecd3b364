"""``given``: the user's own files say which rows are train and test."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pandas as pd

from ..base import Protocol
from ..fold_files import folds_of_files
from ..folds import FoldNames, positions, valid_rows
from ..parameters import File, Share
from ..rules import Candidates


class GivenFiles(Protocol):
    """Files of ``train`` and ``test`` rows; the last ``valid`` share of each user's train is valid.

    Candidates are the items of train. Rows in neither file are unused.
    """

    name: ClassVar[str] = "given"
    description: ClassVar[str] = (
        "your own files, columns user, item, rating, timestamp by tab or comma; the split's id "
        "has a digest of each file"
    )
    why_no_cut: ClassVar[str] = "the user's files say what is train: no cut in time"
    candidates: ClassVar[Candidates] = "train"
    train = File("rows of train")
    test = File("rows of test")
    valid = Share(0.1, "share of train that is valid, the last rows of each user")

    def cut(self, rows: pd.DataFrame) -> FoldNames:
        fold = folds_of_files(rows, self.train, self.test)
        of_train = np.flatnonzero(fold == "train")
        position, counts = positions(rows.iloc[of_train])
        held = position >= counts - valid_rows(counts, self.valid)
        fold[of_train[held]] = "valid"
        return fold
