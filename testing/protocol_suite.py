"""What every protocol must do, on made-up rows of users with histories of many lengths."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from ..errors import InputError
from ..model.base import TrainingOptions
from ..model.dataset import load_catalogue, load_folds
from ..model.evaluation.ranking import evaluate
from ..model.needs import TrainingData
from ..model.splits.base import Protocol
from ..model.splits.folds import FOLDS, UNUSED
from ..model.splits.splitting import make_split, write_split
from ..model.zoo.most_popular import MostPopular
from .registered import check_registered
from .small_split import make_split_folder


def events(users: int = 30, seed: int = 1) -> pd.DataFrame:
    """Histories of 2 to 20 events; some have equal times.

    :returns: columns ``user, item, seq, rating, timestamp``, sorted by user and seq.
    """
    random = np.random.default_rng(seed)
    found = []
    for user in range(1, users + 1):
        length = int(random.integers(2, 21))
        times = np.sort(random.integers(0, 300, length))
        items = random.permutation(40)[:length]
        found += [
            (user, int(item), int(random.integers(1, 6)), int(time), seq)
            for seq, (item, time) in enumerate(zip(items, times, strict=True), start=1)
        ]
    frame = pd.DataFrame(found, columns=["user", "item", "rating", "timestamp", "seq"])
    return frame[["user", "item", "seq", "rating", "timestamp"]]


class ProtocolSuite:
    """Derive from it as ``TestX`` and name the ``protocol`` class."""

    protocol: ClassVar[type[Protocol]]
    parameters: ClassVar[Mapping[str, Any]] = {}

    def bound(self) -> Protocol:
        """The protocol with its parameters."""
        return self.protocol.bound(self.parameters)

    def rows(self) -> pd.DataFrame:
        """The rows that are cut: those of :func:`events`, unless the protocol needs others."""
        return events()

    @pytest.fixture
    def split(self) -> pd.DataFrame:
        """The rows with their fold, and with rating and timestamp."""
        rows = self.rows()
        return rows.merge(make_split(rows, self.bound()), on=["user", "item", "seq"])

    def test_it_can_be_registered(self) -> None:
        check_registered(self.protocol)

    def test_every_row_has_a_fold(self, split: pd.DataFrame) -> None:
        assert len(split) == len(self.rows())
        assert set(split["fold"]) <= {*FOLDS, UNUSED}
        assert "train" in set(split["fold"])
        assert ("test" in set(split["fold"])) == self.bound().has_test

    def test_the_order_of_rows_does_not_matter(self) -> None:
        rows, bound = self.rows(), self.bound()
        mixed = rows.sample(frac=1, random_state=2)
        assert_frame_equal(make_split(rows, bound), make_split(mixed, bound))

    def test_nothing_of_train_or_valid_is_at_or_after_the_cut(self, split: pd.DataFrame) -> None:
        """Computed here, and not by the protocol's own words."""
        before = split[split["fold"].isin(("train", "valid"))]
        test = split[split["fold"] == "test"]
        if self.protocol.cut_scope == "user":
            first = before["user"].map(test.groupby("user")["seq"].min())
            assert not (before["seq"] >= first).any()
        if self.protocol.cut_scope == "everyone":
            assert before["timestamp"].max() < test["timestamp"].min()

    def test_a_cut_in_time_is_said(self, split: pd.DataFrame) -> None:
        """The audit believes the base class: without one it deletes nothing that is later."""
        if self.protocol.cut_scope is not None or not self.protocol.has_test:
            return
        if self.protocol.why_no_cut != Protocol.why_no_cut:
            return
        read = split[split["fold"].isin(("train", "valid"))].groupby("user")["seq"].max()
        first = split[split["fold"] == "test"].groupby("user")["seq"].min()
        both = pd.concat({"read": read, "test": first}, axis=1).dropna()
        assert not (both["read"] < both["test"]).all(), (
            "the rows of each user are cut in their order: derive from PerUser, or say in "
            "why_no_cut why that is no cut in time"
        )

    def test_unknown_parameters_are_refused(self) -> None:
        with pytest.raises(InputError, match="no parameter 'no such thing'"):
            self.protocol.bound({"no such thing": 1})

    def test_the_id_of_a_split_is_a_folder_name(self) -> None:
        split_id = self.bound().split_id
        assert split_id.startswith(self.protocol.name)
        assert Path(split_id).name == split_id

    def test_a_model_is_evaluated_on_its_split(self, tmp_path: Path) -> None:
        """The most popular items of train, where the protocol is one of rankings with a test."""
        if "ranking" not in self.protocol.tasks or not self.protocol.has_test:
            return
        split = write_split(make_split_folder(tmp_path).dataset, self.bound())
        folds = load_folds(split, load_catalogue(split))
        model = MostPopular()
        model.fit(TrainingData(folds.train), TrainingOptions())
        figures = evaluate(model, folds)
        assert figures.questions > 0
        assert 0 <= figures.metrics["ndcg@10"].mean <= 1
