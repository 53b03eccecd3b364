"""What is audited: a run with its files, read once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from ...artifacts import SplitManifest, digest, read_parquet
from ...graph.connection import Graph
from ...model.base import Model
from ...model.features.builder import FeatureBuilder
from ...model.features.facts import Facts
from ...model.needs import EventFeaturesNeed
from ...model.splits.base import Protocol
from ...model.splits.lookup import protocol_of
from ...plugins import manager
from ..stages.work import FittedRun, Work
from .copies import copy_files, other_test, read_rows, without_test
from .predictions import Difference, Predicted, compare, predict_again
from .report import Row, row

_PAIRS = 2000  # test pairs whose ratings are predicted again


@dataclass(frozen=True)
class Subject(FittedRun):
    """A run, the machine's options, and a scratch folder for copies.

    :param graph: None audits by the files alone.
    """

    work: Work
    graph: Graph | None
    scratch: Path

    @cached_property
    def rows(self) -> pd.DataFrame:
        """All interactions with their folds, sorted by user and seq."""
        return read_rows(self.work.split)

    @cached_property
    def manifest(self) -> SplitManifest:
        """The split's manifest."""
        return self.work.split.manifest()

    @cached_property
    def protocol(self) -> Protocol:
        return protocol_of(self.work.split, manager.protocols())

    @property
    def tests(self) -> int:
        """Rows of fold test."""
        return int((self.rows["fold"] == "test").sum())

    @cached_property
    def items(self) -> pd.Series:
        """Ids of the catalogue, in the order of item indices."""
        return read_parquet(self.work.split.dataset.items).sort_values("index")["itemId"]

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """Pairs of test, at most 2,000, in the rows' order."""
        test = self.rows.loc[self.rows["fold"] == "test", ["user", "item"]]
        drawn = np.random.default_rng(42).permutation(len(test))[:_PAIRS]
        return test.iloc[np.sort(drawn)]

    @cached_property
    def predicted(self) -> Predicted:
        """Predictions made again from the files as they are."""
        return predict_again(self.work, self.model, self.folds, self.pairs)

    @cached_property
    def changed(self) -> Work:
        """A copy with other test items and ratings."""
        return copy_files(
            self.work, self.scratch / "changed", lambda rows: other_test(rows, self.items)
        )

    @cached_property
    def removed(self) -> Work:
        """A copy without test rows."""
        return copy_files(self.work, self.scratch / "removed", without_test)

    def difference(self, copy: Work) -> Difference:
        """How predictions by the saved weights change when they are made from a copy's files."""
        return compare(
            self.predicted,
            predict_again(copy, self._model_on(copy), copy.folds(), self.pairs),
        )

    def _model_on(self, copy: Work) -> Model:
        """The saved weights, with what a copy supplies where the model has needs."""
        if not self.work.config.needs():
            return self.model
        return replace(copy, run=self.work.run).model(copy.folds())

    def edge_keys(self, nodes: int) -> npt.NDArray[np.int64]:
        """``user · nodes + item`` of each row, by the data set's node indices."""
        dataset = self.work.split.dataset
        users, items = read_parquet(dataset.users), read_parquet(dataset.items)
        user = users.set_index("userId")["index"].loc[self.rows["user"]].to_numpy(np.int64)
        item = items.set_index("itemId")["index"].loc[self.rows["item"]].to_numpy(np.int64)
        keys: npt.NDArray[np.int64] = user * nodes + item
        return keys

    @property
    def reads_features(self) -> bool:
        """Whether the run is judged by the split's features: its model says that it needs them.

        A protocol of leaky features is about nothing else.
        """
        needs = self.work.config.needs()
        reads = any(isinstance(need, EventFeaturesNeed) for need in needs)
        return reads or self.protocol.leaky_features

    def builder(self) -> FeatureBuilder:
        """The split's fitted feature builder."""
        facts = Facts.of(self.work.split.dataset)
        return FeatureBuilder.load(self.work.split.path / "features", facts, self.protocol)

    @cached_property
    def of_changed(self) -> Difference:
        return self.difference(self.changed)

    @cached_property
    def of_removed(self) -> Difference:
        return self.difference(self.removed)


def feature_row(subject: Subject, check: int, what: str, good: bool, evidence: str) -> Row:
    """A row about features; what is wrong with some that the model does not read is a warning."""
    if good or subject.reads_features:
        return row(check, what, good, evidence)
    return Row(check, what, "warning", f"{evidence}; this model reads no features")


def trained_digest(work: Work) -> str:
    """Digest of the run's training and predictions: a verdict is about these."""
    run = work.run.manifest()
    stages = [run.stages.get(name) for name in ("train", "predict")]
    return digest([run.run_id, *(one.dump() if one else None for one in stages)])


def inputs_digest(work: Work) -> str:
    """Digest of what an audit reads beside the data set: the run's stages, jobs and features."""
    manifest = work.split.manifest()
    jobs = {name: [record.fingerprint, record.digest] for name, record in manifest.jobs.items()}
    features = manifest.features.fingerprint if manifest.features else None
    return digest([trained_digest(work), jobs, features])
