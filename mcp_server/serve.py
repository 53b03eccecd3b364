"""The server itself, over stdin and stdout, by the official SDK."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any

from mcp.server import Server, ServerRequestContext
from mcp.server.stdio import stdio_server
from mcp.types import (
    CallToolRequestParams,
    CallToolResult,
    ListResourcesResult,
    ListToolsResult,
    PaginatedRequestParams,
    ReadResourceRequestParams,
    ReadResourceResult,
    Resource,
    TextContent,
    TextResourceContents,
    ToolAnnotations,
)
from mcp.types import Tool as ListedTool

from .. import __version__
from ..errors import ReelgraphError
from ..graph.connection import Graph
from ..graph.reader import Reader
from .calls import Offered, offered
from .limits import Limits
from .schema_text import schema_text
from .tools import notes

SCHEMA_URI = "reelgraph://schema"

_READS = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)
_ABOUT = (
    "Recommendations with their reasons, from a Neo4j graph that is only read. Users are named by "
    "id; items by id or title, a title that several have by id. find_items finds titles. Answers "
    "are JSON: rows, and a note where some are left out. A column without a value is left out, too."
)
_log = logging.getLogger(__name__)

Context = ServerRequestContext[Any]


def serve(connect: Callable[[], Graph], limits: Limits, allow_cypher: bool = False) -> None:
    """Answer on stdout what is asked on stdin, until that ends.

    :param connect: makes the connection, at the first question.
    """
    reader = Reader(connect, limits.seconds)
    try:
        asyncio.run(_serve(make_server(reader, limits, allow_cypher)))
    finally:
        reader.close()


async def _serve(server: Server[Any]) -> None:
    async with stdio_server() as (read, write):
        await server.run(read, write, server.create_initialization_options())


def make_server(reader: Reader, limits: Limits, allow_cypher: bool = False) -> Server[Any]:
    """A server with all tools and the resource of the schema."""
    tools = offered(reader, limits, allow_cypher)

    async def list_tools(_: Context, __: PaginatedRequestParams | None) -> ListToolsResult:
        return ListToolsResult(tools=[_listed(one) for one in tools.values()])

    async def call_tool(_: Context, asked: CallToolRequestParams) -> CallToolResult:
        # the driver blocks: each call has a thread
        return await asyncio.to_thread(_answer, tools, asked.name, asked.arguments or {})

    async def list_resources(_: Context, __: PaginatedRequestParams | None) -> ListResourcesResult:
        return ListResourcesResult(resources=[_SCHEMA])

    async def read_resource(_: Context, asked: ReadResourceRequestParams) -> ReadResourceResult:
        if str(asked.uri) != SCHEMA_URI:
            raise ValueError(f"the only resource is {SCHEMA_URI}")
        text = await asyncio.to_thread(schema_text, reader, limits.tokens)
        content = TextResourceContents(uri=SCHEMA_URI, mime_type="text/plain", text=text)
        return ReadResourceResult(contents=[content])

    return Server(
        "reelgraph",
        version=__version__,
        instructions="\n".join([_ABOUT, *notes()]),
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_resources=list_resources,
        on_read_resource=read_resource,
    )


_SCHEMA = Resource(
    uri=SCHEMA_URI,
    name="schema",
    description="Labels, relationship types and properties of the graph.",
    mime_type="text/plain",
)


def _listed(one: Offered) -> ListedTool:
    return ListedTool(
        name=one.tool.name,
        description=one.tool.description,
        input_schema=dict(one.tool.schema),
        annotations=_READS,
    )


def _answer(tools: Mapping[str, Offered], name: str, given: Mapping[str, Any]) -> CallToolResult:
    """Text of the answer, or of what is wrong and what to do."""
    if name not in tools:
        return _said(f"there is no tool '{name}'\nTools: {', '.join(tools)}", True)
    try:
        return _said(tools[name].call(given))
    except ReelgraphError as error:
        return _said(str(error), True)
    except Exception as error:
        _log.exception("tool %s failed", name)
        return _said(f"the tool failed: {type(error).__name__}; the server's log says more", True)


def _said(text: str, is_error: bool = False) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=text)], is_error=is_error)
