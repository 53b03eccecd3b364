"""``reelgraph neo4j`` on real servers of its own, in a workspace of its own."""

from __future__ import annotations

import json
import os
import pty
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from conftest import JARS, LANE, always_stopped, free_ports

from reelgraph.cli import main
from reelgraph.cli.checks import all_checks
from reelgraph.errors import DatabaseError
from reelgraph.graph.local import LocalServer, config
from reelgraph.graph.local.envfile import read_password
from reelgraph.graph.local.jars import ensure_jars
from reelgraph.graph.local.process import identify
from reelgraph.graph.local.state import read_state
from reelgraph.graph.session import open_graph
from reelgraph.settings import Settings, load_settings

pytestmark = pytest.mark.neo4j

OWN_ENV = "NEO4J_URI=bolt://elsewhere.invalid:7687\nNEO4J_PASSWORD=their own\n"


class Workspace:
    """A workspace with free ports, the repository's jars and a user's own ``.env``."""

    def __init__(self, path: Path) -> None:
        self.path = path
        bolt, http = free_ports()
        (path / "neo4j_data").mkdir(parents=True)
        (path / "neo4j_data" / LANE.jars).symlink_to(ensure_jars(JARS, LANE))
        (path / "reelgraph.toml").write_text(
            f'bolt_port = {bolt}\nhttp_port = {http}\nheap = "512m"\npage_cache = "64m"\n'
            f'neo4j = "{LANE.name}"\n'
        )

    @property
    def settings(self) -> Settings:
        return load_settings({"workspace": self.path}).settings

    @property
    def server(self) -> LocalServer:
        return LocalServer.of(self.settings)

    def start(self, *arguments: str, **options: Any) -> subprocess.Popen[str]:
        """A command as a process of its own."""
        command = [sys.executable, "-m", "reelgraph", "--workspace", str(self.path), *arguments]
        pipe = subprocess.PIPE
        return subprocess.Popen(
            command, cwd=self.path, stdin=pipe, stdout=pipe, stderr=pipe, text=True, **options
        )

    def run(self, *arguments: str, stdin: str = "") -> Result:
        """A command in this process, which is quicker."""
        return CliRunner().invoke(main, ["--workspace", str(self.path), *arguments], input=stdin)

    def shell(self, query: str, *arguments: str) -> list[dict[str, Any]]:
        done = self.run("neo4j", "shell", "--json", query, *arguments)
        assert done.exit_code == 0, done.stderr
        rows: list[dict[str, Any]] = json.loads(done.stdout)
        return rows


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A workspace whose server was started by one of two simultaneous ``up``."""
    workspace = Workspace(tmp_path_factory.mktemp("local") / "workspace")
    (workspace.path / ".env").write_text(OWN_ENV)
    with always_stopped(workspace.server):
        both = [workspace.start("neo4j", "up") for _ in range(2)]
        said = [process.communicate() for process in both]
        assert [process.returncode for process in both] == [0, 0], said
        firsts = sorted(out.splitlines()[0] for out, _ in said)
        assert firsts == ["Neo4j is up.", "Neo4j was running already."]
        yield workspace


def test_up_keeps_the_users_settings(ready: Workspace) -> None:
    text = (ready.path / ".env").read_text()
    assert text.startswith(OWN_ENV)
    assert (ready.path / ".env").stat().st_mode & 0o777 == 0o600
    assert text.count("REELGRAPH_LOCAL_PASSWORD=") == 1


def test_up_again_says_so(ready: Workspace) -> None:
    pid = json.loads(ready.server.home.state_file.read_text())["pid"]
    again = ready.run("neo4j", "up", "--heap", "1g")
    assert again.exit_code == 0
    assert again.stdout.startswith("Neo4j was running already.")
    assert "--heap" in again.stderr
    assert json.loads(ready.server.home.state_file.read_text())["pid"] == pid


def test_status(ready: Workspace) -> None:
    found = json.loads(ready.run("neo4j", "status", "--json").stdout)
    assert found["running"] and found["answers"]
    assert found["neo4j"] == f"{LANE.versions['neo4j']} community"
    assert found["bolt"] == f"bolt://localhost:{ready.settings.bolt_port}"
    assert "Bolt enabled" in ready.run("neo4j", "logs").stdout


def test_a_changed_password_is_named(ready: Workspace) -> None:
    """A store keeps the password that it was made with."""
    env = ready.path / ".env"
    text = env.read_text()
    try:
        env.write_text("REELGRAPH_LOCAL_PASSWORD=another-one\n")
        refused = ready.run("neo4j", "up")
        assert refused.exit_code == 3
        assert "refuses the password in REELGRAPH_LOCAL_PASSWORD" in refused.stderr
    finally:
        env.write_text(text)
    assert ready.server.state()


def test_it_listens_on_the_loopback_only(ready: Workspace) -> None:
    state = ready.server.state()
    assert state
    for port in (state.bolt_port, state.http_port):
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.2", port), timeout=5)


def test_the_browser_sends_no_usage_data(ready: Workspace) -> None:
    rows = ready.shell("CALL dbms.clientConfig() YIELD name, value RETURN name, value")
    assert {"name": "client.allow_telemetry", "value": "false"} in rows


def test_shell(ready: Workspace) -> None:
    assert ready.shell("RETURN $x + 1 AS next, 'a' AS a", "-P", "x=41") == [{"next": 42, "a": "a"}]
    table = ready.run("neo4j", "shell", "RETURN 'Heat' AS title")
    assert "title" in table.stdout and "Heat" in table.stdout
    two = ready.run("neo4j", "shell", stdin="CREATE (:Thing);\nRETURN 2 AS two;\n")
    assert "1 nodes created" in two.stderr and "two" in two.stdout
    nothing = ready.run("neo4j", "shell", "MATCH (n:Nowhere) RETURN n; MATCH (n:Nowhere) DELETE n")
    assert nothing.stderr == "no rows\nnothing changed\n"
    index = ready.run("neo4j", "shell", "CREATE INDEX things FOR (n:Thing) ON (n.t);")
    assert index.stderr == "1 indexes added\n"
    assert ready.shell("RETURN 1 AS a; RETURN ';' AS b; // RETURN 3") == [[{"a": 1}], [{"b": ";"}]]
    failing = ready.run("neo4j", "shell", "--json", "RETURN 1 AS a; NOT CYPHER")
    assert json.loads(failing.stdout) == [[{"a": 1}]] and failing.exit_code == 1
    wrong = ready.run("neo4j", "shell", "NOT CYPHER")
    assert wrong.exit_code == 1
    assert "Invalid input" in wrong.stderr and "Traceback" not in wrong.stderr


def test_the_prompt_runs_nothing_that_stands_in_a_comment(ready: Workspace) -> None:
    typed = (
        "CREATE (:Keep {n: 1}), (:Keep {n: 2});",
        "/* not now:",
        "MATCH (k:Keep {n: 1}) DETACH DELETE k;",
        "MATCH (k:Keep {n: 2}) DETACH DELETE k;",
        "*/",
        "MATCH (k:Keep) RETURN 'left: ' + count(k) + ';' AS answer;",
        ":param x => 1",
        ":exit",
    )
    shown = on_a_terminal(ready, typed)
    assert "left: 2;" in shown
    assert "deleted" not in shown
    assert ":param is a command of Neo4j Browser" in shown


def on_a_terminal(ready: Workspace, typed: Sequence[str]) -> str:
    """What the prompt shows to someone who types these lines, each when it asks for one."""
    pid, terminal = pty.fork()
    if pid == 0:
        arguments = ["-m", "reelgraph", "--workspace", str(ready.path), "neo4j", "shell"]
        os.execv(sys.executable, [sys.executable, *arguments])
    shown = ""
    waiting = list(typed)
    with suppress(OSError):  # the program has ended
        while part := os.read(terminal, 4096):
            shown += part.decode(errors="replace")
            if waiting and shown.endswith("> "):
                os.write(terminal, f"{waiting.pop(0)}\n".encode())
    os.waitpid(pid, 0)
    return shown


def test_wrong_password_and_server_down_are_told_apart(ready: Workspace) -> None:
    uri = f"bolt://localhost:{ready.settings.bolt_port}"
    with pytest.raises(DatabaseError, match="refuses the user name or password"):
        open_graph(ready.settings.changed(uri=uri, password="not this one"))
    with pytest.raises(DatabaseError, match=r"no Neo4j answers .* refused: nothing listens"):
        open_graph(ready.settings.changed(uri=f"bolt://localhost:{free_ports()[0]}"))
    with open_graph(ready.settings, local=True) as graph:
        assert graph.uri == uri


def test_a_taken_port_is_named(ready: Workspace, tmp_path: Path) -> None:
    other = Workspace(tmp_path / "other")
    taken = str(ready.settings.bolt_port)
    refused = other.run("neo4j", "up", "--bolt-port", taken)
    assert refused.exit_code == 3
    assert f"port {taken}" in refused.stderr and "--bolt-port" in refused.stderr
    assert read_state(other.server.home) is None


def test_a_failed_start_shows_the_reason(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "workspace")
    by_server = workspace.run("neo4j", "up", "--page-cache", "900000g")
    assert by_server.exit_code == 3
    assert "Invalid memory configuration" in by_server.stderr
    by_java = workspace.run("neo4j", "up", "--heap", "1m")
    assert by_java.exit_code == 3
    assert "maximum heap" in by_java.stderr
    assert workspace.server.state() is None
    assert workspace.run("neo4j", "status").exit_code == 3


def test_an_interrupted_start_leaves_nothing_running(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "workspace")
    with always_stopped(workspace.server):
        pid = _pid_of_start(workspace, signal.SIGINT)
        assert identify(pid) is None
        assert not workspace.server.home.state_file.exists()


def test_down_stops_what_a_killed_up_left(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "workspace")
    with always_stopped(workspace.server):
        pid = _pid_of_start(workspace, signal.SIGKILL)
        assert identify(pid)
        assert "is stopped" in workspace.run("neo4j", "down").stdout
        assert identify(pid) is None
        assert "was not running" in workspace.run("neo4j", "down").stdout


def test_doctor(ready: Workspace) -> None:
    done = ready.run("doctor", "--json")
    found = {row["check"]: row for row in json.loads(done.stdout)["checks"]}
    assert done.exit_code == 1  # the user's own server in .env cannot be reached
    assert found["server"]["status"] == "failed" and found["server"]["advice"]
    password = read_password(ready.path / ".env") or ""
    assert password not in done.stdout


def test_checks_of_a_good_server(ready: Workspace) -> None:
    flags = {
        "workspace": ready.path,
        "uri": f"bolt://localhost:{ready.settings.bolt_port}",
        "password": read_password(ready.path / ".env"),
    }
    found = {check.check: check.status for check in all_checks(load_settings(flags))}
    for name in ("Java", "jars", "server", "Neo4j", "GDS", "write access", "disk", "device"):
        assert found[name] == "ok", name
    assert ready.shell("MATCH (lock:__Lock) RETURN lock") == []


def test_dump_and_restore(ready: Workspace, tmp_path: Path) -> None:
    file, wrong = tmp_path / "graph.dump", tmp_path / "wrong.dump"
    query = "MATCH (a)-[r:LIKE]->(b) RETURN a.title AS a, r.by AS by, b.title AS b"
    ready.shell("CREATE (:Movie {title: 'Heat'})-[:LIKE {by: 3}]->(:Movie {title: 'Ronin'})")
    before = ready.shell(query)
    dumped = ready.run("neo4j", "dump", str(file))
    assert dumped.exit_code == 0, dumped.stderr
    assert ready.server.state()  # it ran before, so it runs again
    ready.shell("MATCH (n) DETACH DELETE n")
    assert "is stopped" in ready.run("neo4j", "down").stdout

    store = ready.server.home.data / "databases"
    files = {path: path.read_bytes() for path in (store / "neo4j").rglob("*") if path.is_file()}
    wrong.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    failed = ready.run("neo4j", "restore", str(wrong), "--yes")
    assert failed.exit_code == 3 and "wrong.dump" in failed.stderr
    assert files == {path: path.read_bytes() for path in files}  # nothing is lost

    assert ready.run("neo4j", "restore", str(file), stdin="n\n").exit_code == 1
    restored = ready.run("neo4j", "restore", str(file), "--yes")
    assert restored.exit_code == 0, restored.stderr
    assert {path.name for path in store.iterdir() if path.is_dir()} == {"neo4j", "system"}
    assert ready.server.state() is None  # it was stopped before, so it stays so
    assert ready.run("neo4j", "up").exit_code == 0
    assert ready.shell(query) == before


def test_a_read_only_database_is_refused_before_any_work(
    ready: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready.server.down()
    written = config.render
    line = "server.databases.default_to_read_only=true\n"
    monkeypatch.setattr(config, "render", lambda *given: written(*given) + line)
    monkeypatch.setenv("NEO4J_URI", ready.server.up().state.uri)
    monkeypatch.setenv("NEO4J_USERNAME", "neo4j")
    monkeypatch.setenv("NEO4J_PASSWORD", str(read_password(ready.path / ".env")))
    refused = ready.run("run")
    assert refused.exit_code == 3
    assert "database 'neo4j'" in refused.stderr and "is read-only" in refused.stderr
    assert "server.databases.read_only" in refused.stderr
    assert not (ready.path / "datasets").exists()  # the export comes first
    assert ready.shell("RETURN 1 AS one") == [{"one": 1}]


def _pid_of_start(workspace: Workspace, number: signal.Signals) -> int:
    """Signal an ``up`` that has just started the server's process, and return that one's number."""
    starting = workspace.start("neo4j", "up", preexec_fn=_default_interrupt)
    while (state := read_state(workspace.server.home)) is None:
        assert starting.poll() is None, starting.communicate()
    starting.send_signal(number)
    starting.communicate()
    assert starting.returncode != 0
    return state.pid


def _default_interrupt() -> None:
    """A shell may start background jobs with SIGINT ignored."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    assert os.getpid()
