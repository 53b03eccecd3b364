"""``load --bulk`` asks and refuses before it replaces anything. Server and importer are played."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pandas as pd
import pytest

from reelgraph.cli.context import Context
from reelgraph.cli.load_bulk import bulk
from reelgraph.errors import DatabaseError, InputError
from reelgraph.graph import local
from reelgraph.graph.unfinished import GraphWork
from reelgraph.loader import bulk as loader_bulk
from reelgraph.loader.bulk import BulkReport, load_bulk
from reelgraph.loader.reading.rejects import Rejects
from reelgraph.loader.source import CanonicalTables, EdgeType, GraphSchema, InteractionTable
from reelgraph.settings import load_settings

OVERWRITE = "--overwrite-destination=true"
FLAGS = {"dry_run": False, "into_new": False, "delete_everything": False, "yes": False}


@dataclass
class PlayedServer:
    """A server with so many nodes of a data set, and foreign ones."""

    nodes: int = 0
    foreign: int = 0
    adopted: bool = False
    imports: list[Sequence[str]] = field(default_factory=list)
    uri: str = "bolt://played:7687"
    database: str = "neo4j"

    def up(self) -> None: ...

    @contextmanager
    def graph(self, local: bool = False) -> Iterator[PlayedServer]:
        yield self

    def run(self, statement: str, **_: Any) -> SimpleNamespace:
        rows: dict[str, dict[str, Any]] = {
            "load/count_foreign": {"nodes": self.nodes},
            "load/read_dataset": {
                "name": "mine" if self.nodes else None,
                "adopted": self.adopted,
                **dict.fromkeys(("users", "items", "entities", "interactions"), self.nodes),
            },
            "load/foreign_nodes": {"labels": ["Thing"], "nodes": self.foreign},
        }
        found = [rows[statement]] if statement in rows else []
        if statement == "load/foreign_nodes" and not self.foreign:
            found = []
        return SimpleNamespace(single=lambda: found[0] if found else None, rows=found)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> PlayedServer:
    played = PlayedServer()

    def import_graph(_: Any, arguments: Sequence[str], folder: Path) -> dict[str, float]:
        played.imports.append(arguments)
        return {}

    monkeypatch.setattr(local.LocalServer, "of", lambda _: played)
    monkeypatch.setattr(loader_bulk, "import_graph", import_graph)
    monkeypatch.setattr(loader_bulk, "load_lock", lambda _: nullcontext("owner"))
    return played


@pytest.fixture
def command(tmp_path: Path, server: PlayedServer) -> Callable[..., BulkReport]:
    """The command with flags, for the local server or for the user's own."""

    work = GraphWork("load songs", "reelgraph load songs.toml")

    def run(own: bool = False, **flags: bool) -> BulkReport:
        uri = server.uri if own else None
        context = Context(load_settings({"workspace": tmp_path, "uri": uri}, {}))
        monkey: Any = context
        monkey.graph = server.graph
        return bulk(context, tables(), Rejects(), work, {**FLAGS, **flags})

    return run


def tables() -> CanonicalTables:
    songs = pd.DataFrame({"itemId": [1], "title": ["a"]})
    entities = pd.DataFrame({"entityId": ["tag:a"], "name": ["a"], "labels": [["Tag"]]})
    tagged = pd.DataFrame({"start": [1], "end": ["tag:a"]})
    likes = InteractionTable.of(
        "likes", pd.DataFrame({"userId": [1], "itemId": [1], "rating": [1.0]})
    )
    schema = GraphSchema("Song", ("Tag",), (EdgeType("TAGGED", "Song", "Tag"),))
    return CanonicalTables(
        "made-up", "songs", schema, None, songs, entities, {"TAGGED": tagged}, likes
    )


def test_the_users_own_nodes_are_not_replaced_unasked(
    server: PlayedServer, command: Callable[..., BulkReport], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def no(text: str, **_: Any) -> None:
        asked.append(text)
        raise click.Abort

    monkeypatch.setattr(click, "confirm", no)
    server.nodes = 1234
    with pytest.raises(click.Abort):
        command(into_new=True)
    assert asked == ["Delete all of it?"] and not server.imports
    command(into_new=True, yes=True)
    server.nodes = 0
    command(into_new=True)
    assert len(asked) == 1 and len(server.imports) == 2
    server.nodes, server.foreign = 7, 3
    with pytest.raises(InputError, match=r"did not make: 3 nodes \(:Thing\)"):
        command(into_new=True, yes=True)
    assert len(server.imports) == 2
    command(into_new=True, delete_everything=True, yes=True)
    assert len(server.imports) == 3
    assert all(OVERWRITE in arguments for arguments in server.imports)


@pytest.mark.parametrize("own", [False, True])
def test_an_adopted_graph_is_not_replaced(
    server: PlayedServer, command: Callable[..., BulkReport], own: bool
) -> None:
    server.nodes, server.adopted = 3, True
    with pytest.raises(InputError, match="adopted as mine"):
        command(own=own, into_new=True, yes=True)
    assert not server.imports


def test_what_came_while_the_files_were_written_stays(
    server: PlayedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = loader_bulk.write_files

    def slow(*arguments: Any, **named: Any) -> Any:
        server.nodes = 1
        return write(*arguments, **named)

    monkeypatch.setattr(loader_bulk, "write_files", slow)
    any_server: Any = server
    with pytest.raises(InputError, match="only makes a first load"):
        load_bulk(any_server, tables())
    assert not server.imports


def test_the_command_for_an_own_server_overwrites_only_when_told(
    server: PlayedServer,
    command: Callable[..., BulkReport],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    server.nodes = 5
    with pytest.raises(InputError, match="holds 5 nodes"):
        command(own=True)
    assert not (tmp_path / "bulk-made-up").exists()
    command(own=True, into_new=True)
    said = capsys.readouterr().err
    assert OVERWRITE in _printed(said) and "now 5 nodes" in said
    (tmp_path / "bulk-made-up").rename(tmp_path / "away")
    assert f"cd {shlex.quote(str(tmp_path / 'bulk-made-up'))}\n" in said
    assert "--nodes=./users-header.csv,./users.csv" in _printed(said)
    assert "run: reelgraph load songs.toml\n" in said
    server.nodes = 0
    command(own=True)
    said = capsys.readouterr().err
    assert OVERWRITE not in _printed(said) and f"add {OVERWRITE}" in said


def test_an_own_server_may_be_stopped(
    server: PlayedServer,
    command: Callable[..., BulkReport],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    @contextmanager
    def down(_: Any) -> Iterator[Any]:
        raise DatabaseError("no Neo4j answers")
        yield

    monkeypatch.setattr(server, "graph", lambda: down(server))
    command(own=True)
    said = capsys.readouterr().err
    assert "What the database holds could not be checked: no Neo4j answers" in said
    assert OVERWRITE not in _printed(said)


def _printed(said: str) -> str:
    """The command for neo4j-admin."""
    return next(line for line in said.splitlines() if "neo4j-admin database import" in line)
