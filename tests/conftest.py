"""Fixtures: a real Neo4j for the tests that need one, and real data.

``server`` starts a Neo4j with GDS of its own, in a temporary folder and on free ports; it
never touches the user's server or ``neo4j_data/``, of which it only shares the jars. With
``REELGRAPH_TEST_URI`` (and ``REELGRAPH_TEST_USERNAME``, ``REELGRAPH_TEST_PASSWORD``) the
tests use that database instead; it must be empty, and is emptied again.
``REELGRAPH_TEST_NEO4J=2026`` makes the tests' own servers those of the other lane.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings
from no_skips import pytest_make_collect_report, pytest_runtest_makereport  # noqa: F401

from reelgraph.artifacts import SplitFolder
from reelgraph.graph import migrations
from reelgraph.graph.connection import Graph
from reelgraph.graph.local import Home, LocalServer, ServerOptions
from reelgraph.graph.local.envfile import read_password
from reelgraph.graph.local.lanes import LANES
from reelgraph.loader.source import CanonicalTables, Reading, SourceOptions
from reelgraph.loader.sources.ml100k import MovieLens100K
from reelgraph.settings import Settings

REPOSITORY = Path(__file__).parents[1]
LANE = LANES[os.environ.get("REELGRAPH_TEST_NEO4J") or "5.26"]
JARS = REPOSITORY / "neo4j_data" / LANE.jars

# a loaded machine exceeds hypothesis's deadline; 'make unit' takes fewer examples
hypothesis_settings.register_profile("all", deadline=None)
hypothesis_settings.register_profile("quick", deadline=None, max_examples=20)
hypothesis_settings.load_profile("all")

# servers of tests live shortly: with Java's quick compiler only they start in half the time;
# its 48 MB for code would be full after some tests, and code made again and again
os.environ.setdefault("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m")

# ends the server when the test run goes away without a word (SIGKILL, SIGTERM)
_WATCHDOG = """
import sys
sys.stdin.read()
from pathlib import Path
from reelgraph.graph.local import Home, LocalServer
LocalServer(Home(Path(sys.argv[1])), Path(sys.argv[2])).down()
"""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What reads MovieLens 100K, which is fetched once, is slow."""
    for item in items:
        if "ml100k_path" in getattr(item, "fixturenames", ()):
            item.add_marker("slow")


@dataclass(frozen=True)
class Server:
    """Where the tests' database is; ``local`` is None for one named by the environment."""

    uri: str
    username: str
    password: str
    database: str = "neo4j"
    local: LocalServer | None = None

    def graph(self) -> Graph:
        return Graph(self.uri, self.username, self.password, self.database)

    @property
    def environment(self) -> dict[str, str]:
        """Variables that make the program use this database."""
        return {
            "NEO4J_URI": self.uri,
            "NEO4J_USERNAME": self.username,
            "NEO4J_PASSWORD": self.password,
            "NEO4J_DATABASE": self.database,
        }

    def settings(self, workspace: Path, **others: object) -> Settings:
        connection = {
            "uri": self.uri,
            "username": self.username,
            "password": self.password,
            "database": self.database,
            "neo4j": LANE.name,
        }
        return Settings.model_validate({"workspace": workspace, **connection, **others})


@pytest.fixture(scope="session", autouse=True)
def _interruptible() -> None:
    """A shell starts background jobs with SIGINT ignored, which their children inherit."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """The user's own server and settings are none of the tests' business."""
    for name in list(os.environ):
        if name.startswith("NEO4J_") or (
            name.startswith("REELGRAPH_") and not name.startswith("REELGRAPH_TEST_")
        ):
            monkeypatch.delenv(name)


def free_ports() -> tuple[int, int]:
    """Two ports that nothing listens on now."""
    with socket.socket() as first, socket.socket() as second:
        first.bind(("127.0.0.1", 0))
        second.bind(("127.0.0.1", 0))
        return first.getsockname()[1], second.getsockname()[1]


def local_server(workspace: Path, heap: str = "1g") -> LocalServer:
    """A local server with its own home and free ports, and the repository's jars."""
    workspace.mkdir(parents=True, exist_ok=True)
    options = ServerOptions(*free_ports(), heap, "128m")
    return LocalServer(Home(workspace / "neo4j_data"), workspace / ".env", options, JARS, LANE)


