"""``server.json``, the record of the running local server."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

from ...artifacts import write_json
from .config import ServerOptions
from .home import Home, Kind
from .process import Identity


@dataclass(frozen=True)
class ServerState:
    """What ``up`` started.

    ``pid``, ``born`` and ``command`` identify the process (see ``process.Identity``); a
    container has none.
    """

    kind: Kind
    bolt_port: int
    http_port: int
    heap: str
    page_cache: str
    pid: int = 0
    born: str = ""
    command: str = ""
    started_at: str = ""

    @classmethod
    def starting(cls, kind: Kind, options: ServerOptions, process: Identity | None) -> ServerState:
        """The record of a server that is being started now."""
        state = cls(
            kind, **asdict(options), started_at=datetime.now(UTC).isoformat(timespec="seconds")
        )
        return replace(state, **asdict(process)) if process else state

    @property
    def options(self) -> ServerOptions:
        return ServerOptions(self.bolt_port, self.http_port, self.heap, self.page_cache)

    @property
    def identity(self) -> Identity:
        return Identity(self.pid, self.born, self.command)

    @property
    def uri(self) -> str:
        return f"bolt://localhost:{self.bolt_port}"

    @property
    def browser(self) -> str:
        return f"http://localhost:{self.http_port}/browser/"


def read_state(home: Home) -> ServerState | None:
    """The recorded server, or None where there is none or the record is damaged."""
    try:
        return ServerState(**json.loads(home.state_file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def write_state(home: Home, state: ServerState) -> None:
    write_json(home.state_file, asdict(state))


def clear_state(home: Home) -> None:
    home.state_file.unlink(missing_ok=True)
