"""``reelgraph plugins``: what is loaded, and what went wrong."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from .context import Context

if TYPE_CHECKING:
    from ..plugins.registry import PluginInfo


@click.command()
@click.option("--json", is_flag=True, help="Print JSON.")
@click.pass_obj
def plugins(context: Context, /, json: bool) -> None:
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
    if json:
        context.echo_json([asdict(plugin) for plugin in found])
    else:
        context.echo_rows([_row(plugin) for plugin in found], title="Plugins")
    if any(plugin.error for plugin in found):
        raise SystemExit(1)


def _row(plugin: PluginInfo) -> dict[str, Any]:
    """A row that fits the terminal: ``register_sources`` shows as ``sources``."""
    hooks = ", ".join(hook.removeprefix("register_") for hook in plugin.hooks)
    return {**asdict(plugin), "hooks": hooks}