@contextmanager
def always_stopped(local: LocalServer) -> Iterator[None]:
    """Stop the server after the block, however the block or the whole test run ends."""
    command = [sys.executable, "-c", _WATCHDOG, str(local.home.path), str(local.env_file)]
    watchdog = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)
    try:
        yield
    finally:
        local.down()
        watchdog.communicate()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running Neo4j for the whole test run, or for all tests of one of its workers."""
    named = os.environ.get("REELGRAPH_TEST_URI")
    if named:
        if int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")) > 1:
            pytest.fail("REELGRAPH_TEST_URI is one database: run the tests with -n 0")
        yield _existing(named)
        return
    local = local_server(tmp_path_factory.mktemp("server"))
    with always_stopped(local):
        state = local.up().state
        password = read_password(local.env_file)
        assert password
        with Graph(state.uri, "neo4j", password) as graph:
            migrations.apply(graph)
        yield Server(state.uri, "neo4j", password, local=local)


def _existing(uri: str) -> Server:
    found = Server(
        uri,
        os.environ.get("REELGRAPH_TEST_USERNAME", "neo4j"),
        os.environ.get("REELGRAPH_TEST_PASSWORD", ""),
        os.environ.get("REELGRAPH_TEST_DATABASE", "neo4j"),
    )
    with found.graph() as graph:
        row = graph.run_text("MATCH (n) RETURN count(n) AS nodes").single()
    if row is None or row["nodes"]:
        pytest.exit(f"REELGRAPH_TEST_URI ({uri}) is not empty: the tests would delete its content")
    return found


@pytest.fixture
def graph(server: Server, request: pytest.FixtureRequest) -> Iterator[Graph]:
    """A connection to an empty database: no nodes and no projections.

    The schema of our migrations may be there: a change of the schema makes the server plan every
    query anew, which takes it longer than most tests. For a test marked ``bare`` there is none.
    """
    with server.graph() as graph:
        empty(graph, bare=request.node.get_closest_marker("bare") is not None)
        yield graph
        if server.local is None:
            empty(graph, bare=True)


@pytest.fixture
def split(graph: Graph, tmp_path: Path) -> SplitFolder:
    """A graph with a small data set, and its split."""
    # here and not in a conftest of tests/neo4j: tests import from the one module 'conftest'
    from small_runs import fill, interactions, make_split

    frame = interactions()
    fill(graph, frame)
    return make_split(tmp_path, frame)


def empty(graph: Graph, *, bare: bool = False) -> None:
    """Delete everything in the database; the schema of our migrations only when ``bare``."""
    graph.run_text(
        "MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS", write=True
    )
    constraints, indexes = (set(), set()) if bare else migrations.own_schema()
    for row in graph.run_text("SHOW CONSTRAINTS YIELD name").rows:
        if row["name"] not in constraints:
            graph.run_text("DROP CONSTRAINT $name", write=True, **row)
    for row in graph.run_text("SHOW INDEXES YIELD name, type WHERE type <> 'LOOKUP'").rows:
        if row["name"] not in constraints | indexes:
            graph.run_text("DROP INDEX $name", write=True, name=row["name"])
    procedures = "SHOW PROCEDURES YIELD name WHERE name = 'gds.graph.list' RETURN name"
    if graph.run_text(procedures).rows:
        projections = "CALL gds.graph.list() YIELD graphName"
        drop = "CALL gds.graph.drop(graphName) YIELD graphName AS dropped RETURN dropped"
        graph.run_text(f"{projections} {drop}")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of larger data sets beside the repository."""
    folder = REPOSITORY.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there")
    return folder


@pytest.fixture(scope="session")
def ml100k_path() -> Path:
    """The folder with MovieLens 100K and its knowledge graph, fetched once into the cache."""
    from reelgraph.loader.sources.ml100k.files import fetch

    return fetch(Settings().cache_dir)


@pytest.fixture(scope="session")
def tiny_path() -> Path:
    """A tiny invented data set that ``reelgraph load ml-100k PATH`` reads."""
    return Path(__file__).parent / "data" / "tiny"


@pytest.fixture(scope="session")
def tiny_tables(tiny_path: Path) -> CanonicalTables:
    """The same as tables; its interactions may be read again and again."""
    return MovieLens100K().read(tiny_path, Reading(SourceOptions(), tiny_path))
