"""``reelgraph demo``: the whole path on real data, on the local server only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .context import Context

if TYPE_CHECKING:
    from ..artifacts import RunFolder
    from ..graph.connection import Graph
    from ..graph.local import ServerState
    from ..settings import Settings

_QUERIES = ("top_titles", "attention", "picture")


@click.command()
@click.option("--user", default=1, show_default=True, help="MovieLens user to show.")
@click.option("--docker", is_flag=True, help="Run the server by Docker Compose.")
@click.pass_obj
def demo(context: Context, user: int, docker: bool) -> None:
    """Show everything on MovieLens 100K, from nothing to reasons in the Browser.

    Starts the local Neo4j, loads MovieLens 100K with its Freebase knowledge graph,
    trains, evaluates and writes back. Whatever NEO4J_URI says, it uses the local
    server only. Run again, it skips what is finished.

    \b
    Examples:
      reelgraph demo
      reelgraph demo --user 42
    """
    from ..graph.local import LocalServer
    from ..pipeline.config import RunConfig
    from ..pipeline.run import run_pipeline
    from .metrics import print_metrics
    from .recommend import show_recommendations

    local = context.for_local_server()
    up = LocalServer.of(local.settings).up(docker)
    local.note(f"neo4j: {'started' if up.started else 'running'} at {up.state.uri}")
    with local.graph(local=True) as graph:
        _load(local.settings, graph, local)
        run = run_pipeline(local.settings, graph, RunConfig(), local.note)
        click.echo()
        print_metrics(local, run)
        _print_fusion(local, run)
        click.echo()
        first = show_recommendations(local, graph, user)
    _print_what_next(up.state, user, first)


def _load(settings: Settings, graph: Graph, context: Context) -> None:
    from ..graph import migrations
    from ..loader.load import load
    from ..loader.source import Reading, SourceOptions
    from ..plugins import manager
    from .load_source import work_of

    migrations.apply(graph)
    source = manager.sources()["ml-100k"]
    context.note(source.licence)
    tables = source().read(None, Reading(SourceOptions(), settings.cache_dir))
    report = load(graph, tables, work=work_of("ml-100k", None, ()))
    context.note(f"load: {report.counters} ({report.seconds:.1f} s)")


def _print_fusion(context: Context, run: RunFolder) -> None:
    """How much of an item's embedding comes from knowledge."""
    weights = run.manifest().summary.get("fusion")
    if isinstance(weights, dict):
        parts = ", ".join(f"{name} {weight:.2f}" for name, weight in weights.items())
        context.note(f"Mean weight of each part of an item's embedding: {parts}.")


def _print_what_next(state: ServerState, user: int, item: int | str) -> None:
    from ..explore.queries import pasteable, query_named

    click.secho(f"\nOpen {state.browser}", bold=True)
    click.echo("User neo4j, the password is REELGRAPH_LOCAL_PASSWORD in .env. Queries to paste:")
    for name in _QUERIES:
        click.echo(f"\n{pasteable(query_named(name), {'userId': user})}", nl=False)
    click.echo("\nFor colours, ratings on the lines and a guided tour:")
    click.echo("reelgraph explore build, then reelgraph explore serve")
    click.echo(
        f"\nMore: reelgraph explain {user} {item}, reelgraph recommend {user} --live, "
        "reelgraph explore queries"
    )
    click.echo("The server goes on running; make stop (reelgraph neo4j down) stops it.")
