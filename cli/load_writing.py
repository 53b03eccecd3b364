"""What the loads by the driver share: asking before a database is emptied, and Ctrl-C."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..errors import ReelgraphError
from .context import Context

if TYPE_CHECKING:
    from ..graph.connection import Graph
    from ..graph.unfinished import GraphWork
    from ..loader.load import LoadReport
    from ..loader.source import CanonicalTables

_INTERRUPTED = 130  # exit code, as shells have it


def load_tables(
    context: Context,
    tables: CanonicalTables,
    rejects: Any,
    work: GraphWork,
    *,
    dry_run: bool,
    into_new: bool,
    delete_everything: bool,
    yes: bool,
) -> LoadReport:
    """Write tables by the driver; with ``into_new`` instead of what the database holds."""
    from ..loader.load import load as write

    with context.graph() as graph:
        if into_new and not dry_run:
            confirm_emptying(context, graph, work, delete_everything, yes)
        try:
            return write(
                graph,
                tables,
                rejects=rejects,
                dry_run=dry_run,
                into_new=into_new,
                everything=delete_everything,
                work=work,
            )
        except KeyboardInterrupt:
            context.note(_stopped(graph, work))
            raise SystemExit(_INTERRUPTED) from None  # said more than every command says


def confirm_emptying(
    context: Context,
    graph: Graph,
    work: GraphWork | None = None,
    everything: bool = False,
    yes: bool = False,
    schema: bool = False,
) -> None:
    """Say what would be deleted and ask, unless there is nothing.

    :param schema: constraints and indexes would be deleted, too.
    :raises InputError: when the database holds what reelgraph did not make.
    :raises click.Abort: when the answer is no.
    """
    from ..graph.unfinished import unfinished
    from ..loader.emptying import check_deletable, replaced

    check_deletable(graph, everything, schema)
    what = replaced(graph, everything)
    if what is None:
        return
    context.note(f"{graph.uri}, database {graph.database}, holds {what}")
    for one in unfinished(graph):
        if work is not None and one.key == work.key and one.kind == "load":
            context.note(f"It is half loaded; without --into-new the load goes on: {one.command}")
    if not yes:
        click.confirm("Delete all of it?", abort=True, err=True)


def _stopped(graph: Graph, work: GraphWork) -> str:
    """How to go on after Ctrl-C."""
    from ..graph.unfinished import unfinished

    try:
        mine = [one for one in unfinished(graph) if one.key == work.key]
    except ReelgraphError:
        return "Stopped. What was begun goes on when the same command is run again."
    if not mine:
        return "Stopped before anything was written."
    return f"Stopped between two batches: {mine[0].state}. Go on with: {mine[0].command}"
