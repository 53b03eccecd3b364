"""Knowledge-graph embeddings as jobs: outputs, skipping, interruption; listed without torch."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from reelgraph.artifacts import SplitFolder, read_parquet
from reelgraph.cli import main
from reelgraph.gds_jobs import knowledge_training
from reelgraph.gds_jobs.builtin import BUILT_IN_JOBS
from reelgraph.gds_jobs.naming import make_job
from reelgraph.gds_jobs.runner import run_jobs
from reelgraph.model.knowledge.config import METHODS
from reelgraph.model.knowledge.embedding import KnowledgeEmbedding
from reelgraph.testing.small_split import make_split_folder

KNOWN = {job.name: job for job in BUILT_IN_JOBS}
SMALL = {"embedding_size": 8, "epochs": 5}


@pytest.fixture
def split(tmp_path: Path) -> SplitFolder:
    return make_split_folder(tmp_path)


def run(split: SplitFolder, name: str, shuffled: bool = False, **parameters: object) -> str:
    job = make_job(name, KNOWN, {**SMALL, **parameters})
    (done,) = run_jobs(None, split, [job], shuffled=shuffled, progress=False)
    return done


def vectors(split: SplitFolder, name: str) -> np.ndarray:
    return np.stack(read_parquet(split.output("embeddings", name))["vector"].to_list())


@pytest.mark.parametrize("method", METHODS)
def test_a_method_is_a_job_like_any_other(split: SplitFolder, method: str) -> None:
    assert run(split, method) == method
    record = split.manifest().jobs[method]
    assert (record.kind, record.edges) == ("embeddings", "knowledge")
    assert 0 < record.epochs <= 5
    assert vectors(split, method).shape == (14, 16)
    kept = KnowledgeEmbedding.load(split.path / "kge" / method)
    assert kept.method == method and kept.nodes.shape == (22, 8)
    run(split, method)
    assert split.manifest().jobs[method] == record, "it is done"
    run(split, method, seed=7)
    assert split.manifest().jobs[method].fingerprint != record.fingerprint


def test_shuffled_triples_have_vectors_and_a_model_of_their_own(split: SplitFolder) -> None:
    assert run(split, "transe", shuffled=True) == "transe-shuffled"
    assert list(split.manifest().jobs) == ["transe-shuffled"]
    assert (split.path / "kge" / "transe-shuffled").is_dir()
    run(split, "transe")
    assert not np.array_equal(vectors(split, "transe"), vectors(split, "transe-shuffled"))


def test_an_interrupted_training_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, split = make_split_folder(tmp_path / "whole"), make_split_folder(tmp_path / "stopped")
    run(whole, "distmult")
    fit, epochs = knowledge_training.fit, []

    def watched(*arguments: Any) -> Any:
        *data, options = arguments

        def report(row: dict[str, Any]) -> None:
            epochs.append(row["epoch"])
            if epochs == [1, 2]:
                raise KeyboardInterrupt

        return fit(*data, replace(options, report=report))

    monkeypatch.setattr(knowledge_training, "fit", watched)
    with pytest.raises(KeyboardInterrupt):
        run(split, "distmult")
    assert not split.manifest().jobs
    (scratch,) = (split.path / "embeddings").glob(".distmult.*")
    run(split, "distmult")
    assert epochs[2] > 1, "the second training begins where the first one ended"
    assert not scratch.exists()
    np.testing.assert_array_equal(vectors(split, "distmult"), vectors(whole, "distmult"))


@pytest.mark.slow
def test_listing_jobs_needs_no_torch() -> None:
    script = (
        "import sys\n"
        "from reelgraph.cli.kge import defaults\n"
        "from reelgraph.plugins import manager\n"
        "jobs = manager.graph_jobs(); defaults(); [job() for job in jobs.values()]; "
        "print('transe' in jobs, 'torch' in sys.modules, 'sklearn' in sys.modules)"
    )
    command = [sys.executable, "-c", script]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["True", "False", "False"]


def call(split: SplitFolder, *arguments: str, status: int = 0) -> Result:
    workspace = split.dataset.path.parents[1]
    options = ["--workspace", str(workspace), "--device", "cpu", "kge"]
    result = CliRunner().invoke(main, [*options, *arguments])
    assert result.exit_code == status, result.output
    return result


def test_kge_train_and_evaluate(split: SplitFolder) -> None:
    options = ("--set", "epochs=1", "--set", "embedding_size=4", "--json")
    rows = json.loads(call(split, "train", "transe", "complex", "--seed", "3", *options).stdout)
    assert [row["output"] for row in rows] == ["transe", "complex"]
    assert set(rows[0]) == {"output", "epochs", "rows", "seconds", "file"}
    assert split.manifest().jobs["transe"].config["seed"] == 3
    found = json.loads(call(split, "evaluate", "transe", *options).stdout)
    assert list(found) == ["chance", "degree", "transe"]
    assert set(found["transe"]) == {"epochs", "mrr", "hits@1", "hits@3", "hits@10"}
    refused = call(split, "train", "rotate", status=2).stderr
    assert "there is no method 'rotate'" in refused and "transe, distmult, complex" in refused
    refused = call(split, "train", "transe", "--set", "embedding_size=3", status=2).stderr
    assert "parameter embedding_size of job transe" in refused and "must be even" in refused
