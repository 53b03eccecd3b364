"""The stages one by one: ``train``, ``predict``, ``writeback``.

``audit``, which comes after ``predict``, is in :mod:`.audit`, ``evaluate`` in :mod:`.evaluate`.
All but the last need files only, so that a machine with a GPU needs no database.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import InputError
from . import completion
from .chosen import chosen_run, chosen_split, split_option
from .context import Context
from .run_options import (
    make_config,
    run_options,
    tensorboard_option,
)

if TYPE_CHECKING:
    from ..artifacts import RunFolder
    from ..pipeline.run import WriteOptions

run_argument = click.argument(
    "run_id", metavar="[RUN]", required=False, shell_complete=completion.runs
)
again_option = click.option("--again", is_flag=True, help="Do it again even when it is done.")


@click.command()
@run_argument
@split_option("Split to train on.")
@run_options
@tensorboard_option
@again_option
@click.pass_obj
def train(
    context: Context,
    /,
    run_id: str | None,
    split_id: str | None,
    config_file: Path | None,
    assignments: tuple[str, ...],
    tensorboard: Path | None,
    again: bool,
    **given: Any,
) -> None:
    """Train a model on an exported split, or go on with RUN; prints the run's id.

    Epochs are chosen by early stopping on valid; then the model is fitted once more
    on train + valid. It needs the files of 'reelgraph export' and 'reelgraph gds run', but
    no database.

    To resume after an interruption, give the same command again, or RUN, which has its
    split and options already; no other option is needed. Training goes on after the last
    whole epoch and ends with the same weights, on the CPU bit for bit. Ctrl-C and SIGTERM
    (exit code 143) leave it so. The epochs are in model/history-choice.jsonl and
    model/history-final.jsonl of the run's folder.

    \b
    Examples:
      reelgraph train
      reelgraph train --model ease --set reg=200
      reelgraph --device cuda train --knowledge none --seed 7
      reelgraph train --set schedule=plateau --tensorboard curves
      reelgraph train attention-lstm-user-time-1a2b3c4d
    """
    if run_id is None:
        run = _new_run(context, split_id, config_file, assignments, given)
    elif split_id or config_file or assignments or any(one is not None for one in given.values()):
        raise InputError(
            f"run {run_id} has its split and options already",
            "Leave out the other options, or leave out RUN to make a new run.",
        )
    else:
        run = _begun_run(context, run_id)
    from ..pipeline.run import run_stage

    settings = context.settings.changed(tensorboard=tensorboard)
    run_stage("train", settings, run, context.note, force=again)
    click.echo(run.run_id)


def _new_run(
    context: Context,
    split_id: str | None,
    config_file: Path | None,
    assignments: tuple[str, ...],
    given: dict[str, Any],
) -> RunFolder:
    """The run that these options make on the split."""
    split = chosen_split(context, split_id)  # before torch is imported, which takes seconds
    from ..pipeline.run import begin_run

    manifest = split.manifest()
    config = make_config(
        config_file,
        assignments,
        protocol=manifest.protocol,
        protocol_parameters=manifest.parameters,
        **given,
    )
    return begin_run(context.settings, split, config, context.note)


def _begun_run(context: Context, run_id: str) -> RunFolder:
    """A run to go on with. :raises ArtifactError: when graph jobs that it reads were redone."""
    from ..pipeline.folders import split_of

    run = chosen_run(context, run_id)
    from ..pipeline.identity import check_jobs

    check_jobs(run, split_of(context.settings, run))
    return run


@click.command()
@run_argument
@again_option
@click.pass_obj
def predict(context: Context, run_id: str | None, again: bool) -> None:
    """Make top-n lists with evidence and attention for every user of a trained run.

    \b
    Examples:
      reelgraph predict
      reelgraph predict attention-lstm-user-time-1a2b3c4d
    """
    run_one_stage(context, "predict", run_id, again)


@click.command()
@run_argument
@again_option
@click.option(
    "--evidence-top",
    type=click.IntRange(0),
    metavar="K",
    help="Store the K strongest pieces of evidence per recommendation. [default: all of the run]",
)
@click.option(
    "--keep",
    type=click.IntRange(0),
    metavar="N",
    help="From now on the N runs of this task that were active before stay in the graph. "
    "[default: as many as was said last, at first none]",
)
@click.pass_obj
def writeback(
    context: Context,
    run_id: str | None,
    again: bool,
    evidence_top: int | None,
    keep: int | None,
) -> None:
    """Write a run's recommendations, attention and vectors into the graph and activate it.

    Readers see the old run until everything is written, then the new one. The old one is
    removed then, unless it is kept (--keep, or 'reelgraph runs keep').

    \b
    Examples:
      reelgraph writeback
      reelgraph writeback attention-lstm-user-time-1a2b3c4d
      reelgraph writeback --evidence-top 3 --keep 2
    """
    from ..pipeline.run import WriteOptions

    options = WriteOptions(evidence_top, keep)
    run_one_stage(context, "writeback", run_id, again, options)


# without RUN, the run must have finished these
_NEEDS = {
    "predict": ("train",),
    "evaluate": ("train", "predict"),
    "writeback": ("train", "predict", "evaluate"),
}


def run_one_stage(
    context: Context,
    name: str,
    run_id: str | None,
    again: bool,
    options: WriteOptions | None = None,
) -> RunFolder:
    """:param options: of a write-back, which alone needs the graph."""
    run = chosen_run(context, run_id, finished=_NEEDS[name])
    from ..pipeline.run import run_stage

    if options is None:
        run_stage(name, context.settings, run, context.note, force=again)
        return run
    with context.graph() as graph:
        run_stage(
            name, context.settings, run, context.note, graph=graph, force=again, options=options
        )
    return run
