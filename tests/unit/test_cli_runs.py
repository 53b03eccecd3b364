"""Which run or split a command takes, and runs as their folders show them; no server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from audited import config, make_run, quiet, settings_of, small_split
from click.testing import CliRunner, Result
from folder_manifests import change, stages

from reelgraph.artifacts import MANIFEST, RunFolder, SplitFolder, write_json
from reelgraph.cli.root import main
from reelgraph.cli.tables import print_table
from reelgraph.model.splits.lookup import bound
from reelgraph.model.splits.splitting import write_split
from reelgraph.pipeline.identity import open_run
from reelgraph.pipeline.run import run_stage
from reelgraph.results.run_ids import named

_TYPING_ERROR = """
import sys
from reelgraph.cli import main
try:
    main()
finally:
    print("torch" in sys.modules)
"""


@pytest.fixture
def split(tmp_path: Path) -> SplitFolder:
    return small_split(tmp_path)


def call(split: SplitFolder, *arguments: str, answer: str = "") -> Result:
    command = ["--workspace", str(settings_of(split).workspace), *arguments]
    nowhere = {"NEO4J_URI": "bolt://127.0.0.1:1", "NEO4J_PASSWORD": "x"}
    return CliRunner().invoke(main, command, env={"COLUMNS": "200", **nowhere}, input=answer)


def begun(split: SplitFolder, model: str = "ease", **values: object) -> RunFolder:
    """A run that failed at once: nothing but its manifest."""
    return open_run(settings_of(split), split, config(model, **values), [])


def evaluated(split: SplitFolder, model: str = "ease") -> RunFolder:
    run = make_run(split, config(model))
    run_stage("evaluate", settings_of(split), run, quiet)
    return run


def newer(run: RunFolder) -> None:
    """Make the run the one that was changed last, whatever the clock of the disk."""
    later = max(path.stat().st_mtime for path in run.path.parent.glob(f"*/{MANIFEST}")) + 5
    os.utime(run.path / MANIFEST, (later, later))


def test_the_split_exported_last_is_the_default(split: SplitFolder) -> None:
    other = write_split(split.dataset, bound("leave-one-out"))
    write_split(split.dataset, bound("user-time"))  # it is there already: exported again
    trained = call(split, "train", "--model", "most-popular", "--knowledge", "none")
    assert trained.exit_code == 0, trained.output
    told = f"split user-time of data set {split.dataset.fingerprint}, exported last"
    assert told in trained.stderr
    write_json(other.exported, {"exportedAt": "2099-01-01T00:00:00+00:00"})
    assert "split leave-one-out of" in call(split, "train", "--model", "most-popular").stderr


@pytest.mark.slow
def test_an_unknown_split_is_refused_before_anything_is_imported(split: SplitFolder) -> None:
    """Importing torch takes seconds, and a typing error should not."""
    workspace = str(settings_of(split).workspace)
    command = [sys.executable, "-c", _TYPING_ERROR, "--workspace", workspace]
    done = subprocess.run(
        [*command, "train", "--split", "nosuch"], capture_output=True, text=True, check=False
    )
    assert "there is no split nosuch" in done.stderr
    assert f"user-time of {split.dataset.fingerprint}" in done.stderr
    assert done.stdout.strip() == "False"


def test_a_run_that_failed_is_no_default(split: SplitFolder) -> None:
    done = make_run(split)
    newer(begun(split, "most-popular"))
    result = call(split, "predict")
    assert f"run {done.run_id}, worked on last of those that have finished train" in result.stderr
    assert "predict: done before" in result.stderr


def test_without_a_finished_run_the_next_step_is_named(split: SplitFolder) -> None:
    run = begun(split)
    result = call(split, "predict")
    assert result.exit_code == 1
    assert "has finished train" in result.stderr
    assert f"reelgraph train {run.run_id}" in result.stderr


def test_train_goes_on_with_a_run(split: SplitFolder) -> None:
    run = begun(split)
    early = call(split, "predict", run.run_id)
    assert f"Do it first: reelgraph train {run.run_id}" in early.stderr
    result = call(split, "train", run.run_id)
    assert result.stdout == f"{run.run_id}\n", result.output
    assert "train" in run.manifest().stages
    refused = call(split, "train", run.run_id, "--model", "ease")
    assert refused.exit_code == 2
    assert "has its split and options already" in refused.stderr


def test_train_refuses_a_run_whose_graph_jobs_were_redone(split: SplitFolder) -> None:
    run = begun(split)
    change(run, jobs={"fastrp": "made-before"})
    result = call(split, "train", run.run_id)
    assert result.exit_code == 1
    assert "another output of graph job fastrp" in result.stderr


@pytest.mark.parametrize("text", ["ease-user", "digest", "whole"])
@pytest.mark.slow
def test_the_beginning_of_an_id_or_of_its_digest_is_enough(split: SplitFolder, text: str) -> None:
    run = evaluated(split)
    digest = run.run_id.rpartition("-")[2]
    typed = {"digest": digest[:4], "whole": run.run_id}.get(text, text)
    shown = json.loads(call(split, "runs", "show", typed, "--json").stdout)
    assert shown["runId"] == run.run_id
    assert call(split, "evaluate", typed).exit_code == 0


def test_what_fits_several_runs_is_refused(split: SplitFolder) -> None:
    runs = [begun(split, seed=seed) for seed in (1, 2)]
    for command in (["predict", "ease"], ["runs", "show", "ease"]):
        result = call(split, *command)
        assert "'ease' fits 2 runs" in result.stderr
        assert all(run.run_id in " ".join(result.stderr.split()) for run in runs)
    assert named("", ["a-1"]) == []
    assert named("a-1", ["a-1", "a-11"]) == ["a-1"]


@pytest.mark.slow
def test_runs_on_disk_are_listed_with_their_figures_without_a_server(split: SplitFolder) -> None:
    run, failed = evaluated(split), begun(split, "most-popular")
    result = call(split, "runs", "list", "--json")
    assert "by the folders alone" in result.stderr
    rows = {row["runId"]: row for row in json.loads(result.stdout)}
    report = json.loads(run.metrics.read_text())["models"]["ease"]["metrics"]
    assert rows[run.run_id]["precisionAt10"] == report["precision@10"]["mean"]
    assert rows[run.run_id]["status"] == "on disk"
    assert rows[failed.run_id]["status"] == "unfinished"
    shown = call(split, "runs", "show", run.run_id).stdout
    assert "sumReciprocalRankAt10" in shown
    assert "train, predict, evaluate" in shown


@pytest.mark.slow
def test_a_folder_of_another_version_spoils_no_list(split: SplitFolder) -> None:
    run, odd = evaluated(split), begun(split, "most-popular")
    write_json(odd.path / MANIFEST, {"schemaVersion": 99})
    rows = {row["runId"]: row for row in json.loads(call(split, "runs", "list", "--json").stdout)}
    assert rows[odd.run_id]["status"] == "unreadable"
    assert rows[run.run_id]["status"] == "on disk"
    newer(odd)
    assert call(split, "evaluate").exit_code == 0


def test_run_ids_are_whole_in_a_narrow_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        {"runId": name, "status": "active, kept", "P@10": 0.25, "audit": "not audited"}
        for name in ("attention-lstm-leave-one-out-1a2b3c4d", "ease-user-time-train0.9-1a2b3c4d")
    ]
    for columns in (40, 60, 80, 200):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("COLUMNS", str(columns))
            print_table(rows, "Runs", whole="runId")
        printed = capsys.readouterr().out
        assert all(row["runId"] in printed and "0.25" in printed for row in rows)


@pytest.mark.slow
def test_failed_runs_are_deleted_from_disk(split: SplitFolder) -> None:
    run, failed = evaluated(split), begun(split, "most-popular")
    kept = call(split, "runs", "delete", failed.run_id, "--files", answer="n\n")
    assert kept.exit_code == 1 and failed.path.is_dir()
    gone = call(split, "runs", "delete", failed.run_id, "--files", "--yes")
    assert gone.exit_code == 0, gone.output
    assert not failed.path.exists() and run.path.is_dir()
    run.update(stages={**run.manifest().stages, **stages("writeback")})
    refused = call(split, "runs", "delete", run.run_id, "--files", "--yes")
    assert "no server answers to say whether it is in use" in " ".join(refused.stderr.split())
    assert run.path.is_dir()
    assert call(split, "runs", "delete", run.run_id, "--files", "--yes", "--force").exit_code == 0
    assert not run.path.exists()
