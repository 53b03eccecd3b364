"""The local server's files: password, record, store, configuration, log."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgraph.errors import ServerError, SettingsError
from reelgraph.graph.local import (
    Home,
    LocalServer,
    ServerOptions,
    ServerState,
    config,
    envfile,
    java,
    lanes,
    logs,
    prerequisites,
    process,
    state,
)
from reelgraph.settings import load_settings


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_password_is_made_once_and_private(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    password = envfile.ensure_password(env)
    assert len(password) >= 20 and password.isalnum()
    assert mode(env) == 0o600
    assert envfile.ensure_password(env) == password
    assert load_settings({"workspace": tmp_path}, {}).origins["local_password"] == ".env"


def test_other_lines_of_env_stay(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    own = "# mine\nNEO4J_URI=neo4j://db:7687\nexport NEO4J_PASSWORD='a b#c'\n\nODD LINE"
    env.write_text(own)
    env.chmod(0o644)
    password = envfile.ensure_password(env)
    assert env.read_text() == f"{own}\nREELGRAPH_LOCAL_PASSWORD={password}\n"
    assert mode(env) == 0o600


@given(st.lists(st.sampled_from(["A=1", "# REELGRAPH_LOCAL_PASSWORD=x", "", "B='x y'"])))
def test_setting_replaces_only_its_own_line(lines: list[str]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        env = Path(folder) / ".env"
        env.write_text("\n".join([*lines, "REELGRAPH_LOCAL_PASSWORD=old"]))
        envfile.store(env, envfile.PASSWORD, "new")
        assert env.read_text().splitlines() == [*lines, "REELGRAPH_LOCAL_PASSWORD=new"]


def test_environment_wins_and_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REELGRAPH_LOCAL_PASSWORD", "from outside")
    assert envfile.ensure_password(tmp_path / ".env") == "from outside"
    assert not (tmp_path / ".env").exists()
    monkeypatch.setenv("REELGRAPH_LOCAL_PASSWORD", "short")
    with pytest.raises(SettingsError, match="8"):
        envfile.ensure_password(tmp_path / ".env")


def test_a_lost_password_is_not_replaced(tmp_path: Path) -> None:
    server = LocalServer(Home(tmp_path / "neo4j_data"), tmp_path / ".env")
    server.home.claim("jvm", lanes.DEFAULT)
    (server.home.data / "databases" / "system").mkdir(parents=True)
    with pytest.raises(SettingsError, match="password is missing"):
        server.up()
    assert not (tmp_path / ".env").exists()


def test_configuration_listens_on_the_loopback_only(tmp_path: Path) -> None:
    text = config.render(Home(tmp_path), tmp_path / "jars", ServerOptions(7001, 7002, "1g", "64m"))
    values = dict(line.split("=", 1) for line in text.splitlines() if not line.startswith("#"))
    assert values["server.default_listen_address"] == "127.0.0.1"
    assert values["server.bolt.listen_address"] == ":7001"
    assert values["server.bolt.advertised_address"] == "localhost:7001"
    assert values["server.http.advertised_address"] == "localhost:7002"
    assert values["server.https.enabled"] == "false"
    assert values["server.memory.heap.max_size"] == "1g"
    assert values["server.memory.pagecache.size"] == "64m"
    assert values["server.directories.plugins"] == f"{tmp_path}/jars/plugins"


def test_memory_is_modest_by_default() -> None:
    settings = load_settings({}, {}).settings
    assert (settings.heap, settings.page_cache) == ("2g", "512m")
    assert LocalServer.of(settings).options == ServerOptions()


def test_plugins_come_first_on_the_class_path(tmp_path: Path) -> None:
    launcher = java.Java(Path("java"), 25)
    command = config.java_command(launcher, Home(tmp_path), tmp_path / "jars", lanes.DEFAULT, "1g")
    assert command[0] == "java" and "--add-opens=java.base/java.nio=ALL-UNNAMED" in command
    quiet = "--sun-misc-unsafe-memory-access=allow"
    assert quiet in command
    assert quiet not in java.Java(Path("java"), 21).command, "it would not know the option"
    class_path = command[command.index("-cp") + 1].split(os.pathsep)
    assert class_path[0].endswith("plugins/*") and class_path[-1].endswith("lib/*")
    assert "-Xmx1g" in command and f"--home-dir={tmp_path}" in command


def test_a_process_is_known_by_more_than_its_number() -> None:
    own = process.identify(os.getpid())
    assert own and own.alive()
    assert not process.Identity(own.pid, "another time", own.command).alive()
    assert not process.Identity(own.pid, own.born, "another command").alive()
    assert process.identify(0) is None
    assert own == process.identify(os.getpid()), "seen again, it is the same"


def test_a_process_that_has_ended_is_nobody(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        identity = process.identify(other.pid)
        assert identity and identity.alive() and not process.ended(other.pid)
        other.kill()
        while identity.alive():  # a zombie, until somebody waits for it, runs no more
            time.sleep(0.01)
        assert not process.ended(other.pid), "its number is not free yet"
    assert process.identify(other.pid) is None and process.ended(other.pid)


def test_a_server_is_started_out_of_reach_of_ctrl_c(tmp_path: Path) -> None:
    log = tmp_path / "console.log"
    command = [sys.executable, "-c", "import os; print(os.getsid(0) == os.getpid())"]
    with process.start_detached(command, log, dict(os.environ)) as started:
        assert started.wait() == 0
    assert log.read_text() == "True\n"


def test_a_stale_record_is_not_a_server(tmp_path: Path) -> None:
    """A process that took over the number of a server that has gone is left alone."""
    server = LocalServer(Home(tmp_path), tmp_path / ".env")
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        stale = ServerState("jvm", 7001, 7002, "1g", "64m", other.pid, "long ago", "java")
        state.write_state(server.home, stale)
        assert server.state() is None
        assert server.down() is False
        assert other.poll() is None
        assert not server.home.state_file.exists()
        other.communicate(b"\n")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}'])
def test_a_damaged_record_is_no_record(tmp_path: Path, text: str) -> None:
    home = Home(tmp_path)
    home.state_file.write_text(text)
    assert state.read_state(home) is None


def test_a_record_reads_back(tmp_path: Path) -> None:
    own = process.identify(os.getpid())
    written = ServerState.starting("jvm", ServerOptions(7001, 7002, "1g", "64m"), own)
    state.write_state(Home(tmp_path), written)
    assert state.read_state(Home(tmp_path)) == written
    assert written.options == ServerOptions(7001, 7002, "1g", "64m")
    assert json.loads((tmp_path / "server.json").read_text())["pid"] == os.getpid()


def test_down_without_anything(tmp_path: Path) -> None:
    assert LocalServer(Home(tmp_path / "none"), tmp_path / ".env").down() is False
    assert not (tmp_path / "none").exists()


def test_a_process_is_stopped_by_force_when_it_must(tmp_path: Path) -> None:
    ignore = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)"
    command = [sys.executable, "-c", f"{ignore}; print('on', flush=True); input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as stubborn:
        assert stubborn.stdout and stubborn.stdout.readline() == b"on\n"
        identity = process.identify(stubborn.pid)
        assert identity and process.stop(identity, patience=0.3)
        assert stubborn.wait() == -9
        assert process.stop(identity) is False


def test_each_way_refuses_the_store_of_the_other(tmp_path: Path) -> None:
    ours, theirs = Home(tmp_path / "ours"), Home(tmp_path / "theirs")
    assert ours.owner() is None
    ours.claim("jvm", lanes.DEFAULT)
    assert ours.owner() == "jvm"
    with pytest.raises(ServerError, match="cannot be used by Docker Compose") as refused:
        ours.claim("compose", lanes.DEFAULT)
    assert "reelgraph neo4j up" in refused.value.hint
    theirs.claim("compose", lanes.DEFAULT)
    assert theirs.owner() is None  # nothing in it yet: either may
    (theirs.data / "databases").mkdir()
    assert theirs.owner() == "compose"
    with pytest.raises(ServerError, match="made by Docker Compose") as refused:
        theirs.claim("jvm", lanes.DEFAULT)
    assert "--docker" in refused.value.hint


def test_each_lane_refuses_the_store_of_the_other(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.claim("jvm", lanes.CALENDAR)
    assert home.lane() is None, "a first start that failed leaves no store"
    home.claim("jvm", lanes.LONG_TERM)
    (home.data / "databases").mkdir()
    assert home.lane() == lanes.LONG_TERM
    with pytest.raises(ServerError, match=r"made by Neo4j 5\.26 and Neo4j 2026 is asked") as older:
        home.claim("jvm", lanes.CALENDAR)
    steps = older.value.hint.splitlines()
    assert steps[0].endswith("reelgraph neo4j up --neo4j 5.26")
    assert "dump" in steps[1] and "restore" in steps[1] and "no way back" in steps[1]
    (home.data / "reelgraph-lane").write_text("2026\n")
    with pytest.raises(ServerError, match=r"made by Neo4j 2026 and Neo4j 5\.26 is") as newer:
        LocalServer(home, tmp_path / ".env", asked=lanes.LONG_TERM).up()
    assert "supports no way back" in newer.value.hint and "restore" not in newer.value.hint
    assert LocalServer(home, tmp_path / ".env").lane == lanes.CALENDAR, "nothing is asked for"
    (home.data / "reelgraph-lane").write_text("2027\n")
    with pytest.raises(ServerError, match="'2027', which this version"):
        home.lane()


def test_a_store_from_before_there_were_lanes(tmp_path: Path) -> None:
    (tmp_path / "data" / "databases").mkdir(parents=True)
    (tmp_path / "data" / "reelgraph-jvm").touch()
    assert Home(tmp_path).lane() == lanes.LONG_TERM
    asked = load_settings({"workspace": tmp_path}, {"REELGRAPH_NEO4J": "2026"}).settings
    assert LocalServer.of(asked).lane == lanes.CALENDAR


def test_the_setting_knows_the_lanes(tmp_path: Path) -> None:
    for name in lanes.LANES:
        assert load_settings({"workspace": tmp_path, "neo4j": name}).settings.neo4j == name
    with pytest.raises(SettingsError, match="neo4j"):
        load_settings({"workspace": tmp_path}, {"REELGRAPH_NEO4J": "4.4"})


def test_reason_of_a_failed_start(tmp_path: Path) -> None:
    log = tmp_path / "console.log"
    log.write_text(
        "2026-01-01 10:00:00.123+0000 INFO  Starting...\n"
        "2026-01-01 10:00:01.123+0000 ERROR Failed to start Neo4j.\n"
        "java.lang.RuntimeException: Error starting\n"
        "\tat org.neo4j.Something(Something.java:1)\n"
        "Caused by: java.io.IOException: the root of it\n"
        "\t... 9 more\n"
        "2026-01-01 10:00:02.123+0000 INFO  Neo4j Server shutdown\n"
    )
    assert logs.reason(log).splitlines() == [
        "ERROR Failed to start Neo4j.",
        "java.lang.RuntimeException: Error starting",
        "Caused by: java.io.IOException: the root of it",
    ]
    log.write_text("Error occurred during initialization of VM\nToo small maximum heap\n")
    assert "Too small" in logs.reason(log)
    log.write_text("one\ntwo\n")
    assert logs.reason(log) == "one\ntwo"
    assert logs.reason(tmp_path / "none") == ""


def test_missing_programs_are_named_with_the_fix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(java, "PLACES", ())
    monkeypatch.setenv("PATH", str(tmp_path))
    server = LocalServer(Home(tmp_path / "neo4j_data"), tmp_path / ".env")
    with pytest.raises(ServerError, match=r"Neo4j 5\.26\.\d+ needs Java 17 or 21; found: no Java"):
        server.up()
    with pytest.raises(ServerError, match="no Docker daemon"):
        server.up(docker=True)
    with pytest.raises(ServerError, match="Maven not found: apt-get install maven"):
        prerequisites.maven()
