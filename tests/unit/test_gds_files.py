"""Jobs over files: what is done, what an interruption leaves, two processes, no GDS."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from reelgraph.artifacts import SplitFolder, file_digest, read_parquet
from reelgraph.errors import ArtifactError, GdsMissingError
from reelgraph.gds_jobs import outputs
from reelgraph.gds_jobs.base import FileJob, FileWork, JobOutput
from reelgraph.gds_jobs.config import SeededConfig
from reelgraph.gds_jobs.jobs.fastrp import FastRp
from reelgraph.gds_jobs.outputs import split_lock
from reelgraph.gds_jobs.runner import run_jobs
from reelgraph.locks import held
from reelgraph.testing.small_split import make_split_folder


class Counted(FileJob):
    """An output that says with which seed it was made, and when it is computed."""

    name = "counted"
    description = "seeds"
    kind = "structure"

    def __init__(self, seed: int, calls: list[int]) -> None:
        super().__init__(SeededConfig(seed=seed))
        self.calls = calls

    def compute(self, work: FileWork) -> JobOutput:
        self.calls.append(self.config.seed)
        return JobOutput("structure", pd.DataFrame({"seed": [self.config.seed]}))


class NoGds:
    """A server without GDS."""

    def gds(self) -> None:
        raise GdsMissingError("this server has no GDS")


@pytest.fixture
def split(tmp_path: Path) -> SplitFolder:
    return make_split_folder(tmp_path)


@pytest.fixture
def run(split: SplitFolder) -> Callable[[int], list[int]]:
    """Runs the job with a seed; returns the seeds with which it was computed."""

    def once(seed: int) -> list[int]:
        calls: list[int] = []
        run_jobs(None, split, [Counted(seed, calls)], progress=False)
        return calls

    return once


def seed_in(split: SplitFolder) -> int:
    seeds = read_parquet(split.output("structure", "counted"))["seed"].tolist()
    return int(seeds[0])


def test_what_is_done_is_skipped_and_recorded(split: SplitFolder, run: Any) -> None:
    assert (run(1), run(1), run(2)) == ([1], [], [2])
    record = split.manifest().jobs["counted"]
    assert record.digest == file_digest(split.path / record.file)
    assert (record.rows, record.config["seed"]) == (1, 2)


def test_killed_between_file_and_record_is_not_done(
    split: SplitFolder, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(1)
    digest = outputs.file_digest

    def killed(path: Path) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(outputs, "file_digest", killed)
    with pytest.raises(KeyboardInterrupt):
        run(2)
    monkeypatch.setattr(outputs, "file_digest", digest)
    assert seed_in(split) == 2, "the new file is there, without a record"
    assert run(1) == [1]
    assert seed_in(split) == 1


def test_file_jobs_are_done_where_there_is_no_gds(split: SplitFolder) -> None:
    calls: list[int] = []
    graph: Any = NoGds()
    with pytest.raises(GdsMissingError):
        run_jobs(graph, split, [FastRp(), Counted(3, calls)], progress=False)
    assert calls == [3]
    assert list(split.manifest().jobs) == ["counted"]


_OTHER = """
import sys
from pathlib import Path
from reelgraph.locks import held
with held(Path(sys.argv[1]), "the split"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_two_processes_take_turns(split: SplitFolder, capsys: pytest.CaptureFixture[str]) -> None:
    command = [sys.executable, "-c", _OTHER, str(split.path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, **pipes) as other:
        assert other.stdout.readline() == b"held\n"
        with (
            pytest.raises(ArtifactError, match="another process works on split user-time"),
            held(split.path, "split user-time"),
        ):
            pass
        waited: list[str] = []

        def wait(line: str) -> None:
            waited.append(line)
            other.kill()

        with held(split.path, "split user-time", wait):
            assert waited == ["another process works on split user-time, waiting for it"]
    with subprocess.Popen(command, **pipes) as other:
        assert other.stdout.readline() == b"held\n"
        threading.Timer(0.5, other.kill).start()
        with split_lock(split):
            shown = capsys.readouterr()
    assert "waiting for it" in shown.err and not shown.out  # output can be piped


def test_what_another_process_did_meanwhile_is_not_done_again(
    split: SplitFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []
    taken = held

    def after_another(*arguments: Any, **options: Any) -> Any:
        monkeypatch.setattr(outputs, "held", taken)
        run_jobs(None, split, [Counted(5, calls)], progress=False)
        return taken(*arguments, **options)

    monkeypatch.setattr(outputs, "held", after_another)
    run_jobs(None, split, [Counted(5, calls)], progress=False)
    assert calls == [5]
