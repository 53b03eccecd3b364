"""The figure of a choice of options: the mean over the folds that the search may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ...artifacts import RunInput, Task, digest
from ...errors import InputError
from ...model import guard
from ...model.base import Precision, TrainingOptions
from ...model.data import Knowledge
from ...model.dataset import Folds
from ...model.evaluation.questions import ask_some
from ...model.evaluation.significance import ROOTS, point
from ...model.evaluation.user_values import user_values
from ...model.memory import need_memory
from ...model.needs import Supplied
from ...model.search_space import Space
from ...model.training.loop import isolated_torch
from ...plugins import manager
from ..comparison.data import Data, Rows
from ..config import RunConfig
from ..identity import code_of_model
from .folds import By, cross_validation, without_test


@dataclass(frozen=True)
class Objective:
    """A model on the train and valid rows of data; ``options`` are those that stay.

    ``cv`` is the number of folds of cross-validation, None for the split's own valid.
    """

    data: Data
    model: str
    metric: str
    task: Task = "ranking"
    options: Mapping[str, Any] | None = None
    knowledge: Knowledge = "real"
    seed: int = 42
    cv: int | None = None
    cv_by: By = "users"
    relevant: float | None = None

    def config(self, chosen: Mapping[str, Any]) -> RunConfig:
        """:raises SettingsError: for options that do not fit."""
        config = RunConfig(
            model=self.model,
            task=self.task,
            options={**(self.options or {}), **chosen},
            knowledge=self.knowledge,
            seed=self.seed,
            relevant=self.relevant,
        )
        config.check()
        return config

    def space(self) -> dict[str, Space]:
        """The options to try, less those that are fixed.

        :raises InputError: when the model has none; says which models have.
        """
        spaces = self.config({}).model_class().config_class.search_space
        fixed = self.options or {}
        found = {
            name: one
            for name, one in spaces.items()
            if name not in fixed and one.task in (None, self.task)
        }
        if not found:
            known = [
                name for name, model in manager.models().items() if model.config_class.search_space
            ]
            why = "every one of its options is set" if spaces else "it has no search space"
            raise InputError(
                f"model '{self.model}' cannot be tuned: {why}",
                f"Models with a search space: {', '.join(sorted(known))}",
            )
        return found

    def key(self, precision: Precision = "float32") -> str:
        """Digest of all that the figures depend on, less the test rows.

        :param precision: of the training.
        """
        folds, rules = list(self.folds), self.data.bound().rules
        made_of = {
            **code_of_model(self.model),
            "rows": [_digest(one) for one in folds],
            "protocol": vars(rules),
            "config": self.config({}).model_dump(mode="json"),
            "inputs": [one.dump() for one in self.inputs],
            "metric": self.metric,
            "precision": precision,
            "space": {name: vars(one) for name, one in self.space().items()},
        }
        return digest(made_of)

    @cached_property
    def _found(self) -> tuple[Supplied, list[RunInput]]:
        return Rows(self.data).supplied(self.config({}))

    @property
    def supplied(self) -> Supplied:
        """What the model gets beside the interactions."""
        return self._found[0]

    @property
    def inputs(self) -> list[RunInput]:
        """The same with its fingerprints, and why what it does not get is absent."""
        return self._found[1]

    @cached_property
    def folds(self) -> tuple[Folds, ...]:
        """What the search may see."""
        folds = Rows(self.data).folds(self.supplied)
        folds.rules.check_task(self.task)
        if self.cv is None:
            found: tuple[Folds, ...] = (without_test(folds),)
        else:
            found = tuple(cross_validation(folds, self.cv, self.cv_by, self.seed))
        for one in found:
            ask_some(one, "valid", self.task, self.relevant)
        return found

    def measure(self, chosen: Mapping[str, Any], options: TrainingOptions) -> list[float]:
        """The metric on each fold.

        :raises ModelError: when the model cannot be fitted with these options.
        """
        return [self._measured(chosen, folds, options) for folds in self.folds]

    def _measured(self, chosen: Mapping[str, Any], folds: Folds, options: TrainingOptions) -> float:
        config = self.config(chosen)
        owner = manager.model_owner(config.model)
        model = guard.new_model(config.model_class(), config.model_options(), owner)
        need_memory(model, folds.train, self.supplied)
        with isolated_torch(options):
            model.fit(folds.for_choice(self.supplied), options)
            found = user_values(model, folds, self.task, "valid", self.relevant)
        values = found.metrics[ROOTS.get(self.metric, self.metric)]
        return point(self.metric, values, found.weights)


def _digest(folds: Folds) -> str:
    parts = []
    for rows in (folds.train, folds.valid):
        arrays = (rows.offsets, rows.items, rows.ratings, rows.timestamps)
        parts += [
            None if one is None else digest(np.asarray(one).tobytes().hex()) for one in arrays
        ]
    ids = (folds.train.users, folds.train.catalogue.item_ids)
    return digest([*parts, *([str(one) for one in ids_] for ids_ in ids)])
