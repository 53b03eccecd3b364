"""What ``--full`` adds to the leak audit: trained again, and graph jobs computed again."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pytest
from audited import (
    KnowingNegatives,
    ReadsVectors,
    audited,
    config,
    failed,
    make_run,
    quiet,
    results,
    settings_of,
    small_split,
)
from folder_manifests import job_record

from reelgraph.artifacts import RunFolder, SplitFolder, file_digest, write_parquet
from reelgraph.gds_jobs import fingerprints, runner
from reelgraph.gds_jobs.base import FileJob, FileWork, JobOutput
from reelgraph.gds_jobs.jobs.fastrp import FastRp, FastRpConfig
from reelgraph.gds_jobs.jobs.knowledge import TransE
from reelgraph.gds_jobs.split_graph import read_split_graph
from reelgraph.model.base import FitResult
from reelgraph.model.dataset import load_catalogue
from reelgraph.model.zoo.most_popular import MostPopular
from reelgraph.pipeline.audit.predictions import Difference
from reelgraph.pipeline.audit.retrain import exceeds
from reelgraph.pipeline.run import run_stage
from reelgraph.plugins import manager

TRAINED = {"model trained again with other test rows", "model trained again without test rows"}


class Restless(MostPopular):
    """Does not repeat itself: no seed for the small numbers that it adds."""

    name = "restless"

    def fit(self, data, options):
        super().fit(data, options)
        noise = np.random.default_rng().normal(0, 1e-4, len(self.counts))
        self.counts += noise.astype(np.float32)
        return FitResult()


class RestlessKnowing(Restless, KnowingNegatives):
    """The same, and it draws negatives that know test items, many times its noise."""

    name = "restless-knowing"


class Vectors(FileJob):
    """Item vectors from the numbers of train rows."""

    name: ClassVar[str] = "vectors"
    description: ClassVar[str] = "vectors"
    kind: ClassVar[Any] = "embeddings"

    def compute(self, work: FileWork) -> JobOutput:
        counts = np.bincount(work.inputs.train["item"], minlength=len(work.inputs.item_ids))
        added = self.added(len(counts))
        vectors = list(np.column_stack([counts, counts + added]).astype(np.float32))
        return JobOutput(
            self.kind, pd.DataFrame({"itemId": work.inputs.item_ids, "vector": vectors})
        )

    def added(self, items: int) -> Any:
        return 0


class Wobble(Vectors):
    """Says that it repeats itself, and does not."""

    name: ClassVar[str] = "wobble"

    def added(self, items: int) -> Any:
        return np.random.default_rng().normal(0, 1, items)


class Beside(Vectors):
    """Reads something that is not in its inputs; where it is missing, it fails."""

    name: ClassVar[str] = "beside"
    beside: ClassVar[list[float]] = []

    def added(self, items: int) -> Any:
        return self.beside[0]


@pytest.fixture(autouse=True)
def _toys(monkeypatch: pytest.MonkeyPatch) -> None:
    models = {toy.name: toy for toy in (KnowingNegatives, ReadsVectors, Restless, RestlessKnowing)}
    jobs = {toy.name: toy for toy in (Vectors, Wobble, Beside, TinyTransE)}
    known, known_jobs = {**manager.models(), **models}, {**manager.graph_jobs(), **jobs}
    monkeypatch.setattr(manager, "models", lambda: known)
    monkeypatch.setattr(manager, "graph_jobs", lambda: known_jobs)
    monkeypatch.setattr(Beside, "beside", [1.0])


def made_elsewhere(split: SplitFolder, run: RunFolder, model: type[MostPopular]) -> None:
    """Weights as another machine would make them: not those that training gives here."""
    fitted = model.load(run.model, load_catalogue(split))
    fitted.counts += np.random.default_rng(1).normal(0, 0.05, len(fitted.counts)).astype("f4")
    fitted.save(run.model)
    run_stage("predict", settings_of(split), run, quiet, force=True)


@pytest.mark.parametrize("model", [MostPopular, KnowingNegatives])
@pytest.mark.slow
def test_a_run_that_was_trained_on_another_machine(tmp_path, model):
    """The difference between the machines is no noise, and hides no leak."""
    split = small_split(tmp_path)
    run = make_run(split, config(model.name))
    made_elsewhere(split, run, model)
    report = audited(split, run, full=True)
    found = {row.what: row for row in report.rows}
    if model is KnowingNegatives:
        assert {what for _, what in failed(report)} == TRAINED
    else:
        assert report.passed
        assert all("on this machine" in found[what].evidence for what in TRAINED)
        assert all(found[what].result == "pass" for what in TRAINED)


@pytest.mark.parametrize("model", [Restless, RestlessKnowing])
@pytest.mark.slow
def test_a_model_that_does_not_repeat_itself_is_measured_by_its_own_noise(tmp_path, model):
    split = small_split(tmp_path)
    run = make_run(split, config(model.name))
    found = results(audited(split, run, full=True))
    wanted = "warning" if model is Restless else "fail"
    assert {found[what] for what in TRAINED} == {wanted}


def test_noise_without_a_measure_excuses_nothing():
    assert exceeds(Difference(3, 0.1), Difference(0, 0.0))
    assert exceeds(Difference(3, 0.1), Difference(3, np.inf))
    assert exceeds(Difference(3, np.inf), Difference(3, 0.1))
    assert exceeds(Difference(3, 1.1), Difference(3, 0.1))
    assert not exceeds(Difference(3, 0.9), Difference(3, 0.1))


def job_run(split: SplitFolder, job: type[FileJob]) -> RunFolder:
    """A run of a model that fuses the job's vectors."""
    (name,) = runner.run_jobs(None, split, [job()], progress=False)
    return make_run(split, config("attention-lstm", knowledge="real"), (name,))


