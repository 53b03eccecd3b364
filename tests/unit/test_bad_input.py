"""What training gets that it cannot use, or that is odd: refused with what to do, or answered."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from audited import SMALL, config, make_run, quiet, settings_of, small_split

from reelgraph.artifacts import RunFolder, SplitFolder, read_parquet, write_parquet
from reelgraph.errors import ArtifactError
from reelgraph.model.base import TrainingOptions
from reelgraph.model.data import Catalogue, interactions_from_frame
from reelgraph.model.dataset import load_catalogue
from reelgraph.model.needs import NOTHING, TrainingData
from reelgraph.pipeline.run import begin_run, run_stage
from reelgraph.plugins.registry import PluginManager

MODELS = PluginManager(installed=False).models()
BY_PATHS = {"rkan", "rkge"}  # they cannot do without paths: tests/unit/test_model_paths.py
ALONE = sorted(
    name
    for name, one in MODELS.items()
    if one.provides & {"ranking", "rating"} and name not in BY_PATHS
)


def with_vectors(folder: Path, values: np.ndarray) -> SplitFolder:
    """A split whose job fastrp made these vectors of three numbers."""
    split = small_split(folder)
    ids = load_catalogue(split).item_ids
    vectors = [np.full(3, value, np.float32) for value in np.resize(values, len(ids))]
    frame = pd.DataFrame({"itemId": ids, "vector": vectors})
    write_parquet(split.output("embeddings", "fastrp"), frame)
    return split


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_vectors_that_are_no_numbers_are_named(tmp_path: Path, value: float) -> None:
    split = with_vectors(tmp_path, np.array([1, 2, value, 4, 5, 6, 7]))
    third = load_catalogue(split).item_ids[2]
    with pytest.raises(ArtifactError) as refused:
        make_run(split, config("attention-lstm", knowledge="real"), ("fastrp",))
    assert "graph job 'fastrp' have values that are not finite numbers" in refused.value.message
    assert f"2 items, such as item {third} (" in refused.value.message
    assert "make it again: reelgraph gds run fastrp;" in str(refused.value.hint)


def test_vectors_that_are_all_alike_tell_nothing_and_do_no_harm(tmp_path: Path) -> None:
    split = with_vectors(tmp_path, np.ones(1))
    run = make_run(split, config("attention-lstm", knowledge="real"), ("fastrp",))
    assert np.isfinite(read_parquet(run.predictions)["score"]).all()


@pytest.mark.parametrize("name", ALONE)
def test_a_user_with_one_event_an_item_nobody_has_and_a_user_without_any(name: str) -> None:
    """Every model is fitted, and answers each of them with finite numbers."""
    rows = [(1, 0), (2, 0), (2, 1), (3, 1), (3, 2), (3, 0), (4, 2), (4, 3)]
    frame = pd.DataFrame(rows, columns=["user", "item"])
    frame["seq"] = frame.groupby("user").cumcount() + 1
    frame = frame.assign(timestamp=1000 + 86400 * frame["seq"], rating=1.0 + frame["item"])
    catalogue = Catalogue(np.arange(6))  # nobody has 4 and 5
    train = interactions_from_frame(frame, catalogue, np.arange(1, 6))  # user 5 has nothing
    cls = MODELS[name]
    if any(need.required for need in cls.needs(cls.config_class())):
        pytest.fail(f"{name} needs more than interactions; supply it here")
    model = cls(cls.config_class(**few(cls.config_class.model_fields)))
    model.fit(TrainingData(train, None, NOTHING), TrainingOptions(epochs=2))
    asked = [train.query(0), train.query(4)]
    assert np.isfinite(model.score(asked)).all()
    if "rating" in model.provides:
        found = model.predict_rating(asked, [np.array([4, 5])] * 2)
        assert all(((one >= 1) & (one <= 4)).all() for one in found)


def few(fields: object) -> dict[str, int]:
    """Options that make a fit short, of those that a model has."""
    wanted = {**SMALL, "sweeps": 20, "burn_in": 5}
    return {name: value for name, value in wanted.items() if name in fields}  # type: ignore[operator]


_TRAIN = """
import sys, resource
from pathlib import Path
sys.path[:0] = sys.argv[1:3]
from audited import quiet
from reelgraph.artifacts import RunFolder
from reelgraph.pipeline.run import run_stage
from reelgraph.settings import Settings

workspace, run, size = Path(sys.argv[3]), Path(sys.argv[4]), int(sys.argv[5])
if size:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
run_stage("train", Settings(workspace=workspace), RunFolder(run), quiet)
"""


def training(split: SplitFolder, run: RunFolder, size: int = 0) -> subprocess.Popen[str]:
    """A process that trains a run.

    :param size: bytes that a file may grow to, which writers see as they see a full disk.
    """
    here = Path(__file__).parent
    places = [here, here.parent, settings_of(split).workspace, run.path, size]
    return subprocess.Popen(
        [sys.executable, "-c", _TRAIN, *map(str, places)],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )


def test_a_disk_that_is_full_when_the_model_is_saved(tmp_path: Path) -> None:
    split = small_split(tmp_path)
    made = config("ials", options={"factors": 1024, "sweeps": 2})
    run = begin_run(settings_of(split), split, made, quiet)
    process = training(split, run, size=20_000)
    _, said = process.communicate(timeout=300)
    assert process.returncode == 1
    assert "weights.safetensors cannot be written: the disk is full" in said
    assert "give the same command again" in said
    assert [path for path in run.path.rglob("*") if path.suffix in (".tmp", ".safetensors")] == []
    assert not (run.model / "config.json").exists() and not run.manifest().stages
    run_stage("train", settings_of(split), run, quiet)
    assert list(run.manifest().stages) == ["train"]


def test_a_run_is_trained_by_one_process_at_a_time(tmp_path: Path) -> None:
    split = small_split(tmp_path)
    made = config("attention-lstm", options={**SMALL, "epochs": 100_000})
    run = begin_run(settings_of(split), split, made, quiet)
    process = training(split, run)
    try:
        until = time.monotonic() + 240
        while not list(run.model.glob("history-*.jsonl")) and time.monotonic() < until:
            assert process.poll() is None, process.stderr and process.stderr.read()
            time.sleep(0.1)
        with pytest.raises(ArtifactError) as refused:
            run_stage("train", settings_of(split), run, quiet)
    finally:
        process.kill()
        process.communicate()
    assert refused.value.message == f"another process works on run {run.run_id}"
    assert "Wait for it to finish" in str(refused.value.hint)
    assert not run.manifest().stages
