"""The local server as a container, by Docker Compose and ``docker-compose.yml``."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import ClassVar

from ...errors import ServerError
from .config import ServerOptions
from .home import Home
from .lanes import Lane
from .ports import check_ports
from .prerequisites import docker_answers, require_docker
from .ready import query_answered
from .state import ServerState, clear_state, write_state

COMPOSE_FILE = Path(__file__).parents[2] / "docker-compose.yml"
SERVICE = "neo4j"
_POLL = 0.3


class Compose:
    """Starts and stops the container of one home; the caller holds the home's lock.

    The home must be the folder ``neo4j_data`` of a workspace, because the Compose file
    names it so. ``patience`` is how many seconds a healthy container has to answer a query.
    """

    patience: ClassVar[float] = 30.0

    def __init__(self, home: Home, env_file: Path, lane: Lane) -> None:
        self.home = home
        self.env_file = env_file
        self.lane = lane

    def start(self, options: ServerOptions, password: str) -> ServerState:
        """Start the container and wait until it is healthy and answers a query.

        :raises ServerError: when Docker is missing, a port is taken or the start fails.
        """
        require_docker()
        check_ports(options)
        self.home.claim("compose", self.lane)
        (self.home.path / "plugins").mkdir(exist_ok=True)
        environment = {
            "REELGRAPH_BOLT_PORT": str(options.bolt_port),
            "REELGRAPH_HTTP_PORT": str(options.http_port),
            "REELGRAPH_HEAP": options.heap,
            "REELGRAPH_PAGE_CACHE": options.page_cache,
            "REELGRAPH_LOCAL_PASSWORD": password,
        }
        state = ServerState.starting("compose", options, None)
        write_state(self.home, state)
        self._compose("up", "--detach", "--wait", extra=environment)
        self.wait(state, password)
        return state

    def wait(self, state: ServerState, password: str) -> None:
        """Wait until the container answers a query.

        :raises ServerError: when it refuses the password, or gives no answer.
        """
        give_up = time.monotonic() + self.patience
        while not query_answered(state, password):
            if time.monotonic() > give_up:
                raise ServerError(
                    f"the container is up, but {state.uri} answers no query",
                    "Look at its log: reelgraph neo4j logs",
                )
            time.sleep(_POLL)

    def stop(self, state: ServerState) -> bool:
        """Stop and remove the container; the files stay.

        :raises ServerError: when Docker does not answer or fails.
        """
        require_docker()
        was_running = self.running(state)
        self._compose("down")
        clear_state(self.home)
        return was_running

    def running(self, state: ServerState) -> bool:
        if not docker_answers():
            return False
        done = self._run("ps", "--status", "running", "--quiet", SERVICE)
        return done.returncode == 0 and bool(done.stdout.strip())

    def log(self, lines: int, follow: bool) -> list[str]:
        """The command that prints the container's log."""
        arguments = ["logs", "--no-log-prefix", "--tail", str(lines)]
        return [*self._command(), *arguments, *(["--follow"] if follow else []), SERVICE]

    def admin(self, *arguments: str) -> tuple[list[str], dict[str, str]]:
        """Command line and environment of the admin tool in a container of its own."""
        # not by the image's entry point, which would write to standard output as well
        run = ["run", "--rm", "--no-deps", "-T", "--entrypoint", "neo4j-admin", SERVICE]
        return [*self._command(), *run, *arguments], self._environment({})

    def _command(self) -> list[str]:
        return [
            "docker",
            "compose",
            "--file",
            str(COMPOSE_FILE),
            "--project-directory",
            str(self.home.path.parent),
        ]

    def _environment(self, extra: dict[str, str]) -> dict[str, str]:
        """Run as the caller, so that the files under ``neo4j_data/`` stay the caller's."""
        image = {"REELGRAPH_NEO4J_IMAGE": self.lane.image}
        return {**os.environ, **_user(), **image, **extra}

    def _run(
        self, *arguments: str, extra: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self._command(), *arguments],
            env=self._environment(extra or {}),
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )

    def _compose(self, *arguments: str, extra: dict[str, str] | None = None) -> None:
        done = self._run(*arguments, extra=extra)
        if done.returncode:
            log = self._run("logs", "--no-log-prefix", "--tail", "8", SERVICE).stdout
            said = done.stderr.strip().splitlines()[-6:]
            raise ServerError(
                f"docker compose {arguments[0]} failed:\n" + "\n".join([*said, log.strip()]),
                "The whole log: reelgraph neo4j logs",
            )


def _user() -> dict[str, str]:
    """The caller's numbers; Windows has none, and there Docker gives files to the caller."""
    if sys.platform == "win32":
        return {}
    else:
        return {"REELGRAPH_UID": str(os.getuid()), "REELGRAPH_GID": str(os.getgid())}
