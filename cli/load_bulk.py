"""``reelgraph load NAME --bulk``: an empty database filled by Neo4j's importer."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from .context import Context
from .load import confirm_emptying

if TYPE_CHECKING:
    from ..loader.bulk import BulkReport
    from ..loader.rejects import Rejects
    from ..loader.source import CanonicalTables


def bulk(
    context: Context, tables: CanonicalTables, rejects: Rejects, flags: Mapping[str, Any]
) -> BulkReport:
    """Import into the local server, or prepare it for the user's own one."""
    from ..graph.local import LocalServer
    from ..loader.bulk import load_bulk

    if flags["dry_run"]:
        raise InputError("--bulk has no --dry-run", "Check by a dry run without --bulk.")
    if not context.settings.is_local:
        return _prepare(context, tables, rejects)
    server = LocalServer.of(context.settings)
    server.up()
    if flags["into_new"]:
        context.note("The importer replaces everything in the database, nodes of others, too.")
        with server.graph() as graph:
            confirm_emptying(context, graph, flags["yes"])
    return load_bulk(server, tables, rejects=rejects, into_new=flags["into_new"])


def _prepare(context: Context, tables: CanonicalTables, rejects: Rejects) -> BulkReport:
    """Write the importer's files, and say what to do with them."""
    from ..loader.bulk import write_files

    folder = context.settings.workspace / f"bulk-{tables.source}"
    if folder.exists() and any(folder.iterdir()):
        raise InputError(f"{folder} is not empty", "Move it away; the importer's files go there.")
    folder.mkdir(parents=True, exist_ok=True)
    files, report = write_files(tables, folder, rejects=rejects)
    command = ["neo4j-admin", *files.arguments(context.settings.database)]
    context.note(
        f"The files are in {folder}. On the server's machine, with the database stopped:\n\n"
        f"  {shlex.join(command)}\n\n"
        "Then start it and run this command again without --bulk: it adds the constraints and "
        "finds everything else done."
    )
    return report
