"""``reelgraph runs``: the runs in the graph and on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..errors import InputError
from . import completion
from .context import Context

if TYPE_CHECKING:
    from ..graph.connection import Graph

_run = click.argument("run_id", metavar="RUN", shell_complete=completion.runs)
_SHOWN = {"precisionAt10": "P@10", "sumReciprocalRankAt10": "ΣRR@10"}
_NO_GRAPH = "by the folders alone"


@click.group(name="runs")
def runs_group() -> None:
    """List, show, activate, keep and delete runs.

    Only the active runs stay in the graph, those that you keep (runs keep), and as many of
    those that were active before as you say (writeback --keep N, runs prune --keep N). For
    RUN, the beginning of the id is enough, or the beginning of the eight characters that end it.

    \b
    Examples:
      reelgraph runs list
      reelgraph runs activate attention-lstm-user-time-1a2b3c4d
      reelgraph runs show 1a2b
    """


@runs_group.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@click.pass_obj
def list_command(context: Context, as_json: bool) -> None:
    """List all runs: in the graph (active, kept …) and on disk, also without a server.

    The figures of a refit are those of the run that it was made from. Those of a run
    that failed its audit are labelled LEAKS. A run that was not evaluated yet is
    'unfinished'.

    \b
    Examples:
      reelgraph runs list
      reelgraph runs list --json
    """
    from ..results.runs import list_runs

    with context.graph_if_there(_NO_GRAPH) as graph:
        rows = list_runs(graph, context.settings.runs_dir)
    if not as_json:
        rows = [{_SHOWN.get(name, name): value for name, value in row.items()} for row in rows]
        unused = {"model"} if any(row["mind"] for row in rows) else {"model", "mind"}
        for row in rows:
            for name in unused:  # the id begins with the model
                del row[name]
            row["createdAt"] = str(row["createdAt"] or "")[:16].replace("T", " ")
    context.echo_rows(rows, as_json, "Runs", whole="runId")


@runs_group.command()
@_run
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_obj
def show(context: Context, run_id: str, as_json: bool) -> None:
    """Show all that the graph says about a run, or its folder where the graph has none.

    \b
    Examples:
      reelgraph runs show attention-lstm-user-time-1a2b3c4d
    """
    from ..results.runs import full_id, show_run

    runs_dir = context.settings.runs_dir
    with context.graph_if_there(_NO_GRAPH) as graph:
        found = show_run(graph, full_id(graph, run_id, runs_dir), runs_dir)
    if as_json:
        context.echo_json(found)
        return
    flat = [(name, value) for name, value in found.items() if not isinstance(value, dict)]
    context.echo_rows([{"property": name, "value": _text(value)} for name, value in flat])
    options: dict[str, Any] = found["config"]
    context.echo_rows([{"config": name, "value": _text(value)} for name, value in options.items()])


def _text(value: Any) -> str:
    return "" if value is None else str(value)


@runs_group.command()
@_run
@click.pass_obj
def activate(context: Context, run_id: str) -> None:
    """Make a run the active one; the one before is removed unless it stays.

    Says when the run failed its audit or had none. What the active rating run predicts is
    put onto the list of the active ranking run, where it is not there.

    \b
    Examples:
      reelgraph runs activate attention-lstm-user-time-1a2b3c4d
    """
    from ..pipeline.predicted_ratings import rate_active
    from ..results.runs import activate as activate_run
    from ..results.runs import full_id, retired_by
    from .recommend import run_audit

    with context.graph() as graph:
        run_id = full_id(graph, run_id)
        retired = retired_by(graph, run_id)
        counters = activate_run(graph, run_id, context.settings.runs_dir)
        context.note(f"run {run_id} is active: {counters}")
        for line in retired:
            context.note(line)
        rated = rate_active(context.settings, graph, context.note)
        if rated.properties_set:
            context.note(f"predicted ratings are on the recommendations: {rated}")
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
    from ..results import runs

    with context.graph() as graph:
        run_id = runs.full_id(graph, run_id)
        counters = runs.unkeep(graph, run_id) if off else runs.keep(graph, run_id)
    context.note(f"run {run_id} is {'no longer kept' if off else 'kept'}: {counters}")


@runs_group.command()
@click.option(
    "--keep",
    type=click.IntRange(0),
    metavar="N",
    help="From now on the N runs of each task that were active before stay. [default: as many "
    "as was said last, at first none]",
)
@click.pass_obj
def prune(context: Context, keep: int | None) -> None:
    """Remove runs from the graph that nobody needs to go back to; their folders stay.

    Those stay that are active or kept, and the last N of each task that were active before.
    What an interrupted write-back left goes, too.

    \b
    Examples:
      reelgraph runs prune
      reelgraph runs prune --keep 2
    """
    from ..results import runs

    with context.graph() as graph:
        before = {row["runId"] for row in runs.list_runs(graph)}
        counters = runs.clean(graph, keep=keep)
        gone = sorted(before - {row["runId"] for row in runs.list_runs(graph)})
    context.note(f"removed from the graph: {', '.join(gone) or 'no run'}: {counters}")


@runs_group.command()
@click.argument(
    "run_ids", metavar="RUN...", nargs=-1, required=True, shell_complete=completion.runs
)
@click.option("--files", is_flag=True, help="Delete its folder on disk, too; asks first.")
@click.option("--force", is_flag=True, help="Delete it even when it is the active run.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def delete(context: Context, run_ids: tuple[str, ...], files: bool, force: bool, yes: bool) -> None:
    """Remove runs from the graph; their folders stay on disk unless --files is given.

    With --files also a run that is on disk only can go, such as one that failed; then no
    server is needed.

    \b
    Examples:
      reelgraph runs delete attention-lstm-user-time-1a2b3c4d
      reelgraph runs delete 1a2b3c4d 5e6f7a8b --files
    """
    from ..results.runs import full_id

    runs_dir = context.settings.runs_dir
    with context.graph_if_there(_NO_GRAPH) if files else context.graph() as graph:
        found = [full_id(graph, one, runs_dir if files else None) for one in run_ids]
        if files and not yes:
            click.confirm(f"Delete from disk: {', '.join(found)}?", abort=True, err=True)
        for run_id in found:
            _delete(context, graph, run_id, files, force)


def _delete(context: Context, graph: Graph | None, run_id: str, files: bool, force: bool) -> None:
    from ..artifacts import RunFolder
    from ..results.run_folders import delete_folder, was_written_back
    from ..results.runs import delete_run, folder_of

    folder = RunFolder(context.settings.runs_dir / run_id)
    if graph is None and was_written_back(folder) and not force:
        raise InputError(
            f"run {run_id} was written to a graph, and no server answers to say whether it is "
            "in use there",
            "Start the server (reelgraph neo4j up), or add --force.",
        )
    name = folder_of(graph, run_id) if graph else None
    if graph is not None and name is not None:
        folder = RunFolder(context.settings.runs_dir / name)
        counters = delete_run(graph, run_id, force)
        context.note(f"run {run_id} is out of the graph: {counters}")
    if files:
        delete_folder(folder)
        context.note(f"{folder.path} is deleted")
    else:
        context.note(f"its folder stays: {folder.path}")
