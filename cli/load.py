"""``reelgraph load``: a source's rows into the graph."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import InputError
from .context import Context

if TYPE_CHECKING:
    from ..graph.connection import Graph
    from ..loader.load import LoadReport
    from ..loader.source import CanonicalTables


@click.command()
@click.argument("source", required=False)
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check files and database, write nothing.")
@click.option("--into-new", is_flag=True, help="Empty the database first; asks before.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--reseq", is_flag=True, help="Only number ratings that have no seq yet.")
@click.option("--json", is_flag=True, help="Print the report as JSON.")
@click.pass_obj
def load(
    context: Context,
    /,
    source: str | None,
    path: Path | None,
    dry_run: bool,
    into_new: bool,
    yes: bool,
    reseq: bool,
    json: bool,
) -> None:
    """Load SOURCE, such as ml-100k, from the files in PATH; without PATH it is fetched.

    All rows are checked before the first one is written. Each batch is written exactly
    once: interrupted, the same command goes on where it stopped, and a second run
    changes nothing. 'reelgraph plugins' shows where more sources come from.

    --reseq needs no SOURCE: it numbers the ratings that others have added to the graph.

    \b
    Examples:
      reelgraph load ml-100k
      reelgraph load ml-100k recbole-1.2.1-py3-none-any.whl --dry-run
      reelgraph load ml-100k ./ml-100k --into-new
      reelgraph load --reseq
    """
    if reseq:
        _reseq(context, source, json)
        return
    tables = _read(context, source, path)
    with context.graph() as graph:
        if into_new and not dry_run:
            _check_before_emptying(graph, tables)
            _empty(context, graph, yes)
        report = _load(context, graph, tables, dry_run)
    if json:
        context.echo_json(report.as_dict())
    else:
        rows = [{"rows": name, "number": number} for name, number in report.rows.items()]
        context.echo_rows(rows, title=f"Read from {source}")
        click.echo(str(report))


def _check_before_emptying(graph: Graph, tables: CanonicalTables) -> None:
    """What would stop the load stops it while the old graph is still there."""
    from ..graph import migrations
    from ..loader.validate import check_tables

    check_tables(tables)
    migrations.apply(graph)


def _read(context: Context, name: str | None, path: Path | None) -> CanonicalTables:
    from ..plugins import manager

    sources = manager.configure(context.settings).sources()
    known = "\n".join(f"  {key}: {kind.description}" for key, kind in sorted(sources.items()))
    if name is None:
        raise InputError("no source is named", f"Known sources:\n{known}")
    if name not in sources:
        raise InputError(f"there is no source '{name}'", f"Known sources:\n{known}")
    source = sources[name]()
    if source.licence:
        context.note(source.licence)
    return source.read(path, context.settings.cache_dir)


def _load(context: Context, graph: Graph, tables: CanonicalTables, dry_run: bool) -> LoadReport:
    from ..loader.load import load as load_tables

    try:
        return load_tables(graph, tables, dry_run=dry_run)
    except KeyboardInterrupt:
        context.note("Stopped between two batches; run the same command again to go on.")
        raise


def _empty(context: Context, graph: Graph, yes: bool) -> None:
    from ..loader.load import empty, holds

    found = holds(graph)
    counts = {role: found[role] for role in ("users", "items", "entities", "interactions")}
    if found["name"] is None and not any(counts.values()):
        return
    what = ", ".join(f"{number:,} {role}" for role, number in counts.items())
    context.note(
        f"{graph.uri}, database {graph.database}: {found['name'] or 'no data set'}, {what}"
    )
    if not yes:
        click.confirm("Delete all of it, with its runs?", abort=True, err=True)
    context.note(f"Emptied: {empty(graph)}")


def _reseq(context: Context, source: str | None, json: bool) -> None:
    from ..loader.load import reseq

    if source is not None:
        raise InputError("--reseq works on the graph and takes no source", "reelgraph load --reseq")
    with context.graph() as graph:
        changed = reseq(graph)
    if json:
        context.echo_json(changed)
    else:
        click.echo(f"Renumbered {changed['renumbered']:,} ratings of {changed['users']:,} users.")
