"""``reelgraph run``: all stages, resumable."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from .context import Context
from .protocol_options import protocol_option
from .run_options import make_config, order_option, run_options, tensorboard_option


@click.command()
@protocol_option
@order_option
@run_options
@tensorboard_option
@click.option(
    "--from",
    "start",
    type=click.Choice(["export", "gds", "train", "predict", "audit", "evaluate", "writeback"]),
    help="Do this stage and the later ones again.",
)
@click.option("--refit", is_flag=True, help="Then fit on every interaction and write that back.")
@click.option("--json", "as_json", is_flag=True, help="Print the run's manifest as JSON.")
@click.pass_obj
def run(
    context: Context,
    /,
    config_file: Path | None,
    assignments: tuple[str, ...],
    order: str | None,
    tensorboard: Path | None,
    start: str | None,
    refit: bool,
    as_json: bool,
    **given: Any,
) -> None:
    """Turn the loaded graph into explained recommendations in it.

    The stages are export, gds, train, predict, audit, evaluate and writeback. A
    finished stage whose inputs are unchanged is skipped; an interrupted one goes on
    when the same command is given again. The audit looks for leaks of test rows; the
    figures of a run that fails it are labelled LEAKS. The run that was evaluated is
    written back. With --refit, a model fitted on every interaction is written back
    instead, which is what production needs.

    \b
    Examples:
      reelgraph run
      reelgraph run --from train --set dropout=0.3
      reelgraph run --refit
      reelgraph run --protocol given --set train=u1.base --set test=u1.test
    """
    from ..pipeline.run import run_pipeline, run_refit
    from .metrics import print_metrics

    if order is not None:
        assignments = (*assignments, f"order={order}")
    config = make_config(config_file, assignments, **given)
    with context.graph() as graph:
        pipeline = run_refit if refit else run_pipeline
        settings = context.settings.changed(tensorboard=tensorboard)
        done = pipeline(settings, graph, config, context.note, start=start)
    if as_json:
        context.echo_json(done.manifest().dump())
        return
    print_metrics(context, done)
    of_task = " --task rating" if config.about == "rating" else ""
    context.note(f"run {done.run_id} is active; see: reelgraph recommend USER{of_task}")
