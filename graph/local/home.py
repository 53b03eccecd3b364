"""Where the local server keeps its files, and who made the store in them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ...errors import ServerError
from .lanes import DEFAULT, LANES, Lane, lane_named

Kind = Literal["jvm", "compose"]

_MARKER = "reelgraph-jvm"
_LANE = "reelgraph-lane"


@dataclass(frozen=True)
class Home:
    """The folder of the local server's state, ``neo4j_data/``.

    ::

        data/ logs/ import/    state, whichever way the server runs
        conf/ run/             written at every start of the JVM
        server/lib server/plugins   the JVM's jars; a folder for each lane
        plugins/               the container's plugins
        server.json            the running server
        up.json                what 'up' was given, see :mod:`reelgraph.settings`
    """

    path: Path

    @property
    def data(self) -> Path:
        return self.path / "data"

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def imports(self) -> Path:
        return self.path / "import"

    @property
    def conf(self) -> Path:
        return self.path / "conf"

    def jars(self, lane: Lane) -> Path:
        return self.path / lane.jars

    @property
    def console_log(self) -> Path:
        """What the server of the last start printed."""
        return self.logs / "console.log"

    @property
    def debug_log(self) -> Path:
        return self.logs / "debug.log"

    @property
    def state_file(self) -> Path:
        return self.path / "server.json"

    @property
    def lock_file(self) -> Path:
        return self.path / ".lock"

    def make(self) -> None:
        """Make the folders.

        :raises ServerError: when that is not possible.
        """
        try:
            for folder in (self.data, self.logs, self.imports, self.conf):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ServerError(
                f"cannot write to {self.path}: {error.strerror}",
                "Choose another folder with --workspace, or make this one writable.",
            ) from None

    def owner(self) -> Kind | None:
        """How the store was made; None when there is none yet.

        The mark lies inside ``data/``, so that it goes where the store goes. The container
        sets no mark: a store without one is the container's.
        """
        if (self.data / _MARKER).exists():
            return "jvm"
        if self.data.is_dir() and any(one.name != _LANE for one in self.data.iterdir()):
            return "compose"
        return None

    def lane(self) -> Lane | None:
        """The lane that made the store; None when there is no store yet.

        :raises ServerError: when it is a lane that this version does not know.
        """
        if not (self.data / "databases").exists():
            return None
        try:
            return lane_named((self.data / _LANE).read_text(encoding="utf-8").strip())
        except FileNotFoundError:  # made before there were lanes
            return DEFAULT

    def check_lane(self, lane: Lane) -> None:
        """:raises ServerError: when another lane made the store; says how to go on."""
        made = self.lane()
        if made not in (None, lane):
            raise ServerError(
                f"the store in {self.data} was made by Neo4j {made.name} and Neo4j {lane.name} "
                "is asked for",
                f"Go on with it: reelgraph neo4j up --neo4j {made.name}\n"
                + _ways_over(self.data, made, lane),
            )

    def claim(self, kind: Kind, lane: Lane) -> None:
        """Mark the store as this way's and this lane's own.

        :raises ServerError: when the other way or another lane made it.
        """
        owner = self.owner()
        if owner not in (None, kind):
            raise ServerError(
                f"the store in {self.data} was made by {_WAYS[owner]} and cannot be "
                f"used by {_WAYS[kind]}",
                f"Start it with '{_STARTS[owner]}', use another --workspace, or move the "
                "graph with 'reelgraph neo4j dump' and 'restore'.",
            )
        self.check_lane(lane)
        self.make()
        (self.data / _LANE).write_text(f"{lane.name}\n", encoding="utf-8")
        if kind == "jvm":
            (self.data / _MARKER).touch()

    @property
    def started_before(self) -> bool:
        """True once a server has initialised the store, so that the password is set."""
        return (self.data / "databases" / "system").exists()


_WAYS = {"jvm": "the JVM that reelgraph runs itself", "compose": "Docker Compose"}
_STARTS = {"jvm": "reelgraph neo4j up", "compose": "reelgraph neo4j up --docker"}


def _ways_over(data: Path, made: Lane, asked: Lane) -> str:
    """How to get the graph into the other lane; Neo4j supports no way to an older one."""
    names = list(LANES)
    if names.index(made.name) > names.index(asked.name):
        return (
            f"Neo4j supports no way back to {asked.name}: use another --workspace, or move {data} "
            "away, and load the data again."
        )
    return (
        f"To move the graph to {asked.name}, with no way back that Neo4j supports: 'reelgraph "
        f"neo4j dump graph.dump', 'reelgraph neo4j down', move {data} away, 'reelgraph neo4j "
        f"up --neo4j {asked.name}', 'reelgraph neo4j restore graph.dump'."
    )
