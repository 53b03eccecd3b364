"""The stages after the export, each one function over a run's folder."""

from __future__ import annotations

import gc
import shutil
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..artifacts import (
    ModelMetrics,
    RunChanges,
    RunFolder,
    RunInput,
    RunMetrics,
    SplitFolder,
    Task,
    read_json,
    read_parquet,
    write_json,
    write_parquet,
    write_record,
)
from ..errors import MemoryNeedError, SettingsError
from ..model import guard
from ..model.base import Model, Ranking, TrainingOptions, rank
from ..model.data import Query
from ..model.dataset import Folds, load_catalogue, load_folds
from ..model.evaluation.questions import not_candidates
from ..model.evaluation.ranking import evaluate as evaluate_model
from ..model.evaluation.rating import evaluate_ratings
from ..model.fallback import FALLBACK, most_popular
from ..model.memory import need_memory
from ..model.needs import Supplied, TrainingData, UserPropertiesNeed
from ..plugins import manager
from ..progress import Note
from ..settings import Settings
from .config import RunConfig
from .identity import parent_epochs
from .inputs import supply, supply_again

GROUP = 256  # users explained at a time


@dataclass(frozen=True)
class Work:
    """What a stage needs: the run, its split and configuration, and the machine's options.

    ``settings`` are for what an audit starts beside it.
    """

    run: RunFolder
    split: SplitFolder
    config: RunConfig
    inputs: tuple[RunInput, ...]
    options: TrainingOptions
    note: Note
    settings: Settings

    @property
    def checkpoints(self) -> Path:
        """Where an interrupted fit leaves its state."""
        return self.run.path / "checkpoints"

    def folds(self) -> Folds:
        return load_folds(self.split, load_catalogue(self.split), known_users(self.supplied()))

    def supplied(self) -> Supplied:
        """What the model needs beside the interactions, as far as it was there at the start."""
        return supply_again(self.config, self.split, self.inputs)[0]

    def new_model(self) -> Model:
        """An unfitted model."""
        options = self.config.model_options()
        return guard.new_model(self.config.model_class(), options, self.owner)

    def model(self, folds: Folds) -> Model:
        """The fitted model."""
        cls, catalogue = self.config.model_class(), folds.train.catalogue
        return guard.load_model(cls, self.run.model, catalogue, self.supplied(), self.owner)

    @cached_property
    def keeps_weights(self) -> bool:
        """Whether the weights chosen on valid are tested."""
        return self.config.recorded_protocol().keeps_weights

    @property
    def owner(self) -> str:
        """The plugin of the model, in words."""
        return manager.model_owner(self.config.model)


def known_users(supplied: Supplied) -> pd.DataFrame | None:
    """What queries carry of the users: the user properties that the model declared."""
    tables = [supplied[need] for need in supplied if isinstance(need, UserPropertiesNeed)]
    if not tables:
        return None
    together = pd.concat(tables, axis=1)
    return together.loc[:, ~together.columns.duplicated()]


def train(work: Work) -> RunChanges:
    """Choose the epochs on valid, then fit once more on train + valid.

    Some protocols, such as ``leave-one-out``, keep the weights chosen on valid; a refit on
    all rows trains for the epochs of its parent.
    """
    folds, supplied = work.folds(), work.supplied()
    epochs = work.config.epochs or parent_epochs(work.run.path.parent, work.config)
    model = work.new_model()
    check_fits(work, model, folds, supplied)
    if epochs is None:
        epochs = _choose(work, model, TrainingData(folds.train, folds.valid, supplied))
    elif work.keeps_weights:
        model.fit(TrainingData(folds.train, None, supplied), replace(work.options, epochs=epochs))
    if not work.keeps_weights:
        work.note(
            f"final fit on train + valid, {epochs} epochs" if epochs else "fit on train + valid"
        )
        model = work.new_model()
        options = replace(
            work.options, epochs=max(epochs, 1), checkpoint=work.checkpoints / "final"
        )
        model.fit(TrainingData(folds.history, None, supplied), options)
    model.save(work.run.model)
    shutil.rmtree(work.checkpoints, ignore_errors=True)
    return {"chosen_epochs": epochs, "summary": model.summary()}


