"""Where the local server keeps its files, and who made the store in them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ...errors import ServerError

Kind = Literal["jvm", "compose"]

_MARKER = "reelgraph-jvm"


@dataclass(frozen=True)
class Home:
    """The folder of the local server's state, ``neo4j_data/``.

    ::

        data/ logs/ import/    state, whichever way the server runs
        conf/ run/             written at every start of the JVM
        server/lib server/plugins   the JVM's jars
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

    @property
    def jars(self) -> Path:
        return self.path / "server"

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
        if self.data.is_dir() and any(self.data.iterdir()):
            return "compose"
        return None

    def claim(self, kind: Kind) -> None:
        """Mark the store as this way's own.

        :raises ServerError: when the other way made it.
        """
        owner = self.owner()
        if owner not in (None, kind):
            raise ServerError(
                f"the store in {self.data} was made by {_WAYS[owner]} and cannot be "
                f"used by {_WAYS[kind]}",
                f"Start it with '{_STARTS[owner]}', use another --workspace, or move the "
                "graph with 'reelgraph neo4j dump' and 'restore'.",
            )
        self.make()
        if kind == "jvm":
            (self.data / _MARKER).touch()

    @property
    def started_before(self) -> bool:
        """True once a server has initialised the store, so that the password is set."""
        return (self.data / "databases" / "system").exists()


_WAYS = {"jvm": "the JVM that reelgraph runs itself", "compose": "Docker Compose"}
_STARTS = {"jvm": "reelgraph neo4j up", "compose": "reelgraph neo4j up --docker"}