@pytest.mark.slow
def test_a_job_that_does_not_repeat_itself_makes_no_leak_of_the_training(tmp_path):
    split = small_split(tmp_path)
    report = audited(split, job_run(split, Wobble), full=True)
    assert report.passed, report.failed
    assert results(report)["output of graph job wobble"] == "not applicable"
    assert {results(report)[what] for what in TRAINED} == {"pass"}


class TinyTransE(TransE):
    """Trained for one epoch."""

    name: ClassVar[str] = "tiny-transe"
    default_config: ClassVar[Any] = {"embedding_size": 4, "epochs": 1}


@pytest.mark.slow
def test_a_slow_job_is_judged_by_its_inputs(tmp_path):
    split = small_split(tmp_path)
    run = job_run(split, TinyTransE)
    report = audited(split, run, full=True)
    assert report.passed, report.failed
    found = {row.what: row for row in report.rows}
    assert found["inputs of graph job tiny-transe"].result == "pass"
    again = found["output of graph job tiny-transe"]
    assert (again.result, again.evidence) == (
        "not applicable",
        "made by a long training: judged by its inputs",
    )


@pytest.mark.parametrize("now", [[1.0], [1.0 + 1e-6], [2.0], []])
@pytest.mark.slow
def test_a_job_that_reads_beside_its_inputs_is_caught(tmp_path, monkeypatch, now):
    """Rounding, as on another machine, is nothing; other values or a failure are."""
    split = small_split(tmp_path)
    run = job_run(split, Beside)
    monkeypatch.setattr(Beside, "beside", now)
    report = audited(split, run, full=True)
    wanted = {(1, "output of graph job beside")} if now in ([2.0], []) else set()
    assert failed(report) == wanted
    if not now:
        assert "it fails: IndexError" in report.failed[0].evidence


@pytest.mark.slow
def test_jobs_on_a_projection_are_judged_by_their_inputs_without_a_server(tmp_path):
    """There are no jars in this workspace: the audit says so and fetches nothing."""
    split = small_split(tmp_path)
    job = FastRp(FastRpConfig(edges="train", embedding_size=4))
    inputs = read_split_graph(split)
    vectors = list(np.ones((len(inputs.item_ids), 4), np.float32))
    path = split.output("embeddings", "fastrp-train")
    write_parquet(path, pd.DataFrame({"itemId": inputs.item_ids, "vector": vectors}))
    record = job_record(
        config=job.config.model_dump(mode="json"),
        file="embeddings/fastrp-train.parquet",
        digest=file_digest(split.output("embeddings", "fastrp-train")),
        edges="train",
        rows=len(vectors),
        fingerprint=fingerprints.job_fingerprint(job, split, inputs),
        gds_version="2",
    )
    split.update(jobs={"fastrp-train": record})
    run = make_run(split, config("reads-vectors", knowledge="real"), ("fastrp-train",))
    report = audited(split, run, full=True)
    assert report.passed
    row = next(row for row in report.rows if row.what == "output of graph job fastrp-train")
    assert row.result == "not applicable"
    assert "no empty server" in row.evidence
