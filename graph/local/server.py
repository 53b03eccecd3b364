"""The local server, whichever way it runs: start, stop, and look."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ...errors import DatabaseError, ServerError, SettingsError
from ...locks import locked
from ...settings import ENV_FILE, Settings
from ..connection import Graph
from . import prerequisites
from .compose import Compose
from .config import ServerOptions
from .envfile import PASSWORD, ensure_password, read_password
from .home import Home
from .jvm import Jvm
from .lanes import DEFAULT, LANES, Lane
from .ready import USERNAME
from .state import ServerState, clear_state, read_state
from .stores import put_back


@dataclass(frozen=True)
class Up:
    """What ``up`` found or did: the server, and whether this call started it."""

    state: ServerState
    started: bool


@dataclass(frozen=True)
class LocalServer:
    """The Neo4j server whose files are in ``home``.

    :param home: the folder of its state, ``neo4j_data``.
    :param env_file: where its password is kept.
    :param jars: the JVM's jars, by default in the home; shared by several homes in tests.
    :param asked: the lane that is asked for; by default the store's, else the first.
    """

    home: Home
    env_file: Path
    options: ServerOptions = field(default_factory=ServerOptions)
    jars: Path | None = None
    asked: Lane | None = None

    @classmethod
    def of(cls, settings: Settings) -> LocalServer:
        options = ServerOptions(
            settings.bolt_port, settings.http_port, settings.heap, settings.page_cache
        )
        asked = LANES[settings.neo4j] if settings.neo4j else None
        env_file = settings.workspace / ENV_FILE
        return cls(Home(settings.server_dir), env_file, options, asked=asked)

    def up(self, docker: bool = False) -> Up:
        """Start the server unless it runs already; only one of two simultaneous calls does.

        :param docker: by Docker Compose, even where Java is there.
        :raises ServerError: when it cannot be started, or another lane made the store; says why
            and what to do.
        :raises SettingsError: when the password is too short, or lost.
        """
        with locked(self._made_home().lock_file):
            self.home.check_lane(self.lane)
            running = self._running()
            if running is None:
                way = self._choose(docker)
                return Up(self._start(way, self.options), started=True)
            if docker and running.kind != "compose":
                raise ServerError(
                    "the local server runs already, without Docker",
                    "Stop it first: reelgraph neo4j down",
                )
            # it may be starting still, when the call that started it was killed
            self._way(running).wait(running, self._password())
            return Up(running, started=False)

    def down(self) -> bool:
        """Stop the server that ``up`` started; False when none was running.

        :raises ServerError: when the container cannot be stopped.
        """
        if not self.home.path.is_dir():
            return False
        with locked(self.home.lock_file):
            state = read_state(self.home)
            return state is not None and self._way(state).stop(state)

    def state(self) -> ServerState | None:
        """The running server, or None; changes nothing."""
        state = read_state(self.home)
        return state if state and self._way(state).running(state) else None

    def graph(self) -> Graph:
        """A verified connection to the running server.

        :raises DatabaseError: when it is not running.
        :raises SettingsError: when its password is not known.
        """
        state = self.state()
        if state is None:
            raise DatabaseError("the local server is not running", "Start it: reelgraph neo4j up")
        return Graph(state.uri, USERNAME, self._password()).verify()

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Keep the server stopped during the block; one that ran is started again after it.

        :raises ServerError: when it cannot be stopped or started again.
        """
        with locked(self._made_home().lock_file):
            state = self._running()
            if state is None:
                yield
                return
            way = self._way(state)
            way.stop(state)
            try:
                yield
            finally:
                self._start(way, state.options)

    @property
    def lane(self) -> Lane:
        return self.asked or self.home.lane() or DEFAULT

    @property
    def jars_folder(self) -> Path:
        return self.jars or self.home.jars(self.lane)

    def log_command(self, lines: int, follow: bool) -> list[str] | None:
        """The command that prints a container's log; None when the log is a file."""
        way = self.way()
        return way.log(lines, follow) if isinstance(way, Compose) else None

    def way(self) -> Jvm | Compose:
        """The way the store was made, or that would make it now."""
        owner = self.home.owner()
        return self._choose(docker=owner == "compose")

    def _start(self, way: Jvm | Compose, options: ServerOptions) -> ServerState:
        # before the start: a server without a store makes an empty one
        put_back(self.home)
        return way.start(options, self._password())

    def _password(self) -> str:
        """The server's password; a new store gets a random one.

        :raises SettingsError: when a store's password is not known any more.
        """
        if self.home.started_before and read_password(self.env_file) is None:
            raise SettingsError(
                f"the local server's password is missing: no {PASSWORD} in {self.env_file}",
                f"Put it back. If it is lost, start afresh: stop the server, move "
                f"{self.home.data} away and load the data again.",
            )
        return ensure_password(self.env_file)

    def _made_home(self) -> Home:
        self.home.path.mkdir(parents=True, exist_ok=True)
        return self.home

    def _running(self) -> ServerState | None:
        """The running server; a record of one that has gone is removed."""
        state = self.state()
        if state is None:
            clear_state(self.home)
        return state

    def _way(self, state: ServerState) -> Jvm | Compose:
        return self._compose() if state.kind == "compose" else self._jvm()

    def _choose(self, docker: bool) -> Jvm | Compose:
        """Docker when asked for, or when it answers and Java or Maven is missing."""
        if docker:
            return self._compose()
        jvm = self._jvm()
        if self.home.owner() == "jvm" or jvm.possible() or not prerequisites.docker_answers():
            return jvm
        return self._compose()

    def _jvm(self) -> Jvm:
        return Jvm(self.home, self.jars_folder, self.lane)

    def _compose(self) -> Compose:
        return Compose(self.home, self.env_file, self.lane)