def check_fits(work: Work, model: Model, folds: Folds, supplied: Supplied) -> None:
    """Before anything is trained: does the model fit into memory, and which baseline does not?

    :raises MemoryNeedError: when the model of the run needs more than there is.
    """
    need_memory(model, folds.history, supplied)
    if not len(folds.test):
        return
    for name in dict.fromkeys(work.config.compared):
        try:
            if name != work.config.model:
                need_memory(baseline(name), folds.history)
        except MemoryNeedError as error:
            work.note(f"train: baseline {name} will be left out: {error.message}")


def _choose(work: Work, model: Model, data: TrainingData) -> int:
    """Epochs chosen by early stopping on valid; remembered, so that a resumed run goes on.

    A closed form has none to choose, and is fitted on train only where those weights count.
    """
    if not model.chooses and not work.keeps_weights:
        return 0
    choice = work.run.model / "choice.json"
    if choice.is_file() and not work.keeps_weights:
        return int(read_json(choice)["epochs"])
    options = replace(work.options, checkpoint=work.checkpoints / "choice")
    result = model.fit(data, options)
    write_json(choice, {"epochs": result.epochs, "history": list(result.history)})
    return result.epochs


def predict(work: Work) -> RunChanges:
    """Top ``n`` of every user, evidence, attention and vectors, as files."""
    folds = work.folds()
    model = work.model(folds)
    queries = history_queries(folds)
    predictions, attention = explained(model, queries, work.config)
    cold = without_history(folds, work.config.n)
    if len(cold):
        predictions = pd.concat([predictions.assign(fallback=None), cold], ignore_index=True)
        work.note(f"predict: {cold['user'].nunique():,} users have no history: {FALLBACK} items")
    write_parquet(work.run.predictions, predictions)
    if "evidence" in model.provides:
        write_parquet(work.run.attention, attention)
    if "vectors" in model.provides:
        if reads_first_events(work.split):
            _write_vectors(work, model, queries, folds.history.catalogue.item_ids)
        else:
            work.note(
                "predict: no vectors for live recommendations: what this split reads of a "
                "user is not the user's first events"
            )
    return {"users": len(queries), "recommendations": len(predictions)}


def without_history(folds: Folds, n: int) -> pd.DataFrame:
    """Predictions for the split's users without rows in train and valid, marked ``fallback``.

    They depend on train and valid only, and have no evidence.
    """
    users = folds.history.users[np.diff(folds.history.offsets) == 0]
    none = not_candidates(folds)
    ranking = most_popular(folds.history, n, [none])
    items = ranking.items[0][ranking.items[0] >= 0]
    return pd.DataFrame(
        {
            "user": np.repeat(users, len(items)),
            "item": np.tile(folds.history.catalogue.item_ids[items], len(users)),
            "rank": np.tile(np.arange(1, len(items) + 1), len(users)),
            "score": np.tile(ranking.scores[0][: len(items)], len(users)),
            "fallback": FALLBACK,
        }
    )


def reads_first_events(split: SplitFolder) -> bool:
    """Whether train and valid are the first events of each user.

    The live query has only their number to tell what a run had read of a user.
    """
    rows = read_parquet(split.split)
    read = rows[rows["fold"].isin(["train", "valid"])].groupby("user")["seq"]
    return bool((read.max() == read.size()).all())


def history_queries(folds: Folds) -> list[Query]:
    """The question 'what next?' of every user with history, after train and valid."""
    history = folds.history
    return [history.query(user) for user in np.flatnonzero(np.diff(history.offsets)).tolist()]


