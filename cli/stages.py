"""The stages one by one: ``train``, ``predict``, ``evaluate``, ``writeback``.

``audit``, which comes after ``predict``, is in :mod:`.audit`.
All but the last need files only, so that a machine with a GPU needs no database.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from .context import Context
from .run_options import make_config, run_options

_run_argument = click.argument("run_id", metavar="[RUN]", required=False)
_again = click.option("--again", is_flag=True, help="Do it again even when it is done.")


@click.command()
@click.option("--split", "split_id", help="Split to train on. [default: the newest]")
@run_options
@_again
@click.pass_obj
def train(
    context: Context,
    /,
    split_id: str | None,
    config_file: Path | None,
    assignments: tuple[str, ...],
    again: bool,
    **given: Any,
) -> None:
    """Train a model on an exported split; prints the run's id.

    Epochs are chosen by early stopping on valid; then the model is fitted once more
    on train + valid. Interrupted, it goes on from its last checkpoint. Needs the
    files of 'reelgraph export' and 'reelgraph gds run', but no database.

    \b
    Examples:
      reelgraph train
      reelgraph train --model ease --set reg=200
      reelgraph --device cuda train --knowledge none --seed 7
    """
    from ..pipeline.run import run_stage
    from ..pipeline.runs import find_split, open_run

    split = find_split(context.settings, split_id)
    manifest = split.manifest()
    config = make_config(
        config_file,
        assignments,
        protocol=manifest["protocol"],
        protocol_parameters=manifest["parameters"],
        **given,
    )
    run = open_run(context.settings, split, config, config.embeddings())
    run_stage("train", context.settings, run, context.note, force=again)
    click.echo(run.run_id)


@click.command()
@_run_argument
@_again
@click.pass_obj
def predict(context: Context, run_id: str | None, again: bool) -> None:
    """Make top-n lists with evidence and attention for every user of a trained run.

    \b
    Examples:
      reelgraph predict
      reelgraph predict attention-lstm-user-time-1a2b3c4d
    """
    _stage(context, "predict", run_id, again)


@click.command()
@_run_argument
@_again
@click.option("--json", "as_json", is_flag=True, help="Print the metrics as JSON.")
@click.pass_obj
def evaluate(context: Context, run_id: str | None, again: bool, as_json: bool) -> None:
    """Measure a run on the test rows, beside baselines on the same split.

    \b
    Examples:
      reelgraph evaluate
      reelgraph evaluate --json
    """
    from .metrics import print_metrics

    run = _stage(context, "evaluate", run_id, again)
    print_metrics(context, run, as_json)


@click.command()
@_run_argument
@_again
@click.pass_obj
def writeback(context: Context, run_id: str | None, again: bool) -> None:
    """Write a run's recommendations, attention and vectors into the graph and activate it.

    Readers see the old run until everything is written, then the new one.

    \b
    Examples:
      reelgraph writeback
      reelgraph writeback attention-lstm-user-time-1a2b3c4d
    """
    _stage(context, "writeback", run_id, again)


def _stage(context: Context, name: str, run_id: str | None, again: bool) -> Any:
    from ..pipeline.run import run_stage
    from ..pipeline.runs import find_run

    run = find_run(context.settings, run_id)
    if name != "writeback":
        run_stage(name, context.settings, run, context.note, force=again)
        return run
    with context.graph() as graph:
        run_stage(name, context.settings, run, context.note, graph=graph, force=again)
    return run
