"""``reelgraph audit``, and the label that figures of a failed run carry."""

from __future__ import annotations

import json
from contextlib import nullcontext

import numpy as np
import pandas as pd
import pytest
from audited import (
    StoppingOnTest,
    audited,
    config,
    make_run,
    quiet,
    results,
    settings_of,
    small_split,
)
from click.testing import CliRunner, Result

from reelgraph.artifacts import RunFolder, SplitFolder, read_parquet, write_parquet
from reelgraph.cli.context import Context
from reelgraph.cli.root import main
from reelgraph.model.features.files import write_features
from reelgraph.model.splits.lookup import protocol_of
from reelgraph.pipeline import run as pipeline
from reelgraph.pipeline.run import run_stage
from reelgraph.plugins import manager
from reelgraph.results import verdicts
from reelgraph.results.run_properties import run_properties
from reelgraph.results.verdicts import audit_label


@pytest.fixture
def split(tmp_path) -> SplitFolder:
    return small_split(tmp_path)


@pytest.fixture
def run(split) -> RunFolder:
    return make_run(split, config("ease"))


def invoke(split: SplitFolder, *arguments: str) -> Result:
    workspace = settings_of(split).workspace
    command = ["--workspace", str(workspace), *arguments]
    return CliRunner().invoke(main, command, env={"COLUMNS": "300"})


def plant(run: RunFolder) -> None:
    """Predictions that are not those of the weights."""
    stored = read_parquet(run.predictions)
    write_parquet(run.predictions, stored.assign(score=stored["score"] + np.float32(1)))


def test_a_clean_run(split, run):
    result = invoke(split, "audit")
    assert result.exit_code == 0, result.output
    assert "audit by the files alone" in result.stderr
    assert "no bit differs" in result.stdout
    assert run.manifest().audit.passed is True


@pytest.mark.slow
def test_a_run_that_leaks_is_labelled_wherever_its_figures_are_shown(split, run):
    plant(run)
    result = invoke(split, "audit", run.run_id, "--json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert found["run"] == run.run_id
    assert not found["passed"]
    shown = invoke(split, "evaluate", run.run_id)
    assert "ease (LEAKS)" in shown.stdout
    assert "LEAKS: the run failed its audit (stored predictions)" in shown.stderr
    as_json = json.loads(invoke(split, "evaluate", run.run_id, "--json").stdout)
    assert as_json["audit"]["passed"] is False
    manifest = run.manifest()
    assert run_properties(manifest, split.manifest(), None)["auditPassed"] is False


def test_no_audit_no_verdict(split, run):
    manifest = run.manifest()
    assert "auditPassed" not in run_properties(manifest, split.manifest(), None)
    assert audit_label([None, None]) == "not audited"
    assert audit_label([True, False, None]) == "LEAKS"


@pytest.mark.parametrize("history", ["frozen", "rolling"])
@pytest.mark.slow
def test_features_of_rows_of_which_some_have_no_timestamp(split, history):
    rows = read_parquet(split.dataset.interactions).astype({"timestamp": "Int64"})
    rows.loc[rows.index[::7], "timestamp"] = pd.NA
    write_parquet(split.dataset.interactions, rows)
    write_features(split, protocol_of(split), {"history": history})
    found = audited(split, make_run(split))
    assert found.passed, found.failed
    assert results(found)["features from the past alone"] == "pass"


def test_a_run_without_predictions_cannot_be_audited(split, run):
    run.update(stages={"train": run.manifest().stages["train"]})
    result = invoke(split, "audit", run.run_id)
    assert result.exit_code == 1
    assert f"Do it first: reelgraph predict {run.run_id}" in result.stderr


@pytest.mark.slow
def test_the_stage_is_done_once_while_its_inputs_are_the_same(split, run):
    notes: list[str] = []
    settings = settings_of(split)
    run_stage("audit", settings, run, notes.append)
    run_stage("evaluate", settings, run, quiet)
    run_stage("audit", settings, run, notes.append)
    assert [note.split(" (")[0] for note in notes] == ["audit: passed", "audit: done before"]
    done = run.manifest().stages
    run.update(stages={**done, "writeback": done["train"]})
    run_stage("audit", settings, run, quiet, force=True)
    assert "writeback" in run.manifest().stages, "the same verdict"
    plant(run)
    run_stage("audit", settings, run, notes.append, force=True)
    assert notes[-1].startswith("audit: FAILED, the figures are labelled LEAKS")
    assert "writeback" not in run.manifest().stages, "the graph says something else"
    assert "evaluate" in run.manifest().stages


@pytest.mark.slow
def test_evaluating_needs_no_audit(split, run):
    run_stage("evaluate", settings_of(split), run, quiet)
    assert run.metrics.is_file()


@pytest.mark.slow
def test_a_new_training_is_not_covered_by_an_old_verdict(split, run):
    settings = settings_of(split)
    run_stage("audit", settings, run, quiet)
    assert run.manifest().audit.passed is True
    for stage in ("train", "predict", "evaluate"):
        run_stage(stage, settings, run, quiet, force=stage == "train")
    assert run.manifest().audit is None
    assert "auditPassed" not in run_properties(run.manifest(), split.manifest(), None)
    shown = invoke(split, "evaluate", run.run_id)
    assert f"not audited: reelgraph audit {run.run_id}" in shown.stderr
    assert json.loads(invoke(split, "evaluate", run.run_id, "--json").stdout)["audit"] is None
    run_stage("audit", settings, run, quiet)
    assert run.manifest().audit.passed is True


@pytest.mark.slow
def test_new_predictions_are_not_covered_by_an_old_verdict(split, run):
    settings = settings_of(split)
    run_stage("audit", settings, run, quiet)
    run_stage("evaluate", settings, run, quiet, force=True)
    assert run.manifest().audit.passed is True, "the same predictions"
    run_stage("predict", settings, run, quiet, force=True)
    assert run.manifest().audit is None


@pytest.mark.slow
def test_a_reading_audit_does_not_take_back_what_a_full_one_found(split, monkeypatch):
    known = {**manager.models(), StoppingOnTest.name: StoppingOnTest}
    monkeypatch.setattr(manager, "models", lambda: known)
    run = make_run(split, config(StoppingOnTest.name))
    assert not audited(split, run, full=True).passed
    again = invoke(split, "audit", run.run_id)
    assert again.exit_code == 1
    assert run.manifest().audit.passed is False
    run_stage("train", settings_of(split), run, quiet, force=True)
    run_stage("predict", settings_of(split), run, quiet)
    assert audited(split, run).passed, "another training has no verdict of a full audit"


@pytest.mark.slow
def test_it_says_when_the_graph_says_otherwise(split, run, monkeypatch):
    report = audited(split, run)
    monkeypatch.setattr(Context, "graph_if_there", lambda *_: nullcontext("a graph"))
    monkeypatch.setattr(pipeline, "audit_run", lambda *_, **__: report)
    asked: list[object] = []
    monkeypatch.setattr(verdicts, "told_otherwise", lambda *given: asked.append(given) or ["r-1"])
    result = invoke(split, "audit", run.run_id)
    assert result.exit_code == 0, result.output
    assert "the graph still says otherwise: reelgraph writeback r-1 --again" in result.stderr
    assert asked == [("a graph", run.run_id, True)]
