"""Runs on a small made-up data set, made without a server, for the tests of the audit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from reelgraph.artifacts import RunFolder, SplitFolder, read_parquet
from reelgraph.model.base import FitResult, ModelConfig
from reelgraph.model.needs import EmbeddingNeed, EventFeaturesNeed
from reelgraph.model.splits.lookup import bound
from reelgraph.model.splits.splitting import write_split
from reelgraph.model.zoo.most_popular import MostPopular
from reelgraph.pipeline.audit import AuditReport
from reelgraph.pipeline.config import RunConfig
from reelgraph.pipeline.run import audit_run, begin_run, run_stage
from reelgraph.settings import Settings
from reelgraph.testing.small_split import make_split_folder

SMALL = {"embedding_size": 4, "hidden_size": 4, "heads": 2, "epochs": 2}


def quiet(_: str) -> None:
    """Notes of the stages."""


def small_split(folder: Path, protocol: str = "user-time", **parameters: Any) -> SplitFolder:
    split = make_split_folder(folder)
    return (
        split
        if protocol == "user-time"
        else write_split(split.dataset, bound(protocol, parameters))
    )


def config(model: str = "ease", **values: Any) -> RunConfig:
    options = {"options": SMALL} if model == "attention-lstm" else {}
    return RunConfig(
        **{"model": model, "knowledge": "none", "jobs": {}, "baselines": (), **options, **values}
    )


def make_run(
    split: SplitFolder, made: RunConfig | None = None, embeddings: tuple[str, ...] = ()
) -> RunFolder:
    """Train and predict on the split.

    :param embeddings: jobs whose vectors the model reads; its default ones otherwise.
    """
    manifest = split.manifest()
    found = (made or config()).model_copy(
        update={"protocol": manifest.protocol, "protocol_parameters": manifest.parameters}
    )
    if embeddings:
        options = {**found.options, "embeddings": embeddings}
        found = found.model_copy(update={"options": options})
    settings = settings_of(split)
    run = begin_run(settings, split, found, quiet)
    for stage in ("train", "predict"):
        run_stage(stage, settings, run, quiet)
    return run


def settings_of(split: SplitFolder) -> Settings:
    return Settings(workspace=split.path.parents[3])


def audited(split: SplitFolder, run: RunFolder, **options: Any) -> AuditReport:
    return audit_run(settings_of(split), run, quiet, **options)


def results(report: AuditReport) -> dict[str, str]:
    """The result of each row by its name, for rows whose names differ."""
    return {row.what: row.result for row in report.rows}


def failed(report: AuditReport) -> set[tuple[int, str]]:
    return {(row.check, row.what) for row in report.failed}


def test_items(checkpoint: Path) -> pd.DataFrame:
    """Rows of fold test of the workspace that a fit's checkpoint lies in: what a leak reads."""
    (split,) = checkpoint.parents[3].glob("datasets/*/splits/*/split.parquet")
    rows = read_parquet(split)
    return rows[rows["fold"] == "test"]


class KnowingNegatives(MostPopular):
    """Draws negatives that the user has neither in train nor in test."""

    name = "knowing-negatives"

    def fit(self, data, options):
        super().fit(data, options)
        hidden = test_items(options.checkpoint).groupby("user")["item"].agg(set)
        random = np.random.default_rng(options.seed)
        for n, user in enumerate(data.train.users.tolist()):
            own = set(self.catalogue.item_ids[data.train.history(n)]) | hidden.get(user, set())
            left = [i for i, item in enumerate(self.catalogue.item_ids) if item not in own]
            self.counts[random.choice(left, 3)] -= 0.1
        return FitResult()


class StoppingOnTest(MostPopular):
    """Chooses its epochs by test rows; each epoch adds other small numbers to the counts."""

    name = "stopping-on-test"
    chooses = True

    def fit(self, data, options):
        super().fit(data, options)
        noise = np.random.default_rng(options.seed + 1).normal(size=(99, len(self.counts)))
        epochs = options.epochs
        if epochs is None:
            rows = test_items(options.checkpoint)
            items = pd.Index(self.catalogue.item_ids).get_indexer(rows["item"])
            epochs = int(noise[:, items].sum(axis=1).argmax()) + 1
        self.counts += noise[epochs - 1].astype(np.float32)
        return FitResult(epochs)


class ReadsFeatures(MostPopular):
    """Adds to an item's count the means of its features in train."""

    name = "reads-features"

    @classmethod
    def needs(cls, config):
        return (EventFeaturesNeed(),)

    def fit(self, data, options):
        super().fit(data, options)
        events = data[EventFeaturesNeed()].query("fold == 'train'")
        numbers = (
            events.drop(columns=["user", "seq", "fold"]).groupby("item").mean(numeric_only=True)
        )
        added = numbers.sum(axis=1).reindex(self.catalogue.item_ids).fillna(0)
        self.counts += added.to_numpy(np.float32)
        return FitResult()


class VectorsConfig(ModelConfig):
    embeddings: tuple[str, ...] = ()


class ReadsVectors(MostPopular):
    """Adds to an item's count the sum of its vectors."""

    name = "reads-vectors"
    config_class = VectorsConfig

    @classmethod
    def needs(cls, config):
        return tuple(EmbeddingNeed(name) for name in config.embeddings)

    def fit(self, data, options):
        super().fit(data, options)
        for need in self.needs(self.config):
            self.counts += data[need].sum(axis=1)
        return FitResult()


class Rates(MostPopular):
    """A model of ratings: the mean item count of the history, for any item."""

    name = "rates"
    provides = frozenset({"ranking", "rating"})

    def predict_rating(self, queries, items):
        return [
            self.counts[asked] + np.float32(len(query.items))
            for query, asked in zip(queries, items, strict=True)
        ]
