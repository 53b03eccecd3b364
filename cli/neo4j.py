"""``reelgraph neo4j``: the local server."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import ReelgraphError
from ..settings import remember_given
from .context import Context
from .shell import shell

if TYPE_CHECKING:
    from ..graph.local import LocalServer, ServerState

_NOT_RUNNING = 3  # exit code of status, as init scripts have it
_PORT = click.IntRange(1, 65535)


@click.group("neo4j")
def neo4j_group() -> None:
    """The local Neo4j with GDS and Browser: start, stop, look, query, move.

    Its files are in neo4j_data/, its password is in .env. It listens on this machine only.

    \b
    Examples:
      reelgraph neo4j up
      reelgraph neo4j status
      reelgraph neo4j down
    """


neo4j_group.add_command(shell)


@neo4j_group.command()
@click.option("--bolt-port", type=_PORT, help="Port for Bolt. [default: 7687]")
@click.option("--http-port", type=_PORT, help="Port for the Browser. [default: 7474]")
@click.option("--heap", metavar="SIZE", help="Heap, such as 1g or 1500m. [default: 2g]")
@click.option("--page-cache", metavar="SIZE", help="Page cache. [default: 512m]")
@click.option(
    "--neo4j",
    type=click.Choice(["5.26", "2026"]),
    help="Which Neo4j: 5.26, with long-term support, or 2026. [default: the store's, else 5.26]",
)
@click.option("--docker", is_flag=True, help="Use Docker Compose even where Java is there.")
@click.pass_obj
def up(context: Context, /, docker: bool, neo4j: str | None, **options: Any) -> None:
    """Start the local server, unless it runs, and wait until it answers a query.

    The first start fetches Neo4j and GDS with Maven (150 MB, unless Maven's cache has them)
    and makes a random password. Ports and memory given here hold for later starts, too,
    unless the environment, .env or reelgraph.toml say something else. Where Java or Maven
    is missing and a Docker daemon answers, Docker Compose is used. A store belongs to the
    Neo4j that made it, 5.26 or 2026, and the other one refuses it.

    \b
    Examples:
      reelgraph neo4j up
      reelgraph neo4j up --bolt-port 7688 --http-port 7475 --heap 1g
      reelgraph neo4j up --neo4j 2026
      reelgraph neo4j up --docker
    """
    from ..graph.local import LocalServer

    context.note("Starting the local Neo4j …")
    found = LocalServer.of(context.settings.changed(neo4j=neo4j, **options)).up(docker)
    remember_given(context.settings, options)
    click.echo("Neo4j is up." if found.started else "Neo4j was running already.")
    _print_addresses(found.state)
    differing = _differing(found.state, options)
    if differing and not found.started:
        context.note(f"Stop it and start it again for {differing} to take effect.")


@neo4j_group.command()
@click.pass_obj
def down(context: Context) -> None:
    """Stop the server that 'up' started; its data stays.

    \b
    Examples:
      reelgraph neo4j down
    """
    stopped = _server(context).down()
    click.echo("Neo4j is stopped." if stopped else "Neo4j was not running.")


@neo4j_group.command()
@click.option("--json", is_flag=True, help="Print JSON.")
@click.pass_obj
def status(context: Context, json: bool) -> None:
    """Show whether the local server runs, and where. Exits with 3 when it does not.

    \b
    Examples:
      reelgraph neo4j status
      reelgraph neo4j status --json
    """
    found = _status(_server(context))
    if json:
        context.echo_json(found)
    else:
        rows = [{"what": name, "value": value} for name, value in found.items()]
        context.echo_rows(rows, title="Local Neo4j")
    if not found["running"]:
        raise SystemExit(_NOT_RUNNING)


@neo4j_group.command()
@click.option("-n", "--lines", default=50, show_default=True, help="How many lines.")
@click.option("-f", "--follow", is_flag=True, help="Go on with new lines, until Ctrl-C.")
@click.pass_obj
def logs(context: Context, lines: int, follow: bool) -> None:
    """Print the log of the local server's last start.

    \b
    Examples:
      reelgraph neo4j logs
      reelgraph neo4j logs -n 200 --follow
    """
    from ..graph.local import logs as log

    server = _server(context)
    command = server.log_command(lines, follow)
    if command:
        subprocess.run(command, check=False)
        return
    path = server.home.console_log
    for line in log.follow(path, lines) if follow else log.tail(path, lines):
        click.echo(line)


@neo4j_group.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--yes", is_flag=True, help="Overwrite FILE without asking.")
@click.pass_obj
def dump(context: Context, file: Path, yes: bool) -> None:
    """Write the graph to a dump FILE, which Neo4j Desktop, Aura and 'restore' read.

    A running server is stopped meanwhile and started again.

    \b
    Examples:
      reelgraph neo4j dump movies.dump
    """
    from ..graph.local.archive import dump as write_dump

    if file.exists() and not yes:
        click.confirm(f"{file} exists. Overwrite it?", abort=True, err=True)
    context.note("Dumping …")
    write_dump(_server(context), file)
    click.echo(f"{file}: {file.stat().st_size / 1e6:.1f} MB")


@neo4j_group.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--yes", is_flag=True, help="Replace the graph without asking.")
@click.pass_obj
def restore(context: Context, file: Path, yes: bool) -> None:
    """Replace the local server's whole graph by that of a dump FILE.

    A running server is stopped meanwhile and started again.

    \b
    Examples:
      reelgraph neo4j restore movies.dump
    """
    from ..graph.local.archive import restore as put_dump

    server = _server(context)
    if server.home.started_before and not yes:
        click.confirm("This deletes the graph that is there now. Go on?", abort=True, err=True)
    context.note("Restoring …")
    put_dump(server, file)
    click.echo(f"The graph is that of {file}.")


def _server(context: Context) -> LocalServer:
    from ..graph.local import LocalServer

    return LocalServer.of(context.settings)


def _print_addresses(state: ServerState) -> None:
    click.echo(f"  Browser   {state.browser}")
    click.echo(f"  Bolt      {state.uri}")
    click.echo("  User      neo4j, password: REELGRAPH_LOCAL_PASSWORD in .env")


def _differing(state: ServerState, options: dict[str, Any]) -> str:
    """Options that the running server was not started with."""
    return ", ".join(
        "--" + name.replace("_", "-")
        for name, value in options.items()
        if value is not None and getattr(state, name) != value
    )


def _status(server: LocalServer) -> dict[str, Any]:
    state = server.state()
    found: dict[str, Any] = {
        "running": state is not None,
        "files": str(server.home.path),
        "lane": server.lane.name,
    }
    if state is None:
        return found
    found |= {
        "by": "Docker Compose" if state.kind == "compose" else f"Java, process {state.pid}",
        "since": state.started_at,
        "bolt": state.uri,
        "browser": state.browser,
    }
    try:
        with server.graph() as graph:
            component = graph.run("server/components").single() or {}
        found["answers"] = True
        found["neo4j"] = f"{component.get('version')} {component.get('edition')}"
    except ReelgraphError as error:
        found["answers"] = False
        found["problem"] = str(error)
    return found
