"""The ``reelgraph`` command: global options, lazy commands, errors without tracebacks."""

from __future__ import annotations

import importlib
import io
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from .. import __version__
from ..errors import ReelgraphError, Stopped
from ..settings import load_settings
from .context import Context
from .requirements import check_requirements

# name: module:attribute; imported when the command is used, so that help stays fast
_COMMANDS = {
    "demo": "demo:demo",
    "neo4j": "neo4j:neo4j_group",
    "doctor": "doctor:doctor",
    "schema": "schema:schema_group",
    "data": "data:data_group",
    "load": "load:load",
    "adopt": "adopt:adopt",
    "graph": "graph:graph_group",
    "export": "export:export",
    "features": "features:features",
    "gds": "gds:gds_group",
    "kge": "kge:kge_group",
    "train": "stages:train",
    "predict": "stages:predict",
    "audit": "audit:audit",
    "evaluate": "evaluate:evaluate",
    "writeback": "stages:writeback",
    "run": "run:run",
    "refresh": "refresh:refresh",
    "compare": "compare:compare",
    "tune": "tune:tune",
    "report": "report:report",
    "runs": "runs:runs_group",
    "recommend": "recommend:recommend",
    "explain": "explain:explain",
    "explore": "explore:explore_group",
    "mcp": "mcp:mcp",
    "plugins": "plugins:plugins",
}


# these make a workspace that is not there yet
_MAKE_WORKSPACE = {"demo", "neo4j"}


class RootGroup(click.Group):
    """Finds built-in commands by module and others in plugins; shows errors with their hint."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        for stream in (sys.stdout, sys.stderr):
            _tolerate(stream)
        return super().main(*args, **kwargs)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*_COMMANDS, *sorted(self._plugin_commands(ctx))]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in _COMMANDS:
            module, _, attribute = _COMMANDS[cmd_name].partition(":")
            loaded = importlib.import_module(f".{module}", __package__)
            command: click.Command = getattr(loaded, attribute)
            return command
        return self._plugin_commands(ctx).get(cmd_name)

    def _plugin_commands(self, ctx: click.Context) -> dict[str, click.Command]:
        from ..plugins import manager

        context: Context | None = ctx.obj
        if context is None:  # help is asked for before all options are read
            context = _context(ctx.params)
        return manager.configure(context.settings).commands(reserved=_COMMANDS)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Stopped as stopped:
            click.echo(str(stopped), err=True)
            ctx.exit(stopped.exit_code)
        except KeyboardInterrupt:
            click.echo("Interrupted. The same command goes on from what is kept.", err=True)
            ctx.exit(130)
        except BrokenPipeError:  # 'reelgraph … | head' has read enough; Click ends quietly
            raise
        except OSError as error:
            if error.strerror is None:
                raise
            where = f": {error.filename}" if error.filename else ""
            click.secho(f"Error: {error.strerror}{where}", fg="red", err=True)
            click.echo("Free space or mend the rights there, or use another --workspace.", err=True)
            ctx.exit(1)
        except MemoryError as error:
            what = f": {error}" if str(error) else ""
            click.secho(f"Error: out of memory{what}", fg="red", err=True)
            click.echo(
                "Give it more (ulimit -v, the container's limit, another machine), or work on "
                "fewer rows. The same command goes on from what is finished.",
                err=True,
            )
            ctx.exit(1)
        except ReelgraphError as error:
            click.secho(f"Error: {error.message}", fg="red", err=True)
            if error.hint:
                click.echo(error.hint, err=True)
            ctx.exit(error.exit_code)


@click.group(cls=RootGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="reelgraph")
@click.option(
    "--workspace",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder with neo4j_data/, datasets/, runs/, .env and reelgraph.toml. [default: here]",
)
@click.option("--uri", help="Your own Neo4j server. [default: the local server]")
@click.option("--username", help="User name at the server.")
@click.option("--password", help="Password; safer in NEO4J_PASSWORD or .env.")
@click.option("--database", help="Database name.")
@click.option("--device", help="Where to train: auto, cpu, cuda or cuda:N.")
@click.option(
    "--plugins-dir",
    type=click.Path(path_type=Path, file_okay=False),
    is_eager=True,  # so that --help after it lists the commands of its plugins
    help="Folder of plain-file plugins.",
)
@click.pass_context
def main(ctx: click.Context, /, **flags: Any) -> None:
    """Explained, sequence-aware recommendations that live in a Neo4j graph.

    Start with 'reelgraph demo', or look around with 'reelgraph doctor'.

    \b
    Examples:
      reelgraph neo4j up
      reelgraph load ml-100k
      reelgraph run
      reelgraph recommend 1
    """
    from ..plugins import manager

    check_requirements()
    ctx.obj = _context(flags)
    _check_workspace(ctx)
    for line in ctx.obj.loaded.warnings:
        click.secho(f"Warning: {line}", fg="yellow", err=True)
    manager.configure(ctx.obj.settings)


def _check_workspace(ctx: click.Context) -> None:
    """A mistyped workspace would look like an empty one."""
    workspace = ctx.obj.settings.workspace
    if workspace.is_dir():
        return
    if ctx.invoked_subcommand not in _MAKE_WORKSPACE or workspace.exists():
        found = "is not a folder" if workspace.exists() else "does not exist"
        raise click.UsageError(f"the workspace {workspace} {found}\nMake it: mkdir -p {workspace}")
    ctx.obj.note(f"the workspace {workspace} is new")


def _tolerate(stream: Any) -> None:
    """Show '?' for what the terminal's encoding lacks, instead of failing after the work."""
    if isinstance(stream, io.TextIOWrapper) and not stream.encoding.lower().startswith("utf"):
        stream.reconfigure(errors="replace")


def _context(flags: Mapping[str, Any]) -> Context:
    try:
        return Context(load_settings(flags))
    except ReelgraphError as error:
        raise click.UsageError(str(error)) from None
