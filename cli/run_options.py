"""The options that say what a run is made of, shared by ``run`` and ``train``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..errors import SettingsError
from ..settings_files import read_toml
from . import completion

if TYPE_CHECKING:
    from ..pipeline.config import RunConfig

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--model",
        help="Model to train. [default: attention-lstm]",
        shell_complete=completion.models,
    ),
    click.option(
        "--set",
        "assignments",
        multiple=True,
        metavar="NAME=VALUE",
        help="One of the model's options, such as --set dropout=0.3; may be repeated.",
    ),
    click.option(
        "--knowledge",
        type=click.Choice(["real", "none", "shuffled"]),
        help="Knowledge vectors: real, none, or of a shuffled graph. [default: real]",
    ),
    click.option("--seed", type=click.IntRange(0), help="Seed of training. [default: 42]"),
    click.option("--epochs", type=click.IntRange(1), help="Epochs. [default: chosen on valid]"),
    click.option(
        "--config",
        "config_file",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        help="TOML file with the run's configuration; options override it.",
    ),
)


def run_options(function: F) -> F:
    """Add the options to a command."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def make_config(config_file: Path | None, assignments: tuple[str, ...], **given: Any) -> RunConfig:
    """The run's configuration from a file and options; options that are None count as not given.

    :raises SettingsError: for an unknown key or a value that does not fit.
    """
    from pydantic import ValidationError

    from ..pipeline.config import RunConfig

    values = read_toml(config_file) if config_file else {}
    values.update({name: value for name, value in given.items() if value is not None})
    values["options"] = {**values.get("options", {}), **dict(map(assignment, assignments))}
    try:
        config = RunConfig(**values)
    except ValidationError as error:
        first = error.errors()[0]
        raise SettingsError(
            f"run configuration, {'.'.join(map(str, first['loc']))}: {first['msg']}",
            f"Keys: {', '.join(RunConfig.model_fields)}",
        ) from None
    config.check()
    return config


def assignment(text: str) -> tuple[str, Any]:
    """``dropout=0.3`` → ("dropout", 0.3); what is not JSON is a string."""
    name, equals, value = text.partition("=")
    if not equals:
        raise SettingsError(f"--set {text}: there is no '='", "Write --set NAME=VALUE.")
    try:
        return name, json.loads(value)
    except json.JSONDecodeError:
        return name, value
