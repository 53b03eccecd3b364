"""``reelgraph mcp``: tools for assistants."""

from __future__ import annotations

from contextlib import suppress

import click

from ..errors import SettingsError
from .context import Context


@click.command("mcp")
@click.option(
    "--time-out",
    "seconds",
    type=click.FloatRange(0.1),
    default=30.0,
    show_default=True,
    help="Seconds that a query may take.",
)
@click.option(
    "--rows",
    type=click.IntRange(1),
    default=50,
    show_default=True,
    help="Rows of an answer, at most.",
)
@click.option(
    "--tokens",
    type=click.IntRange(200),
    default=2000,
    show_default=True,
    help="Tokens of an answer, at most, counted as three bytes each.",
)
@click.option(
    "--allow-cypher", is_flag=True, help="Add a tool that runs the client's own queries, read-only."
)
@click.pass_obj
def mcp(context: Context, seconds: float, rows: int, tokens: int, allow_cypher: bool) -> None:
    """Serve the graph to an assistant by the Model Context Protocol.

    A program such as Claude Desktop or VS Code starts this command and speaks with it over
    stdin and stdout; docs/mcp.md says what to write into its configuration. Each of the
    analysts' queries is a tool. All of them only read: the server refuses a write in their
    transactions. It needs the SDK: pip install 'reelgraph[mcp]'.

    \b
    Examples:
      reelgraph mcp
      reelgraph --workspace ~/movies mcp --rows 20 --time-out 10
      reelgraph mcp --allow-cypher
    """
    try:
        from ..mcp_server.serve import serve
    except ImportError as error:
        raise SettingsError(
            f"reelgraph mcp needs the SDK of the protocol, package mcp 2.0 or newer: {error}",
            "pip install 'reelgraph[mcp]'",
        ) from None
    from ..graph.session import open_graph
    from ..mcp_server.limits import Limits

    context.note("reelgraph answers on stdin and stdout; Ctrl-C ends it.")
    with suppress(KeyboardInterrupt):
        serve(lambda: open_graph(context.settings), Limits(seconds, rows, tokens), allow_cypher)
