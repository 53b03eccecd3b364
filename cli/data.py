"""``reelgraph data``: official data sets, fetched and checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from .context import Context

if TYPE_CHECKING:
    from ..loader.archives import Archive


@click.group(name="data")
def data_group() -> None:
    """List and fetch official data sets.

    They lie in the folder that REELGRAPH_CACHE_DIR names, outside of the workspace.

    \b
    Examples:
      reelgraph data list
      reelgraph data get ml-1m
    """


@data_group.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
@click.pass_obj
def list_command(context: Context, as_json: bool) -> None:
    """List the data sets: content, size, licence, and whether they are here.

    \b
    Examples:
      reelgraph data list
      reelgraph data list --json
    """
    from ..loader.archives import ARCHIVES

    rows = [_row(context, archive) for archive in ARCHIVES.values()]
    if not as_json:
        rows = [{**row, "here": "yes" if row["here"] else "no"} for row in rows]
        for row in rows:
            del row["path"], row["load"]
    context.echo_rows(rows, as_json, "Data sets")


@data_group.command(name="get")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print where it is as JSON.")
@click.pass_obj
def get_command(context: Context, name: str, as_json: bool) -> None:
    """Fetch the data set NAME unless it is here; prints its path and how to load it.

    An interrupted download goes on where it stopped. The file is compared with its published
    checksum; for IMDb, which publishes none, it is checked to be whole.

    \b
    Examples:
      reelgraph data get ml-latest-small
      reelgraph data get imdb
    """
    from ..loader.archives import archive_named, get

    archive = archive_named(name)
    context.note(f"{archive.name}, {archive.size}. Licence: {archive.licence}")
    path = get(archive, context.settings.cache_dir)
    if as_json:
        context.echo_json(_row(context, archive))
        return
    click.echo(path)
    context.note(f"Load it: {archive.command(context.settings.cache_dir)}")


def _row(context: Context, archive: Archive) -> dict[str, Any]:
    cache_dir = context.settings.cache_dir
    return {
        "name": archive.name,
        "content": archive.content,
        "size": archive.size,
        "licence": archive.licence,
        "here": archive.is_here(cache_dir),
        "path": str(archive.place(cache_dir)),
        "load": archive.command(cache_dir),
    }
