"""``docker-compose.yml`` and its use: by specification, entry point, and a Docker that is played.

The image itself was not run here. A script stands in for the Docker client, to see what it
is asked to do.
"""

from __future__ import annotations

import json
import os
import re
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from conftest import free_ports

from reelgraph.errors import ServerError
from reelgraph.graph.local import Home, LocalServer, ServerOptions, java
from reelgraph.graph.local.compose import COMPOSE_FILE, SERVICE, Compose
from reelgraph.graph.local.lanes import DEFAULT, LANES, Lane

# variables of the image's entry point that are no settings of the server
_ENTRY_POINT = {"NEO4J_AUTH", "NEO4J_PLUGINS"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(COMPOSE_FILE.read_text())
    return found


@pytest.fixture(scope="module")
def service(compose: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = compose["services"][SERVICE]
    return found


def test_it_fits_the_specification(compose: dict[str, Any]) -> None:
    schemas = resources.files("check_jsonschema.builtin_schemas.vendor")
    schema = json.loads(schemas.joinpath("compose-spec.json").read_text())
    jsonschema.validate(compose, schema)
    assert "version" not in compose


def test_planted_mistake_is_found(compose: dict[str, Any]) -> None:
    schemas = resources.files("check_jsonschema.builtin_schemas.vendor")
    schema = json.loads(schemas.joinpath("compose-spec.json").read_text())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**compose, "services": {SERVICE: {"imagine": "neo4j"}}}, schema)


def test_no_variable_becomes_a_setting_by_accident(service: dict[str, Any]) -> None:
    """The entry point writes every other ``NEO4J_…`` into neo4j.conf, where NEO4J_URI fails."""
    assert "env_file" not in service
    names = set(service["environment"]) - _ENTRY_POINT
    assert not names & {"NEO4J_URI", "NEO4J_USERNAME", "NEO4J_PASSWORD", "NEO4J_DATABASE"}
    settings = {_setting(name) for name in names}
    assert all(re.match(r"(server|db|dbms|client)\.[a-z_.]+$", name) for name in settings)
    assert "server.memory.heap.max_size" in settings
    for silent in ("NEO4J_dbms_usage__report_enabled", "NEO4J_client_allow__telemetry"):
        assert service["environment"][silent] == "false"


def test_the_image_is_that_of_the_lane(service: dict[str, Any]) -> None:
    assert service["image"] == f"neo4j:${{REELGRAPH_NEO4J_IMAGE:-{DEFAULT.image}}}"
    assert all(lane.versions["neo4j"].startswith(lane.image[:4]) for lane in LANES.values())


def test_the_password_is_the_local_one(service: dict[str, Any]) -> None:
    assert service["environment"]["NEO4J_AUTH"].startswith("neo4j/${REELGRAPH_LOCAL_PASSWORD:?")
    assert "NEO4J_PASSWORD" not in COMPOSE_FILE.read_text()


def test_it_listens_on_the_loopback(service: dict[str, Any]) -> None:
    assert service["ports"] and all(port.startswith("127.0.0.1:") for port in service["ports"])


def test_folders_are_those_of_the_home(service: dict[str, Any], tmp_path: Path) -> None:
    home = Home(tmp_path / "neo4j_data")
    targets = dict(volume.split(":") for volume in service["volumes"])
    assert {tmp_path / source for source in targets} == {
        home.data,
        home.logs,
        home.imports,
        home.path / "plugins",
    }
    # two copies of GDS would stop the start
    assert not [lane for lane in LANES.values() if home.jars(lane) == home.path]
    assert set(targets.values()) == {"/data", "/logs", "/import", "/plugins"}


def test_health_is_checked(service: dict[str, Any]) -> None:
    assert "healthcheck" in service
    command = Compose(Home(Path("/w/neo4j_data")), Path("/w/.env"), DEFAULT).log(50, follow=True)
    assert command[command.index("--project-directory") + 1] == "/w"


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program ``docker`` that agrees to everything; the file with its calls."""
    calls = tmp_path / "calls"
    program = tmp_path / "bin" / "docker"
    program.parent.mkdir()
    variables = "user=$REELGRAPH_UID bolt=$REELGRAPH_BOLT_PORT heap=$REELGRAPH_HEAP"
    variables += " image=$REELGRAPH_NEO4J_IMAGE"
    program.write_text(f'#!/bin/sh\necho "$* {variables}" >> {calls}\n')
    program.chmod(0o755)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(java, "PLACES", ())
    monkeypatch.setenv("PATH", str(program.parent))
    return calls


@pytest.mark.parametrize("lane", LANES.values(), ids=LANES)
def test_docker_stands_in_for_java(
    docker: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lane: Lane
) -> None:
    monkeypatch.setattr(Compose, "patience", 0.1)
    options = ServerOptions(*free_ports(), "1g", "64m")
    server = LocalServer(Home(tmp_path / "neo4j_data"), tmp_path / ".env", options, asked=lane)
    with pytest.raises(ServerError, match="answers no query"):  # nothing stands behind it
        server.up()
    ups = [line for line in docker.read_text().splitlines() if " up --detach --wait" in line]
    assert len(ups) == 1
    assert f"--project-directory {tmp_path}" in ups[0]
    assert f"user={os.getuid()} bolt={options.bolt_port} heap=1g image={lane.image}" in ups[0]
    assert (tmp_path / ".env").read_text().startswith("REELGRAPH_LOCAL_PASSWORD=")
    assert server.home.owner() is None, "the mark of the lane is no store"
    assert not (tmp_path / "neo4j_data" / "server").exists()


def test_a_java_store_stays_with_java(docker: Path, tmp_path: Path) -> None:
    home = Home(tmp_path / "neo4j_data")
    home.claim("jvm", DEFAULT)
    server = LocalServer(home, tmp_path / ".env", ServerOptions(*free_ports(), "1g", "64m"))
    with pytest.raises(ServerError, match="needs Java 17 or 21"):
        server.up()
    with pytest.raises(ServerError, match="made by the JVM"):
        server.up(docker=True)


def _setting(name: str) -> str:
    """The setting that the entry point makes of a variable."""
    return name.removeprefix("NEO4J_").replace("_", ".").replace("..", "_")
