"""The models that a run is compared with."""

from __future__ import annotations

from ...artifacts import (
    Task,
)
from ...model import guard
from ...model.base import Model
from ...plugins import manager
from ..config import RunConfig


def baseline(name: str) -> Model:
    """An unfitted model with its default options and without knowledge."""
    config, owner = baseline_config(name), manager.model_owner(name)
    return guard.new_model(config.model_class(), config.model_options(), owner)


def baseline_config(name: str, task: Task | None = None) -> RunConfig:
    """:raises SettingsError: when the model is not for the task."""
    config = RunConfig(model=name, knowledge="none", task=task)
    return config.model_copy(update={"task": config.about})
