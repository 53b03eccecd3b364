"""``reelgraph mcp``: a client of the SDK speaks with it over stdio, about a run in a graph."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp.types import TextContent, TextResourceContents
from small_runs import fill, interactions, make_run, make_split

from reelgraph.graph import migrations
from reelgraph.graph.connection import Graph
from reelgraph.mcp_server.answers import BYTES_PER_TOKEN
from reelgraph.results.writeback import write_run

pytestmark = pytest.mark.neo4j

ROOT = Path(__file__).parents[2]
_COMMAND = [sys.executable, "-m", "reelgraph", "mcp"]


@pytest.fixture
def workspace(graph: Graph, server: Any, tmp_path: Path) -> Path:
    """A workspace whose .env names the tests' server, which has a run."""
    migrations.apply(graph)
    frame = interactions()
    fill(graph, frame)
    graph.run_text("MATCH (m:Item) WHERE m.itemId < 3 SET m.title = 'Twice'", write=True)
    split = make_split(tmp_path, frame)
    write_run(graph, make_run(split, "lstm-1"), split, progress=False, grace=0.0)
    lines = [f"{name}={value}\n" for name, value in server.environment.items()]
    (tmp_path / ".env").write_text("".join(lines), encoding="utf-8")
    return tmp_path


def speak(workspace: Path, work: Callable[[Client], Awaitable[None]], *options: str) -> None:
    """Let a client work with a server of its own."""
    parameters = StdioServerParameters(
        command=_COMMAND[0], args=[*_COMMAND[1:], *options], cwd=workspace
    )

    async def run() -> None:
        async with Client(parameters) as client:
            await work(client)

    asyncio.run(run())


async def ask(client: Client, tool: str, **arguments: Any) -> Any:
    """The rows of an answer, or the text of an error."""
    answer = await client.call_tool(tool, arguments)
    (content,) = answer.content
    assert isinstance(content, TextContent)
    return content.text if answer.is_error else json.loads(content.text)


def test_a_client_asks_all_there_is(graph: Graph, workspace: Path) -> None:
    async def work(client: Client) -> None:
        tools = (await client.list_tools()).tools
        assert all(one.annotations and one.annotations.read_only_hint for one in tools)
        assert all(
            len(one.model_dump_json(exclude_none=True)) < 2_000 * BYTES_PER_TOKEN for one in tools
        )
        assert "cypher" not in {one.name for one in tools}
        rows = (await ask(client, "recommendations", userId="3", n=3))["rows"]
        stored = graph.run("analyst/recommendations", userId=3, n=3).rows
        assert [row["itemId"] for row in rows] == [row["itemId"] for row in stored]
        first = rows[0]["title"]
        found = await ask(client, "explain", userId=3, item=first)
        assert (found["title"], found["rank"], len(found["rows"])) == (first, 1, 5)
        assert found["rows"][0]["sentence"].startswith("Because you rated Movie ")
        many = await ask(client, "live_top_n", userId=3, n=60)
        assert len(many["rows"]) == 10 and "10 of more than 10" in many["note"]
        last = await ask(client, "why_not", userId=3, item=many["rows"][-1]["title"])
        assert "is recommended to user 3: it is number 10" in last
        stands = graph.run("analyst/live_top_n", userId=3, n=30).rows[-1]
        found = await ask(client, "why_not", userId=3, item=stands["itemId"])
        assert found["rank"] == 30 and len(found["rows"]) == 3
        assert found["sentences"][0].startswith("number 30 of all items")
        known = {"userId": 3, "item": "Movie 60", "name": "movie", "titles": ["Movie 5"]}
        others = {
            tuple(one.input_schema["required"]): one.name
            for one in tools
            if one.name not in ("explain", "why_not", "graph_schema")
        }
        for needed, name in others.items():  # one for each combination of what is needed
            answered = await ask(client, name, **{one: known[one] for one in needed})
            assert answered["rows"], name
        (resource,) = (await client.list_resources()).resources
        (text,) = (await client.read_resource(resource.uri)).contents
        assert isinstance(text, TextResourceContents)
        assert "(:User)-[:RATED]->(:Movie) {rating FLOAT, seq INTEGER}" in text.text

    speak(workspace, work, "--rows", "10")


