"""Progress in a terminal and in a file; a full disk; nothing to hold out."""

from __future__ import annotations

import os
import pty
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from audited import config, make_run, quiet, settings_of, small_split

from reelgraph.artifacts import write_json, write_parquet
from reelgraph.errors import ArtifactError, InputError
from reelgraph.gds_jobs.jobs.knowledge import TransE
from reelgraph.gds_jobs.knowledge_training import evaluate_baselines, evaluate_method
from reelgraph.gds_jobs.runner import run_jobs
from reelgraph.model.base import TrainingOptions
from reelgraph.pipeline.run import run_stage
from reelgraph.pipeline.stages import prediction

_LONG = """
from reelgraph import progress
from reelgraph.progress import ProgressBar
clock = iter(float(n) for n in range(10**6))
progress.monotonic = lambda: next(clock)
with ProgressBar(total=1000, desc="rows", unit=" rows", mininterval=0, miniters=1) as bar:
    for _ in range(1000):
        bar.update()
with ProgressBar(total=30, desc="train", unit="sequence") as bar:
    for epoch in (1, 2, 3):
        bar.update(10)
        bar.set_postfix({"epoch": epoch, "loss": 4.5})
"""


def test_lines_where_nobody_looks() -> None:
    done = subprocess.run([sys.executable, "-c", _LONG], capture_output=True, text=True, check=True)
    assert "\r" not in done.stderr
    lines = done.stderr.splitlines()
    rows = [line for line in lines if line.startswith("rows")]
    assert [line.split("%")[0] for line in rows] == [f"rows: {10 * n} " for n in range(1, 11)]
    epochs = [line for line in lines if line.startswith("train")]
    assert epochs[-1].endswith("epoch=3, loss=4.5") and len(epochs) == 3


def test_a_bar_in_a_terminal() -> None:
    parent, child = pty.openpty()
    program = "from reelgraph.progress import ProgressBar\nfor _ in ProgressBar(range(3)): pass"
    subprocess.run([sys.executable, "-c", program], stderr=child, check=True)
    os.close(child)
    assert b"\r" in os.read(parent, 2**16)


def limited(size: int) -> tuple[int, int]:
    """Files may grow to this size only, which writers see as they see a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    return before


@pytest.mark.parametrize("kind", ["json", "parquet", "safetensors"])
def test_a_full_disk_is_said_and_loses_nothing(tmp_path: Path, kind: str) -> None:
    from safetensors.numpy import save_file

    from reelgraph.artifacts import atomic

    path = tmp_path / f"file.{kind}"
    path.write_text("as before")
    many = np.random.default_rng(1).random(200_000)
    before = limited(100_000)
    try:
        with pytest.raises(ArtifactError, match=r"cannot be written: the disk is full"):
            if kind == "json":
                write_json(path, many.tolist())
            elif kind == "parquet":
                write_parquet(path, pd.DataFrame({"n": many}))
            else:
                with atomic(path) as temporary:
                    save_file({"n": many}, temporary)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert path.read_text() == "as before"
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


@pytest.mark.slow
def test_predictions_on_a_full_disk_stay_those_of_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    split = small_split(tmp_path)
    run = make_run(split, config("ease"))
    run_stage("evaluate", settings_of(split), run, quiet)
    before = run.manifest().stages

    def full(path: Path, frame: pd.DataFrame) -> None:
        raise ArtifactError(f"{path} cannot be written: the disk is full")

    monkeypatch.setattr(prediction, "write_parquet", full)
    with pytest.raises(ArtifactError, match="disk is full"):
        run_stage("predict", settings_of(split), run, quiet, force=True)
    assert run.manifest().stages == before
    monkeypatch.undo()

    def half(path: Path, frame: pd.DataFrame) -> None:
        write_parquet(path, frame)
        raise ArtifactError("full now")

    monkeypatch.setattr(prediction, "write_parquet", half)
    with pytest.raises(ArtifactError, match="full now"):
        run_stage("predict", settings_of(split), run, quiet, force=True)
    assert list(run.manifest().stages) == ["train"]  # of two runs otherwise


def test_too_few_triples_to_hold_out(tmp_path: Path) -> None:
    split = small_split(tmp_path)
    frame = pd.DataFrame({"head": range(7), "relation": "R", "tail": range(7, 14)})
    frame = frame.astype({"head": "int32", "tail": "int32"})
    write_parquet(split.dataset.triples, frame)
    job = TransE()
    for refused in (
        lambda: evaluate_baselines(split, 42),
        lambda: evaluate_method(split, job.method, job.config, TrainingOptions()),
        lambda: run_jobs(None, split, [job], progress=False),
    ):
        with pytest.raises(InputError, match="7 triples are too few"):
            refused()
