"""``reelgraph compare``: models or runs on the same data, with corrected tests."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import InputError
from . import completion
from .context import Context
from .data_options import chosen_data, data_options
from .run_options import epochs_option, relevant_option

if TYPE_CHECKING:
    from ..pipeline.comparison.data import Data
    from ..pipeline.comparison.grid import Entry
    from ..pipeline.comparison.table import Comparison, Measured


_OF_MODELS = {  # options that say how models are fitted
    "seeds": "--seeds",
    "place": "--data",
    "train_file": "--train",
    "test_file": "--test",
    "protocol": "--protocol",
    "knowledge": "--knowledge",
    "assignments": "--set",
    "epochs": "--epochs",
    "relevant": "--relevant",
    "cells": "--cells",
}


@click.command()
@click.argument("runs", nargs=-1, metavar="[RUN]...", shell_complete=completion.runs)
@click.option(
    "--models",
    multiple=True,
    metavar="A,B,…",
    help="Models to fit and compare; NAME=MODEL gives a row a name of its own.",
    shell_complete=completion.models,
)
@click.option(
    "--preset",
    type=click.Choice(["papers", "papers-quick"]),
    help="Rows that are known as a set: the systems of the papers and what they compare with; "
    "'papers-quick' trains each for one epoch with one seed, to see that all of them run.",
)
@data_options
@click.option(
    "--task",
    type=click.Choice(["ranking", "rating"]),
    default="ranking",
    show_default=True,
    help="Rank items or predict ratings.",
)
@click.option(
    "--knowledge",
    type=click.Choice(["real", "none", "shuffled"]),
    multiple=True,
    help="Knowledge of the models that read it; may be repeated, for a row each. [default: real]",
)
@click.option(
    "--set",
    "assignments",
    multiple=True,
    metavar="ROW.OPTION=VALUE",
    help="An option of one row's model, such as --set ease.reg=200, or of the protocol of files, "
    "such as --set train=0.9; may be repeated.",
)
@click.option(
    "--seeds",
    type=click.IntRange(1),
    help="Seeds of models that read one; others are fitted once. [default: 3]",
)
@click.option(
    "--seed", type=click.IntRange(0), default=42, show_default=True, help="The first seed."
)
@epochs_option
@click.option(
    "--metrics",
    multiple=True,
    metavar="A,B,…",
    help="Metrics; differences are those of the first. [default: ndcg@10,sum_rr@10,precision@10; "
    "for ratings rmse,mae]",
)
@relevant_option
@click.option(
    "--fold",
    type=click.Choice(["test", "valid"]),
    default="test",
    show_default=True,
    help="Rows that are measured; valid, after a fit on train, to choose between options.",
)
@click.option(
    "--correction",
    type=click.Choice(["holm", "bh"]),
    default="holm",
    show_default=True,
    help="p-values corrected for the number of models: Holm or Benjamini–Hochberg.",
)
@click.option(
    "--shuffled-order",
    is_flag=True,
    help="A further row for each model that reads the history's order, shuffled at test.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "markdown", "csv", "latex", "json"]),
    default="table",
    show_default=True,
    help="How the table is printed.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write instead of printing. [with --format table: Markdown]",
)
@click.option(
    "--cells",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of finished cells. [default: comparisons in the workspace]",
)
@click.pass_obj
def compare(
    context: Context,
    /,
    runs: tuple[str, ...],
    models: tuple[str, ...],
    form: str,
    as_json: bool,
    output: Path | None,
    **given: Any,
) -> None:
    """Compare models, or runs, on the same test rows: which is best, and is it by chance?

    Each model is fitted as a run would be: epochs are chosen on valid, then it is fitted on
    train + valid, with several seeds where the seed matters. Each cell of model and seed has
    a process of its own and is kept: the same command goes on after an interruption, and a
    finished cell is not computed again. No database is asked. Data are a split of the
    workspace, the folder of a split, one file that the protocol cuts, or files of train and
    test.

    \b
    Examples:
      reelgraph compare --models most-popular,ease,attention-lstm --seeds 3
      reelgraph compare --models ease,short=ease --set short.reg=50 --protocol leave-one-out
      reelgraph compare --models bias,svd --task rating --train u1.base --test u1.test
      reelgraph compare --preset papers --task rating --data ratings.csv
      reelgraph compare --models attention-lstm --knowledge real --knowledge none --format latex
      reelgraph compare --models few=ease,many=ease --set few.reg=100 --fold valid
      reelgraph compare ease-user-time-1a2b3c4d attention-lstm-user-time-5e6f7a8b
    """
    if bool(runs) == bool(models or given["preset"]):
        raise InputError(
            "name runs or --models (or --preset), one of both",
            "reelgraph compare --models ease,attention-lstm; or reelgraph compare RUN RUN",
        )
    table = _of_runs(context, runs, given) if runs else _of_models(context, models, given)
    _put(context, table, "json" if as_json else form, output)


def _put(context: Context, table: Comparison, form: str, output: Path | None) -> None:
    from ..artifacts import atomic
    from ..pipeline.comparison.formats import FORMATS
    from .comparison_table import show

    if output is None and form == "table":
        show(context, table)
        return
    text = FORMATS["markdown" if form == "table" else form](table)
    if output is None:
        click.echo(text)
        return
    with atomic(output) as temporary:
        temporary.write_text(f"{text}\n", encoding="utf-8")
    context.note(f"written: {output}")


def _of_runs(context: Context, runs: tuple[str, ...], given: dict[str, Any]) -> Comparison:
    from ..pipeline.comparison.runs import compare_runs
    from ..pipeline.comparison.table import make_table, with_shuffled_order

    if given["fold"] != "test":
        raise InputError(
            "a run is fitted on train and valid", "Leave out --fold: test is measured."
        )
    others = [flag for name, flag in _OF_MODELS.items() if given[name] not in (None, ())]
    if others:
        raise InputError(
            f"{others[0]} does not go with runs, which are fitted already",
            f"Leave it out, or compare models: reelgraph compare --models ease {others[0]} …",
        )
    metrics, correction = _split(given["metrics"]), given["correction"]
    found = compare_runs(context.settings, runs, context.note, metrics)
    rows = with_shuffled_order(found.rows) if given["shuffled_order"] else found.rows
    return make_table(found.title, found.task, rows, metrics, correction, found.notes)


def _of_models(context: Context, models: tuple[str, ...], given: dict[str, Any]) -> Comparison:
    from ..pipeline.comparison.grid import named_rows
    from ..pipeline.comparison.presets import NO_PRESET, PRESETS
    from .run_options import assignment

    assigned = dict(map(assignment, given["assignments"]))
    preset = PRESETS[given["preset"]] if given["preset"] else NO_PRESET
    named = named_rows(models, preset.rows[given["task"]])
    rows, of_protocol = _entries(named, given["knowledge"] or ("real",), assigned)
    data = chosen_data(context, given, of_protocol)
    from ..model.evaluation.user_values import check_metrics
    from ..pipeline.comparison.grid import Grid, run_grid
    from ..pipeline.comparison.table import (
        Measured,
        make_table,
        what_is_relevant,
        with_shuffled_order,
    )

    metrics = _split(given["metrics"])
    check_metrics(metrics, given["task"])
    grid = Grid(
        data,
        tuple(rows),
        given["task"],
        seeds=given["seeds"] or preset.seeds,
        first_seed=given["seed"],
        epochs=given["epochs"] or preset.epochs,
        fold=given["fold"],
        relevant=given["relevant"],
    )
    folder = given["cells"] or context.settings.workspace / "comparisons"
    results = run_grid(context.settings, grid, folder, context.note)
    measured = [Measured(one.entry.name, one.cells, one.why) for one in results]
    if given["shuffled_order"]:
        measured = with_shuffled_order(measured)
    table = make_table(
        data.title(),
        given["task"],
        measured,
        metrics,
        given["correction"],
        (*_labels(data), *what_is_relevant(given["relevant"], given["fold"])),
        given["fold"],
    )
    return _checked(table, measured)


def _checked(table: Comparison, measured: list[Measured]) -> Comparison:
    if all(row.figures is None for row in table.rows):
        raise InputError(
            "no model could be measured: " + "; ".join(f"{one.name}: {one.why}" for one in measured)
        )
    return table


def _labels(data: Data) -> tuple[str, ...]:
    rules = data.bound().rules
    return (f"{rules.protocol}: {rules.label}",) if rules.label else ()


def _entries(
    named: tuple[Entry, ...], knowledge: tuple[Any, ...], assigned: dict[str, Any]
) -> tuple[list[Entry], dict[str, Any]]:
    """Rows with their options, and what is set of the protocol."""
    from ..pipeline.comparison.grid import reads_knowledge

    options = {one.name: dict(one.options) for one in named}
    of_protocol: dict[str, Any] = {}
    for key, value in assigned.items():
        row, dot, option = key.rpartition(".")
        if dot and row not in options:
            raise InputError(f"--set {key}: there is no row '{row}'", f"Rows: {', '.join(options)}")
        (options[row] if dot else of_protocol)[option] = value
    rows = []
    for one in named:
        first = replace(one, options=options[one.name], knowledge=knowledge[0])
        kinds = knowledge if reads_knowledge(first) else ("real",)
        shown = kinds != ("real",)
        rows += [
            replace(
                first, name=f"{one.name}, knowledge {kind}" if shown else one.name, knowledge=kind
            )
            for kind in kinds
        ]
    return rows, of_protocol


def _split(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(one.strip() for text in texts for one in text.split(",") if one.strip())
