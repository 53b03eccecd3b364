"""What the write-back reads: properties, checks of run folders, slots, phrases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from folder_manifests import (
    change,
    job_record,
    model_metrics,
    run_manifest,
    split_manifest,
)

from reelgraph.artifacts import (
    DatasetFolder,
    RunFolder,
    SplitFolder,
    write_json,
    write_manifest,
    write_parquet,
)
from reelgraph.cli.reasons import explanation_lines, recommendation_lines, titled
from reelgraph.errors import ArtifactError, DatabaseError
from reelgraph.results.run_files import read_run
from reelgraph.results.run_graph import GraphRun
from reelgraph.results.run_properties import metric_properties, metric_property, run_properties
from reelgraph.results.sentences import shared_phrases, word
from reelgraph.results.vectors import free_slot


def test_metric_names_are_properties() -> None:
    assert metric_property("precision@10") == "precisionAt10"
    assert metric_property("sum_rr@10") == "sumReciprocalRankAt10"
    assert metric_property("hr@1") == "hitRateAt1"
    assert metric_property("novelty") == "novelty"


def test_metrics_become_flat_means() -> None:
    report = model_metrics({"precision@10": 0.2}, **{"gini@10": 0.9})
    assert metric_properties(report) == {"precisionAt10": 0.2, "giniAt10": 0.9}


def test_run_properties_leave_out_what_is_not_known() -> None:
    manifest = run_manifest(split="all", protocol="all", config={"a": 1})
    properties = run_properties(manifest, split_manifest(protocol="all"), None)
    assert {"label", "auditPassed", "precisionAt10"}.isdisjoint(properties)
    assert properties["config"] == '{"a": 1}'
    assert properties["metrics"] == "{}"
    assert properties["protocol"] == "all"
    assert properties["order"] == "time, ties by the source's row order"
    assert properties["task"] == "ranking"
    assert "order" not in run_properties(manifest, None, None)


# --- folders --------------------------------------------------------------------------


@pytest.fixture
def split(tmp_path: Path) -> SplitFolder:
    split = DatasetFolder(tmp_path / "datasets" / "abc").split("user-time")
    folds = {1: "train", 2: "valid", 3: "test"}
    rows = [{"user": "u", "item": f"i{n}", "seq": n, "fold": fold} for n, fold in folds.items()]
    write_parquet(split.split, pd.DataFrame(rows))
    write_manifest(split.path, split_manifest())
    return split


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    run = RunFolder(tmp_path / "runs" / "ease-1")
    write_manifest(run.path, run_manifest())
    predict(run)
    return run


def predict(run: RunFolder, **columns: Any) -> None:
    row = {"user": ["u", "u"], "item": ["i3", "i4"], "rank": [1, 101], "score": [2.0, 1.0]}
    write_parquet(run.predictions, pd.DataFrame(row | columns))


def test_predictions_alone_are_a_run_and_are_cut_to_the_top(
    run: RunFolder, split: SplitFolder
) -> None:
    files = read_run(run, split)
    assert files.recommended["item"].tolist() == ["i3"]  # a test item stays a candidate
    assert files.attended.empty
    assert files.similar.empty
    assert files.vectors is None
    assert files.user_ids() == ["u"]
    assert (files.task, files.parent_id) == ("ranking", None)


def test_what_a_run_predicts_is_its_digest_and_no_figure_is(
    run: RunFolder, split: SplitFolder
) -> None:
    before = read_run(run, split).digest
    write_json(run.metrics, {"models": {}})  # as a later evaluation does
    assert read_run(run, split).digest == before
    predict(run, score=[3.0, 1.0])
    assert read_run(run, split).digest != before


def make_similar(split: SplitFolder, name: str, rows: dict[str, Any], method: str) -> None:
    """Output and record of a similarity job; its fingerprint is its name."""
    path = split.output("similarity", name)
    write_parquet(path, pd.DataFrame(rows))
    file = str(path.relative_to(split.path))
    record = job_record(kind="similarity", file=file, method=method, fingerprint=name)
    split.update(jobs={**split.manifest().jobs, name: record})


def test_similar_pairs_of_the_runs_jobs_are_read_once(run: RunFolder, split: SplitFolder) -> None:
    rows = {"itemId": ["b", "a", "c"], "otherId": ["a", "b", "c"], "score": [0.5, 0.7, 1.0]}
    make_similar(split, "knn", rows, "knn of fastrp vectors")
    make_similar(split, "node-similarity", rows, "node similarity (jaccard)")
    assert read_run(run, split).similar.empty  # the run did not ask for them
    change(run, jobs={"knn": "knn"}, similarities=("knn",))
    pair = {"itemId": "a", "otherId": "b", "score": 0.7}
    one = [{**pair, "method": "knn of fastrp vectors"}]
    assert read_run(run, split).similar.to_dict("records") == one
    before = read_run(run, split).digest
    both = {"knn": "knn", "node-similarity": "node-similarity"}
    change(run, jobs=both, similarities=tuple(both))
    two = [*one, {**pair, "method": "node similarity (jaccard)"}]
    assert read_run(run, split).similar.to_dict("records") == two
    assert read_run(run, split).digest != before


def test_a_similarity_job_that_was_run_otherwise_is_not_written(
    run: RunFolder, split: SplitFolder
) -> None:
    make_similar(split, "knn", {"itemId": ["a"], "otherId": ["b"], "score": [1.0]}, "knn")
    change(run, jobs={"knn": "as it was"}, similarities=("knn",))
    with pytest.raises(ArtifactError, match=r"job knn, which .* was made with other parameters"):
        read_run(run, split)
    split.update(jobs={})
    with pytest.raises(ArtifactError, match=r"job knn, which .* is gone"):
        read_run(run, split)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"item": ["i2", "i4"]}, "user u, item i2 is in the user's history"),
        (
            {"evidenceIds": [["i1", "i3"], ["i1"]]},
            "user u, item i3 is evidence, but not in the user's history",
        ),
    ],
)
def test_predictions_against_the_history_are_refused(
    run: RunFolder, split: SplitFolder, columns: dict[str, Any], said: str
) -> None:
    predict(run, **columns)
    with pytest.raises(ArtifactError, match=said):
        read_run(run, split)


def test_attention_outside_the_history_is_refused(run: RunFolder, split: SplitFolder) -> None:
    rows = {"user": ["u"], "item": ["i3"], "weight": [1.0], "rank": [1]}
    write_parquet(run.attention, pd.DataFrame(rows))
    with pytest.raises(ArtifactError, match=r"attention.*item i3 is not in the user's history"):
        read_run(run, split)


def test_damaged_folders_are_refused(run: RunFolder, split: SplitFolder) -> None:
    write_parquet(run.predictions, pd.DataFrame({"user": ["u"], "rank": [1]}))
    with pytest.raises(ArtifactError, match="column item, score is missing"):
        read_run(run, split)
    run.predictions.write_bytes(b"PAR1 half")
    with pytest.raises(ArtifactError, match="cannot be read"):
        read_run(run, split)
    run.predictions.unlink()
    with pytest.raises(ArtifactError, match="does not exist"):
        read_run(run, split)


def test_ranks_with_a_gap_are_refused(run: RunFolder, split: SplitFolder) -> None:
    predict(run, rank=[1, 3])
    with pytest.raises(ArtifactError, match="ranks of user u are not 1, 2"):
        read_run(run, split)


def test_vectors_of_two_dimensions_are_refused(run: RunFolder, split: SplitFolder) -> None:
    users = {"user": ["u"], "historyLength": [2], "vector": [[1.0, 0.0]]}
    write_parquet(run.vectors / "users.parquet", pd.DataFrame(users))
    items = {"item": ["i1"], "vector": [[1.0, 0.0, 0.0]]}
    write_parquet(run.vectors / "items.parquet", pd.DataFrame(items))
    with pytest.raises(ArtifactError, match=r"dimensions \[2, 3\]"):
        read_run(run, split)


# --- slots ----------------------------------------------------------------------------


def graph_run(run_id: str, slot: str | None, status: str = "ready", active: bool = False) -> Any:
    properties = {"runId": run_id, "status": status}
    return GraphRun(properties | ({"slot": slot} if slot else {}), active, None, False)


def test_the_active_runs_slot_is_never_taken() -> None:
    active = graph_run("a", "A", active=True)
    assert free_slot([], "n") == "A"
    assert free_slot([active], "n") == "B"
    assert free_slot([active, graph_run("k", "B", "kept")], "n") == "B"
    assert free_slot([graph_run("k", "A", "kept")], "n") == "B"
    assert free_slot([graph_run("n", "B", "writing")], "n") == "B"
    with pytest.raises(DatabaseError, match="both vector slots"):
        free_slot([active, graph_run("b", "B", active=True)], "n")


def test_what_may_be_removed() -> None:
    assert not graph_run("a", None, active=True).removable
    assert not graph_run("a", None, "kept").removable
    assert graph_run("a", None).removable
    assert graph_run("a", None, "writing").removable
    parent = GraphRun({"runId": "p", "status": "archived"}, False, None, True)
    assert not parent.removable


# --- phrases --------------------------------------------------------------------------


def shares(name: str | None, here: str, there: str | None) -> dict[str, Any]:
    return {"name": name, "here": here, "there": there}


def test_words_for_relationship_types() -> None:
    assert [word(one) for one in ("DIRECTED", "HAS_GENRE", "IN_GENRE", "MADE_WITH")] == [
        "director",
        "genre",
        "genre",
        "made with",
    ]


def test_what_two_items_share_in_words() -> None:
    shared = [
        shares("Ann", "DIRECTED", "DIRECTED"),
        shares("Ann", "DIRECTED", "WROTE"),
        shares("Bob", "ACTED_IN", "DIRECTED"),
        shares("Drama", "HAS_GENRE", "HAS_GENRE"),
        shares("War", "HAS_GENRE", "HAS_GENRE"),
        shares(None, "HAS_SEQUEL", None),
    ]
    assert shared_phrases(shared) == [
        "same director: Ann",
        "same genre: Drama, War",
        "same series",
        "Bob (actor, director)",
    ]


def test_titles() -> None:
    assert titled({"itemId": 1, "title": "Alien", "year": 1979}) == "Alien (1979)"
    assert titled({"itemId": 1, "title": "Alien (1979)", "year": 1979}) == "Alien (1979)"
    assert titled({"itemId": 1, "title": None, "year": None}) == "1"


def test_lines_fit_the_width() -> None:
    why = {
        "itemId": 2,
        "title": "A title " * 20,
        "contribution": -0.5,
        "weight": 0.25,
        "rating": 4.0,
        "seq": 7,
        "shared": [shares("Somebody " * 20, "DIRECTED", "DIRECTED")],
    }
    row = {"rank": 1, "itemId": 1, "title": "T" * 100, "score": 3.25, "because": [why]}
    lines = [*recommendation_lines([row]), *explanation_lines({**row, "evidence": [why]})]
    assert max(map(len, lines)) == 80
    assert lines[0].endswith("… 3.250")
    assert lines[1].endswith(" -0.500")
    assert any("attention 25.0%, number 7 in the history" in line for line in lines)
    assert any("…, rated 4 " in line for line in lines)
    assert list(explanation_lines({**row, "evidence": []}))[1] == (
        "     the model gives no evidence"
    )