def explained(
    model: Model, queries: list[Query], config: RunConfig
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """``predictions.parquet`` and ``attention.parquet`` of these queries.

    Queries are asked in groups of 256; the last bits of scores may depend on the group.
    """
    parts = [
        _explained(model, queries[start : start + GROUP], config)
        for start in range(0, len(queries), GROUP)
    ]
    predictions, attention = zip(*parts, strict=True)
    return pd.concat(predictions, ignore_index=True), pd.concat(attention, ignore_index=True)


def _explained(
    model: Model, queries: list[Query], config: RunConfig
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Predictions and attention of some users as tables with the source's ids."""
    ranking = _best(model, queries, config)
    items = [row[row >= 0] for row in ranking.items]
    ids = model.catalogue.item_ids
    evidence = model.explain(queries, items) if "evidence" in model.provides else None
    ratings = model.predict_rating(queries, items) if "rating" in model.provides else None
    predictions, attention = [], []
    for row, query in enumerate(queries):
        found = items[row]
        columns: dict[str, Any] = {
            "user": query.user,
            "item": ids[found],
            "rank": np.arange(1, len(found) + 1),
            "score": ranking.scores[row][: len(found)],
        }
        if ratings is not None:
            columns["predictedRating"] = ratings[row]
        if evidence is not None:
            contributions = evidence[row].contributions
            best = np.argsort(-contributions, axis=1, kind="stable")[:, : config.evidence]
            columns["evidenceIds"] = list(ids[query.items[best]])
            columns["evidenceContributions"] = list(np.take_along_axis(contributions, best, axis=1))
            attention.append(_attention(query, evidence[row].weights, ids, config.n))
        predictions.append(pd.DataFrame(columns))
    empty = pd.DataFrame(columns=["user", "item", "weight", "rank"])
    return pd.concat(predictions), pd.concat(attention) if attention else empty


def _best(model: Model, queries: list[Query], config: RunConfig) -> Ranking:
    """The run's lists: in a rating run those items whose predicted rating is highest."""
    if config.about == "ranking" or "ranking" not in model.provides:
        return model.recommend(queries, config.n)
    every = [np.arange(len(model.catalogue))] * len(queries)
    ratings = np.stack(model.predict_rating(queries, every))
    return rank(ratings, config.n, [query.items for query in queries])


def _attention(query: Query, weights: Any, ids: Any, n: int) -> pd.DataFrame:
    best = np.argsort(-weights, kind="stable")[:n]
    return pd.DataFrame(
        {
            "user": query.user,
            "item": ids[query.items[best]],
            "weight": weights[best],
            "rank": np.arange(1, len(best) + 1),
        }
    )


def _write_vectors(work: Work, model: Model, queries: list[Query], ids: Any) -> None:
    vectors = model.vectors(queries)
    users = pd.DataFrame(
        {
            "user": [query.user for query in queries],
            "historyLength": [len(query.items) for query in queries],
            "vector": list(vectors.users),
        }
    )
    write_parquet(work.run.vectors / "users.parquet", users)
    items = pd.DataFrame({"item": ids, "vector": list(vectors.items)})
    write_parquet(work.run.vectors / "items.parquet", items)


def evaluate(work: Work) -> RunChanges:
    """Test metrics of the model and of the baselines on the same split; writes ``metrics.json``."""
    folds = work.folds()
    if len(folds.test) == 0:
        write_record(work.run.metrics, RunMetrics(models={}))
        return {"metrics": None}
    metrics = {work.config.model: _evaluated(work, work.model(folds), folds)}
    left_out: dict[str, str] = {}
    for name in work.config.compared:
        if name in metrics or name in left_out:
            continue
        try:
            metrics[name] = _evaluated(work, _fitted(work, name, folds), folds)
        except (MemoryNeedError, SettingsError) as error:
            left_out[name] = error.message
            work.note(f"evaluate: baseline {name} is left out: {error.message}")
    found = RunMetrics(split=work.split.split_id, models=metrics)
    if left_out:
        found = found.model_copy(update={"left_out": left_out})
    write_record(work.run.metrics, found)
    return {"metrics": metrics[work.config.model]}


def _evaluated(work: Work, model: Model, folds: Folds) -> ModelMetrics:
    if work.config.about == "rating":
        found = evaluate_ratings(model, folds, seed=work.config.seed)
    else:
        found = evaluate_model(model, folds, seed=work.config.seed)
    del model
    gc.collect()  # one large model in memory at a time
    return found


def _fitted(work: Work, name: str, folds: Folds) -> Model:
    config = baseline_config(name, work.config.about)
    model = baseline(name)
    supplied = supply(config, work.split)[0]
    need_memory(model, folds.history, supplied)
    data = TrainingData(folds.history, None, supplied)
    model.fit(data, replace(work.options, checkpoint=None))
    return model


def baseline(name: str) -> Model:
    """An unfitted model with its default options and without knowledge."""
    config, owner = baseline_config(name), manager.model_owner(name)
    return guard.new_model(config.model_class(), config.model_options(), owner)


def baseline_config(name: str, task: Task | None = None) -> RunConfig:
    """:raises SettingsError: when the model is not for the task."""
    config = RunConfig(model=name, knowledge="none", task=task)
    return config.model_copy(update={"task": config.about})
