"""``reelgraph runs``: the runs in the graph and on disk."""

from __future__ import annotations

from typing import Any

import click

from .context import Context

_run = click.argument("run_id", metavar="RUN")
_SHOWN = {"precisionAt10": "P@10", "sumReciprocalRankAt10": "ΣRR@10"}


@click.group(name="runs")
def runs_group() -> None:
    """List, show, activate, keep and delete runs.

    Only the active run and those that you keep stay in the graph.

    \b
    Examples:
      reelgraph runs list
      reelgraph runs activate attention-lstm-user-time-1a2b3c4d
    """


@runs_group.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@click.pass_obj
def list_command(context: Context, as_json: bool) -> None:
    """List all runs: in the graph (active, kept …) and on disk.

    The figures of a refit are those of the run that it was made from. Those of a run
    that failed its audit are labelled LEAKS.

    \b
    Examples:
      reelgraph runs list
      reelgraph runs list --json
    """
    from ..loader.runs import list_runs

    with context.graph() as graph:
        rows = list_runs(graph, context.settings.runs_dir)
    if not as_json:
        rows = [{_SHOWN.get(name, name): value for name, value in row.items()} for row in rows]
        for row in rows:
            del row["model"]  # the id begins with it
            row["createdAt"] = str(row["createdAt"])[:16]
    context.echo_rows(rows, as_json, "Runs")


@runs_group.command()
@_run
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_obj
def show(context: Context, run_id: str, as_json: bool) -> None:
    """Show all that the graph says about a run.

    \b
    Examples:
      reelgraph runs show attention-lstm-user-time-1a2b3c4d
    """
    from ..loader.runs import show_run

    with context.graph() as graph:
        found = show_run(graph, run_id, context.settings.runs_dir)
    if as_json:
        context.echo_json(found)
        return
    flat = [(name, value) for name, value in found.items() if not isinstance(value, dict)]
    context.echo_rows([{"property": name, "value": str(value)} for name, value in flat])
    options: dict[str, Any] = found["config"]
    context.echo_rows([{"config": name, "value": str(value)} for name, value in options.items()])


@runs_group.command()
@_run
@click.pass_obj
def activate(context: Context, run_id: str) -> None:
    """Make a run the active one; the one before is removed unless kept.

    Says when the run failed its audit or had none.

    \b
    Examples:
      reelgraph runs activate attention-lstm-user-time-1a2b3c4d
    """
    from ..loader.runs import activate as activate_run
    from .recommend import run_audit

    with context.graph() as graph:
        counters = activate_run(graph, run_id, context.settings.runs_dir)
        context.note(f"run {run_id} is active: {counters}")
        run_audit(context, graph, run_id)


@runs_group.command()
@_run
@click.option("--off", is_flag=True, help="Stop keeping it; if it is not active, it is removed.")
@click.pass_obj
def keep(context: Context, run_id: str, off: bool) -> None:
    """Keep a run in the graph also when another one is active.

    Pictures in the Browser then show the relationships of both.

    \b
    Examples:
      reelgraph runs keep attention-lstm-user-time-1a2b3c4d
      reelgraph runs keep --off attention-lstm-user-time-1a2b3c4d
    """
    from ..loader import runs

    with context.graph() as graph:
        counters = runs.unkeep(graph, run_id) if off else runs.keep(graph, run_id)
    context.note(f"run {run_id} is {'no longer kept' if off else 'kept'}: {counters}")


@runs_group.command()
@_run
@click.option("--force", is_flag=True, help="Also when it is the active run.")
@click.pass_obj
def delete(context: Context, run_id: str, force: bool) -> None:
    """Remove a run from the graph; its folder stays on disk.

    \b
    Examples:
      reelgraph runs delete attention-lstm-user-time-1a2b3c4d
    """
    from ..loader.runs import delete_run

    with context.graph() as graph:
        counters = delete_run(graph, run_id, force)
    folder = context.settings.runs_dir / run_id
    context.note(f"run {run_id} is out of the graph: {counters}; its folder stays: {folder}")
