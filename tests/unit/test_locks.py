"""Locks on files: who holds one, and that a killed holder holds none."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from reelgraph.errors import ArtifactError
from reelgraph.locks import held, locked

_HOLDER = """
import subprocess, sys
from pathlib import Path
from reelgraph.locks import locked
with locked(Path(sys.argv[1])):
    child = subprocess.Popen([sys.executable, "-c", sys.argv[2]], stdin=sys.stdin)
    print("held", flush=True)
    child.wait()
"""
_CHILD = "import sys; sys.stdin.read()"


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the lock of the folder, with a child that outlives it."""
    command = [sys.executable, "-c", _HOLDER, str(tmp_path / ".lock"), _CHILD]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout and process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_killed_process_holds_nothing_and_its_children_neither(
    holder: subprocess.Popen[str], tmp_path: Path
) -> None:
    with pytest.raises(ArtifactError, match="another process works on it"), held(tmp_path, "it"):
        pass
    holder.kill()
    holder.wait()
    with held(tmp_path, "it"):  # its child, as a server that 'up' started, lives on
        pass


def test_the_lock_is_free_after_an_error(tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(ValueError, match="of the block"), locked(tmp_path / "made" / ".lock"):
            raise ValueError("of the block")
    assert (tmp_path / "made" / ".lock").exists()
