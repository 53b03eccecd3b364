"""``reelgraph load``: a source's rows into the graph; one subcommand for each source."""

from __future__ import annotations

from typing import Any

import click

from ..errors import InputError
from .context import Context


class SourceGroup(click.Group):
    """Has a subcommand for each source that reelgraph or a plugin brings."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(self._sources(ctx))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        from .load_source import source_command

        source = self._sources(ctx).get(cmd_name)
        return source_command(source) if source else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        known = self._sources(ctx)
        if args and args[0] not in known and not args[0].startswith("-"):
            lines = "\n".join(f"  {name}: {known[name].description}" for name in sorted(known))
            raise InputError(f"there is no source '{args[0]}'", f"Known sources:\n{lines}")
        return super().resolve_command(ctx, args)

    def _sources(self, ctx: click.Context) -> dict[str, Any]:
        from ..plugins import manager

        context = ctx.find_object(Context)
        plugins = manager.configure(context.settings) if context else manager.current()
        return plugins.sources()


@click.group(cls=SourceGroup, invoke_without_command=True)
@click.option("--reseq", is_flag=True, help="Only number ratings that have no seq yet.")
@click.option("--json", is_flag=True, help="With --reseq: print the result as JSON.")
@click.pass_context
def load(ctx: click.Context, /, reseq: bool, json: bool) -> None:
    """Load a source's files into the graph.

    All rows are checked before the first one is written. Each batch is written exactly
    once. After an interruption the same command goes on where it stopped; until then the
    graph says that it is half loaded ('reelgraph graph stats'). A second load writes only
    what has changed in the files. 'reelgraph load NAME --help' shows what a source reads
    and its options.

    --into-new replaces the data set in the database, with its runs; it asks first. To go
    on with a load that it began, leave it out. What reelgraph did not make is never
    touched: where there is any, the load is refused and says what it found. --into-new
    --delete-everything deletes that, too. --reseq needs no source: it numbers the ratings
    that others have added to the graph.

    \b
    Examples:
      reelgraph load ml-100k
      reelgraph load movielens ./ml-latest-small --dry-run
      reelgraph load tabular mapping.toml --max-errors 100
      reelgraph load --reseq
    """
    if ctx.invoked_subcommand is not None:
        if reseq:
            raise InputError(
                "--reseq works on the graph and takes no source", "reelgraph load --reseq"
            )
        return
    if not reseq:
        click.echo(ctx.get_help())
        return
    _reseq(ctx.ensure_object(Context), json)


def _reseq(context: Context, json: bool) -> None:
    from ..loader.load import reseq

    with context.graph() as graph:
        changed = reseq(graph)
    if json:
        context.echo_json(changed)
    else:
        click.echo(f"Renumbered {changed['renumbered']:,} ratings of {changed['users']:,} users.")
