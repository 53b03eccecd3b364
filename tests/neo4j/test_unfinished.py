"""A graph whose writer was stopped does not look whole: it says so, and how to go on."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from adoptable import music
from click.testing import CliRunner, Result
from graph_dump import dump
from small_source import small_tables, some_rows
from test_foreign import moods

from reelgraph.cli import main
from reelgraph.errors import DatabaseError, InputError
from reelgraph.export.dataset import export_dataset
from reelgraph.graph.connection import Graph
from reelgraph.graph.unfinished import unfinished
from reelgraph.loader.adopt import adopt, undo
from reelgraph.loader.adopt.propose import propose
from reelgraph.loader.load import empty, load, reseq

pytestmark = pytest.mark.neo4j

# the command line in a process that gets a signal when a statement has run for the n-th time,
# inside its transaction; or waits there, having said so
_STOPPED = """
import os, sys, time
from reelgraph.graph import connection
from reelgraph.loader.engine import ratings
statement, times, number, *arguments = sys.argv[1:]
left = int(times)
ratings._ROWS_A_BATCH, ratings._THREADS = 40, 1

def stop():
    if number == "wait":
        print("at it", flush=True)
        sys.stdin.read()
    else:
        os.kill(os.getpid(), int(number))
        time.sleep(1)  # the main thread hears of it

def counting(cls):
    plain = cls.run
    def run(self, statement_id, **parameters):
        global left
        result = plain(self, statement_id, **parameters)
        left -= statement_id == statement
        if statement_id == statement and left == 0:
            stop()
        return result
    cls.run = run

