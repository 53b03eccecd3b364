"""The local server as a Java process of our own."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from ...errors import ServerError
from . import admin, config, logs, prerequisites
from .config import ServerOptions
from .home import Home
from .jars import ensure_jars, jars_complete
from .java import find_java, java
from .lanes import Lane
from .ports import answers, check_ports
from .process import identify, start_detached, stop
from .ready import query_answered
from .state import ServerState, clear_state, write_state

START_PATIENCE = 300.0  # seconds; a large store that was not shut down cleanly recovers first
DATABASE_PATIENCE = 120.0  # seconds, when all else has started; a busy machine plans slowly
_POLL = 0.1


class Jvm:
    """Starts and stops the server of one home; the caller holds the home's lock."""

    def __init__(self, home: Home, jars: Path, lane: Lane) -> None:
        self.home = home
        self.jars = jars
        self.lane = lane

    def possible(self) -> bool:
        """True when Java is there, and the jars or Maven to fetch them."""
        if find_java(self.lane) is None:
            return False
        return jars_complete(self.jars, self.lane) or prerequisites.find_maven() is not None

    def start(self, options: ServerOptions, password: str) -> ServerState:
        """Start the server and wait until it answers a query.

        :raises ServerError: when something is missing or a port is taken, and when the
            server does not start; shows the reason from its log.
        """
        launcher = java(self.lane)
        check_ports(options)
        self.home.claim("jvm", self.lane)
        ensure_jars(self.jars, self.lane)
        config.write(self.home, self.jars, options)
        if not self.home.started_before:
            admin.set_initial_password(launcher, self.home, self.jars, password)
        command = config.java_command(launcher, self.home, self.jars, self.lane, options.heap)
        process = start_detached(command, self.home.console_log, admin.environment(self.home))
        try:
            state = self._record(process, options)
            self.wait(state, password)
        except BaseException:  # Ctrl-C too: a server must not stay when no process waits for it
            _end(process)
            clear_state(self.home)
            raise
        return state

    def wait(self, state: ServerState, password: str) -> None:
        """Wait until the recorded server answers a query.

        :raises ServerError: when it ends before, answers too late or refuses the password.
        """
        give_up = time.monotonic() + START_PATIENCE
        started = False
        while not (started and query_answered(state, password)):
            if not state.identity.alive():
                raise self._failure("did not start", self.home.console_log)
            if time.monotonic() > give_up:
                raise self._failure("answers no query", self.home.debug_log)
            if not started and answers(state.http_port):
                # the web server is the last to start: the database is there by now, or failed
                started = True
                give_up = time.monotonic() + DATABASE_PATIENCE
            else:
                time.sleep(_POLL)

    def stop(self, state: ServerState) -> bool:
        """Stop the recorded process, if it still is that process.

        :returns: False when it was not running any more.
        """
        stopped = stop(state.identity)
        clear_state(self.home)
        return stopped

    def running(self, state: ServerState) -> bool:
        return state.identity.alive()

    def admin(self, *arguments: str) -> tuple[list[str], dict[str, str]]:
        """Command line and environment of the admin tool for this home.

        :raises ServerError: when Java or the jars are missing.
        """
        launcher = java(self.lane)
        ensure_jars(self.jars, self.lane)
        self.home.claim("jvm", self.lane)
        if not (self.home.conf / "neo4j.conf").exists():
            config.write(self.home, self.jars, ServerOptions())
        command = admin.admin_command(launcher, self.home, self.jars, *arguments)
        return command, admin.environment(self.home)

    def _record(self, process: subprocess.Popen[bytes], options: ServerOptions) -> ServerState:
        while (found := identify(process.pid)) is None:
            if process.poll() is not None:
                raise self._failure("ended at once", self.home.console_log)
        state = ServerState.starting("jvm", options, found)
        write_state(self.home, state)
        return state

    def _failure(self, what: str, log: Path) -> ServerError:
        return ServerError(
            f"the local server {what}; its log says:\n{logs.reason(log)}", f"The whole log: {log}"
        )


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
