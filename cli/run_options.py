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

task_option = click.option(
    "--task",
    type=click.Choice(["ranking", "rating"]),
    help="Rank items or predict ratings. [default: what the model is for]",
)
knowledge_option = click.option(
    "--knowledge",
    type=click.Choice(["real", "none", "shuffled"]),
    help="Knowledge vectors: real, none, or of a shuffled graph. [default: real]",
)
epochs_option = click.option(
    "--epochs",
    type=click.IntRange(1),
    help="Epochs; nothing is chosen on valid then. [default: chosen]",
)
relevant_option = click.option(
    "--relevant",
    type=float,
    metavar="RATING",
    help="Only items with this rating and more are right answers. [default: all items]",
)

_OPTIONS = (
    click.option(
        "--model",
        help="Model to train. [default: attention-lstm]",
        shell_complete=completion.models,
    ),
    task_option,
    click.option(
        "--set",
        "assignments",
        multiple=True,
        metavar="NAME=VALUE",
        help="One of the options of the model, such as --set dropout=0.3 (in 'run' also of the "
        "protocol, such as --set train=0.9); may be repeated.",
    ),
    knowledge_option,
    relevant_option,
    click.option("--seed", type=click.IntRange(0), help="Seed of training. [default: 42]"),
    epochs_option,
    click.option(
        "--config",
        "config_file",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        help="TOML file with the run's configuration; options override it.",
    ),
)


order_option = click.option(
    "--order",
    type=click.Choice(["rows"]),
    help="For data without times: the source's rows are in the order of time. Every "
    "figure says so.",
)


tensorboard_option = click.option(
    "--tensorboard",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Write the figures of each epoch there for TensorBoard (extra 'tensorboard').",
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
    from ..validation import first_problem

    values = read_toml(config_file) if config_file else {}
    values.update({name: value for name, value in given.items() if value is not None})
    of_model = dict(map(assignment, assignments))
    of_protocol: dict[str, Any] = {}
    if "protocol_parameters" not in given:  # else the split has them already
        of_model, of_protocol = _by_owner(values, of_model)
    values["options"] = {**values.get("options", {}), **of_model}
    values["protocol_parameters"] = {**values.get("protocol_parameters", {}), **of_protocol}
    try:
        config = RunConfig(**values)
    except ValidationError as error:
        first = first_problem(error)
        raise SettingsError(
            f"run configuration, {first.key}: {first.message}",
            f"Keys: {', '.join(RunConfig.model_fields)}",
        ) from None
    config.check()
    return config


def _by_owner(
    values: dict[str, Any], assigned: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is set of the model, and what of the protocol.

    :raises SettingsError: for a name that both have.
    """
    from ..model.splits.lookup import protocol_named
    from ..pipeline.config import RunConfig
    from ..plugins import manager

    defaults = RunConfig.model_fields
    protocol = str(values.get("protocol", defaults["protocol"].default))
    model = str(values.get("model", defaults["model"].default))
    known = protocol_named(protocol, manager.protocols()).parameters
    of_protocol = {name: value for name, value in assigned.items() if name in known}
    of_model = {name: value for name, value in assigned.items() if name not in known}
    options = RunConfig(model=model).model_class().config_class.model_fields
    for name in of_protocol:
        if name in options:
            raise SettingsError(
                f"--set {name}: both protocol {protocol} and model {model} have it",
                "Say which in a file for --config: [options] or [protocol_parameters].",
            )
    return of_model, of_protocol


def assignment(text: str) -> tuple[str, Any]:
    """``dropout=0.3`` → ("dropout", 0.3); what is not JSON is a string."""
    name, equals, value = text.partition("=")
    if not equals:
        raise SettingsError(f"--set {text}: there is no '='", "Write --set NAME=VALUE.")
    try:
        return name, json.loads(value)
    except json.JSONDecodeError:
        return name, value
