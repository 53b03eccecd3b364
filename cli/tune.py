"""``reelgraph tune``: a search of a model's options on valid."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import InputError
from . import completion
from .context import Context
from .data_options import chosen_data, data_options
from .run_options import knowledge_option, relevant_option, task_option

if TYPE_CHECKING:
    from ..pipeline.tuning.study import Search, Trial


@click.command()
@click.option(
    "--model",
    required=True,
    help="Model whose options are tried.",
    shell_complete=completion.models,
)
@data_options
@task_option
@knowledge_option
@click.option(
    "--set",
    "assignments",
    multiple=True,
    metavar="NAME=VALUE",
    help="An option of the model that stays as it is, or of the protocol; may be repeated.",
)
@click.option(
    "--trials", type=click.IntRange(1), default=20, show_default=True, help="Trials, old ones too."
)
@click.option(
    "--sampler",
    type=click.Choice(["random", "grid", "tpe"]),
    default="tpe",
    show_default=True,
    help="How options are chosen; tpe learns from earlier trials.",
)
@relevant_option
@click.option("--metric", help="Figure to improve. [default: ndcg@10, for ratings rmse]")
@click.option(
    "--cv", type=click.IntRange(2), help="Folds of cross-validation. [default: the split's valid]"
)
@click.option(
    "--cv-by",
    type=click.Choice(["users", "time"]),
    default="users",
    show_default=True,
    help="Folds hold out the last rows of some users, or of all users part after part.",
)
@click.option(
    "--seed", type=click.IntRange(0), default=42, show_default=True, help="Seed of all choices."
)
@click.option(
    "--storage",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File of the search: a journal, or SQLite with .db. [default: tuning.journal in the "
    "workspace]",
)
@click.option("--json", "as_json", is_flag=True, help="Print all trials as JSON.")
@click.pass_obj
def tune(
    context: Context,
    /,
    storage: Path | None,
    trials: int,
    sampler: Any,
    as_json: bool,
    **given: Any,
) -> None:
    """Find options of a model by its figures on valid; test rows are never looked at.

    Every trial is kept: after an interruption the same command goes on, and with more
    --trials it goes further. Options that are set with --set are not tried. It needs
    Optuna: pip install 'reelgraph[tune]'.

    \b
    Examples:
      reelgraph tune --model ease --sampler grid --trials 5
      reelgraph tune --model attention-lstm --trials 40 --set epochs=16
      reelgraph tune --model bias --task rating --data ratings.csv --cv 5 --cv-by time
    """
    from ..model.base import TrainingOptions
    from ..pipeline.tuning.study import library, search

    library()
    objective = _objective(context, given)
    options = TrainingOptions(
        device=context.settings.device,
        precision=context.settings.precision,
        threads=context.settings.training_threads,
    )
    file = storage or context.settings.workspace / "tuning.journal"
    _show(
        context, objective, search(objective, trials, sampler, file, options, context.note), as_json
    )


def _objective(context: Context, given: dict[str, Any]) -> Any:
    from ..pipeline.config import RunConfig
    from ..pipeline.tuning.objective import Objective
    from .run_options import assignment

    config = RunConfig(model=given["model"], task=given["task"])
    fields = config.model_class().config_class.model_fields
    assigned = dict(map(assignment, given["assignments"]))
    of_model = {name: value for name, value in assigned.items() if name in fields}
    others = {name: value for name, value in assigned.items() if name not in fields}
    if others and (given["place"] is None or given["place"].is_dir()):
        name = next(iter(others))
        known = ", ".join(fields) or "none"
        if given["place"] is not None or name not in _parameters(given["protocol"]):
            raise InputError(f"--set {name}: model '{given['model']}' has no such option", known)
    return Objective(
        data=chosen_data(context, given, others),
        model=given["model"],
        metric=given["metric"] or ("rmse" if config.about == "rating" else "ndcg@10"),
        task=config.about,
        options=of_model,
        knowledge=given["knowledge"] or "real",
        seed=given["seed"],
        cv=given["cv"],
        cv_by=given["cv_by"],
        relevant=given["relevant"],
    )


def _parameters(protocol: str | None) -> Any:
    from ..model.splits.lookup import protocol_named
    from ..plugins import manager

    return protocol_named(protocol or "user-time", manager.protocols()).parameters


def _show(context: Context, objective: Any, found: Search, as_json: bool) -> None:
    from ..pipeline.tuning.command import as_command, as_toml

    best, data = found.best, objective.data
    config = objective.config(best.options)
    command = as_command(data, config)
    if as_json:
        context.echo_json(
            {
                "metric": found.metric,
                "fold": "valid",
                "best": {**vars(best), "command": command},
                "trials": [vars(one) for one in found.trials],
            }
        )
        return
    context.echo_rows([_row(one, found.metric, one is best) for one in found.trials])
    context.note(f"best on valid, {found.metric} {best.value:.4f}")
    if data.split is not None and None not in config.options.values():  # TOML has no null
        context.note(f"As a file for reelgraph run --config:\n\n{as_toml(data, config)}")
    click.echo(command)


def _row(trial: Trial, metric: str, best: bool) -> dict[str, Any]:
    figure = trial.why if trial.value is None else f"{trial.value:.4f}"
    options = {
        name: f"{value:.4g}" if isinstance(value, float) else value
        for name, value in trial.options.items()
    }
    return {"trial": trial.number, **options, metric: figure, "": "best" if best else ""}
