"""Whose lock may be taken over: only that of a process that can be looked for."""

from __future__ import annotations

import socket
import subprocess
import sys

from reelgraph.graph.local.process import host
from reelgraph.loader.engine import lock


def test_a_process_of_another_container_is_not_taken_for_ended() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    ended = {"host": host(), "pid": process.pid}
    assert lock._has_ended(ended)
    elsewhere = {**ended, "host": f"{socket.gethostname()} pid:[1]"}
    assert not lock._has_ended(elsewhere), "the same host name, other process numbers"
