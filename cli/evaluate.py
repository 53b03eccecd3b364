"""``reelgraph evaluate``: a run's metrics, its explanations, or a model on plain files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ..errors import InputError
from . import completion
from .context import Context
from .data_options import FILE, data_options
from .run_options import epochs_option, relevant_option, task_option
from .stages import again_option, run_argument, run_one_stage


@click.command()
@run_argument
@again_option
@data_options
@click.option("--items", type=FILE, help="File of items (id, title, genres): measures diversity.")
@click.option("--model", help="Model to evaluate on files.", shell_complete=completion.models)
@task_option
@click.option(
    "--set",
    "assignments",
    multiple=True,
    metavar="NAME=VALUE",
    help="An option of the model, or of the protocol that cuts --data; may be repeated.",
)
@click.option(
    "--baselines",
    multiple=True,
    metavar="A,B,…",
    help="Models beside it, or none. [default: most-popular,ease; for ratings bias]",
)
@relevant_option
@click.option("--seed", type=click.IntRange(0), help="Seed. [default: 42]")
@epochs_option
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for metrics.json and metrics-per-user.parquet. [default: one in the workspace]",
)
@click.option("--slices", is_flag=True, help="Also by cold and rare users and items, quartiles.")
@click.option("--explanations", is_flag=True, help="Measure the reasons of a run instead.")
@click.option(
    "--users", type=click.IntRange(1), help="With --explanations: users drawn. [default: 150]"
)
@click.option(
    "--beside",
    multiple=True,
    metavar="RUN",
    help="With --explanations: the same run with another seed; may be repeated.",
    shell_complete=completion.runs,
)
@click.option("--json", "as_json", is_flag=True, help="Print the metrics as JSON.")
@click.pass_obj
def evaluate(
    context: Context,
    /,
    run_id: str | None,
    again: bool,
    slices: bool,
    explanations: bool,
    users: int | None,
    beside: tuple[str, ...],
    as_json: bool,
    **given: Any,
) -> None:
    """Measure a run on the test rows, beside baselines on the same split.

    With --train and --test, or with --data, a model is fitted and measured on plain files
    instead: no database and no run. Columns are user, item, rating and timestamp, the last two
    where there are any, by tab, comma or '::', with or without a header. The model is fitted as
    a run would be: its epochs are chosen on valid, and then it is fitted on train and valid.

    With --explanations, the run's reasons are measured: whether all recommendations have some
    and whether they are true, and for each explainer whether the score falls without what it
    names, beside random, recent, similar and greedy orders. The figures stay in the run's
    folder, in explanations.json.

    \b
    Examples:
      reelgraph evaluate
      reelgraph evaluate --slices
      reelgraph evaluate --explanations --users 300
      reelgraph evaluate --train u1.base --test u1.test --model ease
      reelgraph evaluate --data ratings.csv --protocol leave-one-out --model item-knn
    """
    if explanations:
        _evaluate_explanations(context, run_id, again, slices, users, beside, as_json, given)
        return
    if users is not None or beside:
        raise InputError("--users and --beside are about explanations", "Give --explanations, too.")
    if given["train_file"] or given["test_file"] or given["place"]:
        if run_id is not None or again:
            raise InputError("a run has its rows already", "Leave out RUN and --again, or files.")
        from .evaluate_files import evaluate_plain_files

        evaluate_plain_files(context, given, as_json, slices)
        return
    unused = [name for name, value in given.items() if value not in (None, ())]
    if unused:
        raise InputError(
            f"--{_FLAGS.get(unused[0], unused[0])} is for plain files, and there are none",
            "Give --train FILE and --test FILE, or --data FILE; a run has its options already.",
        )
    from .metrics import print_metrics

    run = run_one_stage(context, "evaluate", run_id, again)
    print_metrics(context, run, as_json, slices)


def _evaluate_explanations(
    context: Context,
    run_id: str | None,
    again: bool,
    slices: bool,
    users: int | None,
    beside: tuple[str, ...],
    as_json: bool,
    given: dict[str, Any],
) -> None:
    """:raises InputError: for options that say something about another evaluation."""
    others = {"again": again or None, "slices": slices or None, **given, "seed": None}
    unused = [name for name, value in others.items() if value not in (None, ())]
    if unused:
        raise InputError(
            f"--{_FLAGS.get(unused[0], unused[0])} does not go with --explanations",
            "Leave it out: explanations are those of a run, and are measured each time.",
        )
    from .explanations import evaluate_explanations

    evaluate_explanations(context, run_id, users, given["seed"], beside, as_json)


_FLAGS = {
    "assignments": "set",
    "train_file": "train",
    "test_file": "test",
    "place": "data",
}
