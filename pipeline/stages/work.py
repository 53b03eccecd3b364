"""What a stage needs: the run with its split, configuration and inputs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from ...artifacts import (
    RunFolder,
    RunInput,
    SplitFolder,
)
from ...model import guard
from ...model.base import Model, TrainingOptions
from ...model.dataset import Folds, load_catalogue, load_folds
from ...model.needs import Supplied, UserPropertiesNeed
from ...model.training.tensorboard import tensorboard_report
from ...plugins import manager
from ...progress import Note
from ...settings import Settings
from ..config import RunConfig
from ..folders import split_of
from ..inputs import read_again


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

    def fit_options(self, fit: str, **changes: Any) -> TrainingOptions:
        """Options of one of the run's fits, which leaves its state and its history by its name."""
        folder = self.settings.tensorboard
        return replace(
            self.options,
            checkpoint=self.checkpoints / fit,
            history=self.run.model / f"history-{fit}.jsonl",
            report=tensorboard_report(folder / self.run.run_id / fit) if folder else None,
            **changes,
        )

    def folds(self) -> Folds:
        """The rows; queries carry the user properties that the model declared."""
        users = read_again(self.config, self.split, self.inputs, UserPropertiesNeed)
        return load_folds(self.split, load_catalogue(self.split), known_users(users))

    def supplied(self) -> Supplied:
        """What the model needs beside the interactions, as far as it was there at the start."""
        return read_again(self.config, self.split, self.inputs)

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


class FittedRun:
    """The rows and the saved model of a run, each read when it is first needed."""

    work: Work

    @cached_property
    def folds(self) -> Folds:
        return self.work.folds()

    @cached_property
    def model(self) -> Model:
        return self.work.model(self.folds)


def work_of(settings: Settings, run: RunFolder, note: Note) -> Work:
    """What the stages of a run need, as its manifest has it."""
    manifest = run.manifest()
    config = RunConfig.model_validate(manifest.config)
    options = TrainingOptions(
        device=settings.device,
        threads=settings.training_threads,
        seed=config.seed,
        progress=True,
        precision=settings.precision,
    )
    split = split_of(settings, run)
    return Work(run, split, config, manifest.inputs, options, note, settings)


def known_users(supplied: Supplied) -> pd.DataFrame | None:
    """What queries carry of the users: the user properties that the model declared."""
    tables = [supplied[need] for need in supplied if isinstance(need, UserPropertiesNeed)]
    if not tables:
        return None
    together = pd.concat(tables, axis=1)
    return together.loc[:, ~together.columns.duplicated()]