def test_errors_say_what_to_do(graph: Graph, workspace: Path) -> None:
    async def work(client: Client) -> None:
        assert "there is no user 99" in await ask(client, "why_not", userId=99, item="Movie 5")
        assert "fits 2 items" in await ask(client, "audience", item="Twice")
        assert "Did you mean" in await ask(client, "audience", item="Moovie 7")
        assert "those of this graph are integers" in await ask(client, "live_top_n", userId="Ann")
        frame = interactions()
        seen = int(frame[frame["user"] == 3]["item"].max())
        assert "is not among" in await ask(client, "explain", userId=3, item=seen)
        assert "Tools: " in await ask(client, "cypher", query="RETURN 1")
        graph.run_text("MATCH (t:Task) DETACH DELETE t", write=True)
        assert "no run is active" in await ask(client, "recommendations", userId=3)
        assert "no run is active" in await ask(client, "run_coverage")

    speak(workspace, work)


def test_own_cypher_only_reads(graph: Graph, workspace: Path) -> None:
    async def work(client: Client) -> None:
        async def cypher(query: str, **parameters: Any) -> Any:
            return await ask(client, "cypher", query=query, parameters=parameters)

        found = await cypher("MATCH (m:Item {itemId: $id}) RETURN m.title AS title", id=7)
        assert found["rows"] == [{"title": "Movie 7"}]
        assert (await cypher("CALL db.labels()"))["rows"]
        for query in (
            "CREATE (:New)",
            "MATCH (n) SET n.x = 1",
            "CREATE INDEX new FOR (n:New) ON (n.x)",
            "CALL db.createLabel('New')",
        ):
            assert "only reading is allowed" in await cypher(query)
        for query in (
            "LOAD CSV FROM 'file:///a.csv' AS row RETURN row",
            "SHOW SETTINGS",
            "TERMINATE TRANSACTIONS 'neo4j-transaction-1'",
            "CALL gds.graph.list() YIELD graphName RETURN graphName",
        ):
            assert "more than read the graph" in await cypher(query)
        assert "Invalid input" in await cypher("MATCH (n) GIVE n")
        slow = "UNWIND range(1, 1000000000) AS i WITH i WHERE i % 7 = 8 RETURN count(i)"
        assert "took too long" in await cypher(slow)

    speak(workspace, work, "--allow-cypher", "--time-out", "1")
    assert not graph.run_text("MATCH (n:New) RETURN n").rows


def test_nothing_but_the_protocol_is_on_stdout_and_no_password_anywhere(
    workspace: Path, server: Any
) -> None:
    """Of a server that cannot be reached, too: it is an error of each call."""
    asked = {"jsonrpc": "2.0", "id": 1, "method": "initialize"}
    asked["params"] = {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "0"},
    }
    call = {"name": "recommendations", "arguments": {"userId": 3}}
    lines = [
        asked,
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": call},
    ]
    down = {**os.environ, "NEO4J_URI": "bolt://127.0.0.1:1", "NEO4J_PASSWORD": server.password}
    with subprocess.Popen(
        _COMMAND,
        cwd=workspace,
        env=down,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin and process.stdout and process.stderr
        for line in lines:
            process.stdin.write(json.dumps(line) + "\n")
            process.stdin.flush()
        said = [process.stdout.readline() for _ in range(2)]
        process.stdin.close()
        rest = process.stdout.read()
        assert process.wait(timeout=60) == 0
        errors = process.stderr.read()
    assert [json.loads(line)["id"] for line in said] == [1, 2] and rest == ""
    result = json.loads(said[1])["result"]
    assert result["isError"] and "no Neo4j answers" in result["content"][0]["text"]
    assert server.password not in "".join(said) + errors


def test_the_client_of_the_documentation_works(workspace: Path) -> None:
    text = (ROOT / "docs" / "mcp.md").read_text(encoding="utf-8")
    (script,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=workspace,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert " 1. Movie " in done.stdout and "because of Movie " in done.stdout