counting(connection.Graph)
counting(connection._OpenTransaction)
from reelgraph.cli import main
main(arguments)
"""

COMMANDS = (("export",), ("run", "--model", "most-popular"))


@pytest.fixture
def cli(server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["--workspace", str(tmp_path), *arguments])

    return run


def stopped(
    statement: str, times: int, how: int, workspace: Path, arguments: Sequence[str]
) -> subprocess.CompletedProcess[str]:
    words = [statement, str(times), str(int(how)), "--workspace", str(workspace), *arguments]
    return subprocess.run(
        [sys.executable, "-c", _STOPPED, *words],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_load_stopped_among_the_ratings(
    graph: Graph, cli: Any, tiny_path: Path, tmp_path: Path, how: signal.Signals
) -> None:
    command = ["load", "ml-100k", str(tiny_path), "--max-errors", "3"]
    died = stopped("load/ratings", 3, how, tmp_path, command)
    goes_on = f"reelgraph load ml-100k {tiny_path} --max-errors 3"
    if how == signal.SIGINT:
        assert died.returncode in {1, 130}, died.stderr
        assert "Stopped between two batches" in died.stderr and goes_on in died.stderr
    said = cli("graph", "stats").output
    assert "ml-100k, half loaded" in said and goes_on in said and "12 of 12 users" in said
    (found,) = json.loads(cli("graph", "stats", "--json").output)["unfinished"]
    interactions = found["done"]["interactions"]
    assert 0 < interactions["there"] < interactions["wanted"] == 190
    assert found["process"] is None
    for refused in COMMANDS:
        result = cli(*refused)
        assert result.exit_code == 2, result.output
        assert "the data set ml-100k is half loaded" in result.stderr and goes_on in result.stderr
    assert cli("load", "ml-100k", str(tiny_path)).exit_code == 0
    assert unfinished(graph) == []
    assert "ml-100k, loaded" in cli("graph", "stats").output
    assert cli("export").exit_code == 0
    stopped("load/count_edges", 1, how, tmp_path, ["load", "ml-100k", str(tiny_path)])
    result = cli("gds", "run", "fastrp")  # on files of before, beside a graph that changes
    assert result.exit_code == 2 and "half loaded" in result.stderr


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_emptying_stopped_half_way(
    graph: Graph, cli: Any, tiny_path: Path, tmp_path: Path, how: signal.Signals
) -> None:
    load(graph, small_tables(some_rows()), progress=False)
    load(graph, moods(), progress=False)
    command = ["load", "ml-100k", str(tiny_path), "--into-new", "--yes"]
    died = stopped("load/delete_graph", 1, how, tmp_path, command)
    goes_on = f"reelgraph load ml-100k {tiny_path} --into-new"
    if how == signal.SIGINT:
        assert "half emptied" in died.stderr and goes_on in died.stderr
    said = cli("graph", "stats").output
    assert "half emptied" in said and goes_on in said and "nodes are still there" in said
    for refused in (*COMMANDS, ("load", "--reseq"), ("load", "ml-100k", str(tiny_path))):
        result = cli(*refused)
        assert result.exit_code == 2 and goes_on in result.stderr, result.output
    with pytest.raises(InputError, match="half emptied"):
        load(graph, small_tables(some_rows()), progress=False)
    assert cli(*command).exit_code == 0
    assert unfinished(graph) == []
    after = dump(graph)
    empty(graph)
    cli("load", "ml-100k", str(tiny_path))
    assert dump(graph) == after


def test_emptying_everything_goes_on_with_the_same_flags(
    graph: Graph, cli: Any, tiny_path: Path, tmp_path: Path
) -> None:
    graph.run_text("UNWIND range(1, 9) AS n CREATE (:Thing)-[:HAS]->(:Part)", write=True)
    command = ["load", "ml-100k", str(tiny_path), "--into-new", "--delete-everything", "--yes"]
    stopped("load/delete_any_relationships", 1, signal.SIGINT, tmp_path, command)
    (mark,) = unfinished(graph)
    assert mark.command.endswith(f"{tiny_path} --into-new --delete-everything")
    assert "everything is being deleted" in cli("export").stderr
    assert cli(*command).exit_code == 0 and unfinished(graph) == []


def test_after_the_emptying_the_load_goes_on_without_it(
    graph: Graph, cli: Any, tiny_path: Path, tmp_path: Path
) -> None:
    load(graph, small_tables(some_rows()), progress=False)
    command = ["load", "ml-100k", str(tiny_path), "--into-new", "--yes"]
    died = stopped("load/ratings", 2, signal.SIGINT, tmp_path, command)
    assert "--into-new" not in died.stderr.partition("Go on with:")[2]
    again = cli("load", "ml-100k", str(tiny_path), "--into-new", "--dry-run")
    assert again.exit_code == 0
    assert cli("load", "ml-100k", str(tiny_path)).exit_code == 0 and unfinished(graph) == []


def test_what_adds_to_a_data_set_waits_for_the_whole_of_it(
    graph: Graph, cli: Any, tiny_path: Path, tmp_path: Path
) -> None:
    stopped("load/ratings", 2, signal.SIGKILL, tmp_path, ["load", "ml-100k", str(tiny_path)])
    enricher = replace(moods(), joins=lambda space: True)
    with pytest.raises(InputError, match="ml-100k is half loaded"):
        load(graph, enricher, progress=False)
    cli("load", "ml-100k", str(tiny_path))

    class Broken(Graph):
        def transact(self, work: Any) -> Any:
            if unfinished(self):
                raise KeyboardInterrupt
            return super().transact(work)

    login = (graph.uri, graph.username, graph._password)
    with Broken(*login) as broken, pytest.raises(KeyboardInterrupt):
        load(broken, enricher, progress=False)
    (mark,) = unfinished(graph)
    assert (mark.kind, mark.subject) == ("add", "moods")
    with pytest.raises(InputError, match="what moods adds to the data set is half loaded"):
        export_dataset(graph, tmp_path / "datasets")
    load(graph, enricher, progress=False)
    assert unfinished(graph) == []


def test_a_load_that_runs_at_this_moment(
    graph: Graph, cli: Any, tiny_path: Path, tmp_path: Path
) -> None:
    words = ["load/ratings", "2", "wait", "--workspace", str(tmp_path), "load", "ml-100k"]
    process = subprocess.Popen(
        [sys.executable, "-c", _STOPPED, *words, str(tiny_path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        assert process.stdout and process.stdout.readline() == "at it\n"
        said = " ".join(cli("graph", "stats").output.split())
        assert f"process {process.pid} on" in said and "is at it" in said
        for refused in COMMANDS:
            result = cli(*refused)
            assert result.exit_code == 3
            assert f"process {process.pid} on" in result.stderr and "Wait until" in result.stderr
    finally:
        process.communicate("", timeout=60)
    assert process.returncode == 0 and unfinished(graph) == []


def test_an_adoption_and_its_undoing_stopped_half_way(
    graph: Graph, cli: Any, tmp_path: Path
) -> None:
    music(graph)
    before = dump(graph)
    path = tmp_path / "music.toml"
    assert cli("adopt", "--init", str(path), "--name", "music").exit_code == 0
    stopped("adopt/nodes", 1, signal.SIGKILL, tmp_path, ["adopt", str(path)])
    result = cli("export")
    assert result.exit_code == 2 and "half adopted, as music" in result.stderr
    assert "music, half adopted" in cli("graph", "stats").output
    assert "Go on with it: reelgraph adopt\n" in result.stderr
    assert cli("adopt").exit_code == 0 and unfinished(graph) == []
    assert cli("export").exit_code == 0
    stopped("adopt/undo_label", 1, signal.SIGINT, tmp_path, ["adopt", "--undo", "--yes"])
    result = cli("export")
    assert result.exit_code == 2 and "Go on with it: reelgraph adopt --undo" in result.stderr
    undo(graph)
    assert dump(graph) == before
    adopt(graph, propose(graph, "music").mapping, progress=False)
    assert reseq(graph)["users"] == 0


def test_a_loader_that_lost_its_lock_deletes_nothing_more(graph: Graph) -> None:
    load(graph, small_tables(some_rows()), progress=False)

    class Sleepy(Graph):
        def run(self, statement_id: str, **parameters: Any) -> Any:
            if statement_id == "load/delete_graph":
                self.run_text("MATCH (l:__Lock) SET l.owner = 'other'", write=True)
            return super().run(statement_id, **parameters)

    login = (graph.uri, graph.username, graph._password)
    with Sleepy(*login) as sleepy, pytest.raises(DatabaseError, match="has taken over"):
        empty(sleepy)
    graph.run_text("MATCH (l:__Lock) DELETE l", write=True)
    assert len(graph.run_text("MATCH (u:User) RETURN u").rows) == 20
    assert [one.kind for one in unfinished(graph)] == ["empty"]
