"""The jars of Neo4j, its Browser and GDS, resolved by Maven from ``pom.xml``."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections import deque
from pathlib import Path

from tqdm import tqdm

from ...errors import ServerError
from ...locks import locked
from ...progress import ProgressBar
from .java import find_java
from .lanes import POM, Lane
from .prerequisites import maven

_COMPLETE = "pom.sha256"  # written last: a folder without it does not count


def jars_complete(folder: Path, lane: Lane) -> bool:
    """True when ``folder`` holds all jars of the lane in the present ``pom.xml``."""
    try:
        return (folder / _COMPLETE).read_text(encoding="utf-8") == _fingerprint(lane)
    except OSError:
        return False


def ensure_jars(folder: Path, lane: Lane) -> Path:
    """Put the lane's jars into ``folder/lib`` and ``folder/plugins`` unless they are there.

    They are resolved into a folder beside it, which takes its place when complete: from
    Maven's cache, where an earlier workspace left them, else from the network.

    :raises ServerError: when Maven is missing or fails.
    """
    if jars_complete(folder, lane):
        return folder
    mvn = maven()
    with locked(folder.with_name(f".{folder.name}.lock")):
        if not jars_complete(folder, lane):
            partial = folder.with_name(f".{folder.name}.partial")
            try:
                _resolve(mvn, lane, partial, "--offline")
                tqdm.write(f"Took {_names(lane)} from Maven's cache", file=sys.stderr)
            except ServerError:  # not in the cache, or not all of it
                tqdm.write(f"Fetching {_names(lane)} by Maven, once", file=sys.stderr)
                _resolve(mvn, lane, partial)
            (partial / _COMPLETE).write_text(_fingerprint(lane), encoding="utf-8")
            _replace(partial, folder)
    return folder


def _names(lane: Lane) -> str:
    return f"Neo4j {lane.versions['neo4j']} and GDS {lane.versions['gds']} (150 MB)"


def _fingerprint(lane: Lane) -> str:
    return hashlib.sha256(POM.read_bytes() + lane.name.encode()).hexdigest()


def _resolve(mvn: Path, lane: Lane, target: Path, *options: str) -> None:
    shutil.rmtree(target, ignore_errors=True)
    # Maven itself starts quicker with the quick compiler only
    environment = {"MAVEN_OPTS": "-XX:TieredStopAtLevel=1", **_java_home(lane), **os.environ}
    command = [str(mvn), "-B", *options, "-f", str(POM), "-P", lane.name, "package"]
    command.append(f"-Dserver.directory={target}")
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=environment,
    )
    lines: deque[str] = deque(maxlen=2000)
    try:
        with ProgressBar(desc="Neo4j and GDS", unit=" jars", leave=False) as bar:
            for line in process.stdout or ():
                lines.append(line.rstrip())
                if "Downloaded" in line and ".jar (" in line:
                    bar.update()
        code = process.wait()
    finally:
        process.kill()
        process.wait()
    if code:
        errors = [line for line in lines if line.startswith("[ERROR]")] or list(lines)
        raise ServerError(
            "Maven could not fetch the server's jars:\n" + "\n".join(errors[:8]),
            "Check the connection and Maven's proxy settings (~/.m2/settings.xml), then try "
            "again; what was fetched is kept.",
        )


def _java_home(lane: Lane) -> dict[str, str]:
    """For Maven, which looks at ``JAVA_HOME`` and the path alone."""
    found = None if shutil.which("java") else find_java(lane)
    return {"JAVA_HOME": str(found.path.parents[1])} if found else {}


def _replace(partial: Path, folder: Path) -> None:
    """Put ``partial`` where ``folder`` was."""
    shutil.rmtree(partial / "build", ignore_errors=True)
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    partial.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
