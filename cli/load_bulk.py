"""``reelgraph load NAME --bulk``: an empty database filled by Neo4j's importer."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..errors import DatabaseError, InputError
from .context import Context
from .load_writing import confirm_emptying

if TYPE_CHECKING:
    from ..graph.unfinished import GraphWork
    from ..loader.bulk import BulkReport
    from ..loader.reading.rejects import Rejects
    from ..loader.source import CanonicalTables


def bulk(
    context: Context,
    tables: CanonicalTables,
    rejects: Rejects,
    work: GraphWork,
    flags: Mapping[str, Any],
) -> BulkReport:
    """Import into the local server, or prepare it for the user's own one."""
    from ..graph.local import LocalServer
    from ..loader.bulk import load_bulk

    into_new, everything = flags["into_new"], flags["delete_everything"]
    if flags["dry_run"]:
        raise InputError("--bulk has no --dry-run", "Check by a dry run without --bulk.")
    if not context.settings.is_local:
        return _prepare(context, tables, rejects, work, into_new, everything)
    server = LocalServer.of(context.settings)
    server.up()
    if into_new:
        with server.graph() as graph:
            confirm_emptying(context, graph, everything=everything, yes=flags["yes"], schema=True)
    return load_bulk(
        server, tables, rejects=rejects, into_new=into_new, everything=everything, work=work
    )


def _prepare(
    context: Context,
    tables: CanonicalTables,
    rejects: Rejects,
    work: GraphWork,
    into_new: bool,
    everything: bool,
) -> BulkReport:
    """Write the importer's files, and say what to do with them."""
    from ..loader.bulk import write_files

    nodes = _check_own_server(context, into_new, everything)
    folder = context.settings.workspace / f"bulk-{tables.source}"
    if folder.exists() and any(folder.iterdir()):
        raise InputError(f"{folder} is not empty", "Move it away; the importer's files go there.")
    folder.mkdir(parents=True, exist_ok=True)
    files, report = write_files(tables, folder, rejects=rejects, work=work)
    command = ["neo4j-admin", *files.arguments(context.settings.database, into_new)]
    if into_new:
        held = f"; now {nodes:,} nodes" if nodes else ""
        warning = f"It replaces everything that the database holds{held}."
    else:
        warning = (
            "It refuses a database that exists, even an empty one, and changes nothing then. To "
            "replace one that you do not need, add --overwrite-destination=true."
        )
    context.note(
        f"The files are in {folder}. On the server's machine, with the database stopped:\n\n"
        f"  cd {shlex.quote(str(folder))}\n"
        f"  {shlex.join(command)}\n\n"
        f"{warning}\n\n"
        f"Then start it and run: {work.command}\n"
        "It adds the constraints and finds everything else done. Until then the graph says that "
        "it is half loaded."
    )
    return report


def _check_own_server(context: Context, into_new: bool, everything: bool) -> int:
    """How many nodes the user's server holds; 0 where it does not answer.

    :raises InputError: when they must not be replaced.
    """
    from ..loader.bulk import check_before

    try:
        with context.graph() as graph:
            return check_before(graph, into_new, everything)
    except DatabaseError as error:
        context.note(f"What the database holds could not be checked: {error.message}")
        return 0
