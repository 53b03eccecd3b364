"""``reelgraph plugins``: what is loaded, and what went wrong."""

from __future__ import annotations

from dataclasses import asdict

import click

from .context import Context


@click.command()
@click.option("--json", is_flag=True, help="Print JSON.")
@click.pass_obj
def plugins(context: Context, json: bool) -> None:
    """List plugins: name, version, hooks, where each comes from, and its error if it has one.

    Exits with 1 when a plugin failed, so that scripts notice.

    \b
    Examples:
      reelgraph plugins
      reelgraph --plugins-dir my-plugins plugins --json
      REELGRAPH_TRACE_PLUGINS=1 reelgraph plugins
    """
    from ..plugins import manager

    found = manager.configure(context.settings).plugins()
    context.echo_rows([asdict(plugin) for plugin in found], json=json, title="Plugins")
    if any(plugin.error for plugin in found):
        raise SystemExit(1)
