"""What ``reelgraph doctor`` looks at: programs, server, disk and computing device."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ..errors import CypherError, DatabaseError, ReelgraphError
from ..graph.connection import Graph, Transaction
from ..graph.local import LocalServer, jars, java, prerequisites
from ..graph.session import open_graph
from ..settings import ENV_FILE, LoadedSettings, Settings

Status = Literal["ok", "warning", "failed"]

MINIMUM_NEO4J = (5, 26)  # dynamic relationship types, vector indexes
_LOW_DISK = 5.0  # GiB; jars, their download, store, data sets and runs of ML-1M
_NO_DISK = 1.0


@dataclass(frozen=True)
class Check:
    """One finding; ``advice`` says what to do about a warning or failure."""

    check: str
    status: Status
    found: str
    advice: str = ""


def all_checks(loaded: LoadedSettings) -> Iterator[Check]:
    """Every check in turn."""
    settings = loaded.settings
    yield from check_settings(loaded)
    yield from check_programs(settings)
    yield from check_server(settings)
    yield check_disk(settings)
    yield from check_computing(settings)


def check_settings(loaded: LoadedSettings) -> Iterator[Check]:
    """Settings that contradict each other, and a password that others can read."""
    settings = loaded.settings
    for line in loaded.warnings:
        yield Check("settings", "warning", line, "Correct the name, or take it out.")
    if settings.password is not None and settings.uri is None:
        yield Check(
            "settings",
            "warning",
            f"password (from {loaded.origins['password']}) is ignored: no server is named",
            "Set NEO4J_URI to use your own server. The local one has its own password.",
        )
    env_file = settings.workspace / ENV_FILE
    # Windows has other rights, which these bits do not show
    if os.name == "posix" and env_file.is_file() and env_file.stat().st_mode & 0o077:
        yield Check(
            "settings",
            "warning",
            f"{env_file} can be read by others",
            f"chmod 600 {env_file}",
        )


def check_programs(settings: Settings) -> Iterator[Check]:
    """Java and Maven or Docker, needed only for the local server."""
    docker = prerequisites.docker_answers()
    # required for the local server, and only where Docker cannot stand in
    missing: Status = "failed" if settings.is_local and not docker else "warning"
    server = LocalServer.of(settings)
    lane = server.lane
    found = java.find_java(lane)
    if found:
        yield Check("Java", "ok", f"{found.major} ({found.path})")
    else:
        others = list(java.installed())
        advice = java.how_to_get(lane, others)
        yield Check("Java", missing, java.missing(lane, others), advice)
    if jars.jars_complete(server.jars_folder, lane):
        yield Check("jars", "ok", f"Neo4j {lane.versions['neo4j']}, GDS {lane.versions['gds']}")
    elif maven := prerequisites.find_maven():
        yield Check("jars", "ok", f"not fetched yet; Maven is there ({maven})")
    else:
        yield Check(
            "jars", missing, "not fetched yet, and Maven is missing", prerequisites.MAVEN_HINT
        )
    needed = "answers" if docker else "no daemon answers; needed only without Java and Maven"
    yield Check("Docker", "ok", needed)


def check_server(settings: Settings) -> Iterator[Check]:
    """Can the server be reached, is it recent, has it GDS, may the user write?"""
    if settings.is_local and LocalServer.of(settings).state() is None:
        yield Check("server", "warning", "the local one is not running", "reelgraph neo4j up")
        return
    try:
        with open_graph(settings) as graph:
            place = f"{graph.uri}, database {graph.database}, user {graph.username}"
            yield Check("server", "ok", f"answers at {place}")
            yield check_neo4j(graph)
            yield check_gds(graph, settings.is_local)
            yield check_write(graph)
    except ReelgraphError as error:
        yield Check("server", "failed", error.message, error.hint)


def check_neo4j(graph: Graph) -> Check:
    row = graph.run("server/components").single() or {}
    found = f"{row.get('version')} {row.get('edition')}"
    if version_of(str(row.get("version"))) >= MINIMUM_NEO4J:
        return Check("Neo4j", "ok", found)
    wanted = ".".join(map(str, MINIMUM_NEO4J))
    return Check("Neo4j", "failed", found, f"Use Neo4j {wanted} or later, or the local server.")


def check_gds(graph: Graph, local: bool) -> Check:
    try:
        row = graph.run("server/gds_version").single() or {}
    except CypherError:
        advice = "Everything but the GDS jobs works; models then train without their embeddings."
        if local:
            advice = "Start the local server again: reelgraph neo4j down, then up."
        return Check("GDS", "failed" if local else "warning", "not there", advice)
    return Check("GDS", "ok", str(row.get("version")))


def check_write(graph: Graph) -> Check:
    """Write in a transaction that is rolled back."""

    def probe(transaction: Transaction) -> None:
        transaction.run("server/write_check", name="reelgraph doctor")
        raise _RolledBack

    try:
        graph.transact(probe)
    except _RolledBack:
        return Check("write access", "ok", "yes (tried and rolled back)")
    except (DatabaseError, CypherError) as error:
        return Check("write access", "failed", error.message, "Use a user who may write.")
    raise AssertionError("the probe always raises")


def check_disk(settings: Settings) -> Check:
    folder = settings.workspace
    while not folder.exists():
        folder = folder.parent
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        advice = "Mend the rights there, or use another --workspace."
        return Check("disk", "failed", f"cannot write to {folder}: {error.strerror}", advice)
    free = shutil.disk_usage(folder).free / 2**30
    found = f"{free:.1f} GiB free in {settings.workspace}"
    if free >= _LOW_DISK:
        return Check("disk", "ok", found)
    return Check(
        "disk",
        "warning" if free >= _NO_DISK else "failed",
        found,
        "Free some space, or choose another place with --workspace.",
    )


def check_computing(settings: Settings) -> Iterator[Check]:
    """torch, the device it would train on, and the number of threads."""
    import torch

    from ..model.training.loop import pick_device

    yield Check("torch", "ok", torch.__version__)
    try:
        device = pick_device(settings.device)
    except ReelgraphError as error:
        yield Check("device", "failed", error.message, error.hint)
    else:
        name = torch.cuda.get_device_name(device) if device.type == "cuda" else "no GPU is used"
        yield Check("device", "ok", f"{device} ({name})")
    cores = os.cpu_count() or 1
    found = f"{settings.training_threads} for training, {cores} cores"
    if settings.training_threads < max(cores, 2):
        yield Check("threads", "ok", found)
    else:
        yield Check(
            "threads",
            "warning",
            found,
            "Beside other busy programs training is many times faster when it leaves a core "
            "free: REELGRAPH_THREADS.",
        )


def version_of(text: str) -> tuple[int, int]:
    """``5.26.24`` → (5, 26), ``5.27-aura`` → (5, 27); (0, 0) when it is none."""
    match = re.match(r"(\d+)\.(\d+)", text)
    return (int(match[1]), int(match[2])) if match else (0, 0)


class _RolledBack(Exception):
    """Leaves a transaction without its writes."""
