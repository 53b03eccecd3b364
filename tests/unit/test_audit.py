"""The leak audit: clean runs raise nothing, and six planted leaks are caught."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from audited import (
    KnowingNegatives,
    Rates,
    ReadsFeatures,
    ReadsVectors,
    StoppingOnTest,
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
from hypothesis import given, settings
from hypothesis import strategies as st

from reelgraph.artifacts import file_digest, read_parquet, write_parquet
from reelgraph.gds_jobs import fingerprints, runner, split_graph
from reelgraph.gds_jobs.jobs.fastrp import FastRp, FastRpConfig
from reelgraph.gds_jobs.jobs.metapath_walks import MetapathConfig, MetapathWalks
from reelgraph.gds_jobs.jobs.walk_vectors import WalkVectors, WalkVectorsConfig
from reelgraph.model.features import builder as features
from reelgraph.model.features.files import load_rows, write_features
from reelgraph.model.splits.lookup import bound, protocol_of
from reelgraph.model.splits.protocols.seed_leaky import LEAKS
from reelgraph.model.splits.splitting import make_split
from reelgraph.pipeline.audit.copies import other_test, without_test
from reelgraph.pipeline.audit.future_events import later_share
from reelgraph.pipeline.run import run_stage
from reelgraph.plugins import manager
from reelgraph.testing.small_split import interactions

PREDICTIONS = (1, "predictions without the test rows")
TRAINED = (1, "model trained again with other test rows")
PAST = (2, "features from the past alone")
STORED = (2, "stored features")
SPLITS: list[tuple[str, dict[str, Any]]] = [
    ("user-time", {}),
    ("leave-one-out", {}),
    ("global-time", {"targets": "last"}),
    ("global-time", {"targets": "successive"}),
    ("global-time", {"targets": "all"}),
]


@pytest.fixture(autouse=True)
def _toys(monkeypatch: pytest.MonkeyPatch) -> None:
    toys = {
        toy.name: toy
        for toy in (KnowingNegatives, ReadsFeatures, ReadsVectors, StoppingOnTest, Rates)
    }
    known = {**manager.models(), **toys}
    monkeypatch.setattr(manager, "models", lambda: known)


@pytest.mark.parametrize(("protocol", "parameters"), SPLITS)
@pytest.mark.slow
def test_a_clean_run_raises_nothing(tmp_path, protocol, parameters):
    split = small_split(tmp_path, protocol, **parameters)
    if parameters.get("targets") in (None, "last"):  # features are those of the cut
        write_features(split, protocol_of(split), {})
    report = audited(split, make_run(split))
    assert report.passed
    assert not [row for row in report.rows if row.result == "warning"]
    assert {row.check for row in report.rows} == {1, 2, 3, 4, 5}
    later = [row for row in report.rows if row.check == 5]
    assert "check 1" in later[0].evidence
    assert all(row.result == "pass" for row in later)
    assert len(later) == (2 if parameters.get("targets", "all") != "all" else 1)


@pytest.mark.slow
def test_a_user_without_the_right_to_make_links_gets_copies(tmp_path, monkeypatch):
    """As on Windows, which gives it to administrators and developers alone."""

    def refuse(link: Path, target: Path) -> None:
        raise OSError(22, "a required privilege is not held by the client", str(link))

    monkeypatch.setattr(Path, "symlink_to", refuse)
    split = small_split(tmp_path)
    before = split.split.read_bytes(), split.dataset.interactions.read_bytes()
    assert audited(split, make_run(split, config("ease")), full=True).passed
    assert (split.split.read_bytes(), split.dataset.interactions.read_bytes()) == before


@pytest.mark.parametrize("model", ["ease", "most-popular", "attention-lstm"])
@pytest.mark.parametrize("protocol", ["user-time", "leave-one-out", "global-time"])
@pytest.mark.slow
def test_other_test_rows_change_nothing_that_a_built_in_model_predicts(tmp_path, model, protocol):
    """The rule of the protocols: hyper-parameters, epochs and weights never see test labels."""
    split = small_split(tmp_path, protocol)
    run = make_run(split, config(model))
    report = audited(split, run, full=True)
    assert report.passed, report.failed
    found = results(report)
    assert found[TRAINED[1]] == found["model trained again without test rows"] == "pass"
    assert found[PREDICTIONS[1]] == "pass"
    assert run.manifest().audit.full


BASELINES: dict[str, dict[str, object]] = {
    "bayesian-svd++": {"sweeps": 12, "burn_in": 4},
    "bpr-mf": {"epochs": 2},
    "cke": {"epochs": 2, "factors": 8, "hidden_size": 8},
    "drifting-svd++": {"sweeps": 12, "burn_in": 4},
    "ease-recency": {},
    "graphlf": {"epochs": 2, "factors": 8},
    "heterec": {"factors": 4, "clusters": 2},
    "heters": {},
    "ials": {"factors": 8, "sweeps": 2},
    "item-knn": {},
    "libfm": {"epochs": 2, "factors": 8},
    "lightgcn": {"epochs": 2, "embedding_size": 8},
    "lru-rec": {"epochs": 2, "embedding_size": 8},
    "random": {},
    "recent-popular": {},
    "sasrec": {"epochs": 2, "embedding_size": 8},
    "svd": {"epochs": 2},
    "svd++": {"epochs": 2},
    "user-knn": {},
}


@pytest.mark.parametrize("model", BASELINES)
@pytest.mark.parametrize("protocol", ["user-time", "global-time"])
@pytest.mark.slow
def test_a_baseline_passes_the_whole_audit(tmp_path, model, protocol):
    split = small_split(tmp_path, protocol)
    run = make_run(split, config(model, options=BASELINES[model]))
    report = audited(split, run, full=True)
    assert report.passed, report.failed
    assert results(report)[PREDICTIONS[1]] == "pass"


@pytest.mark.slow
def test_rolling_features_see_test_rows_before_an_event_and_nothing_else(tmp_path):
    split = small_split(tmp_path)
    write_features(split, protocol_of(split), {"history": "rolling"})
    report = audited(split, make_run(split))
    assert report.passed
    assert results(report)["features without the test rows"] == "not applicable"
    assert results(report)[PAST[1]] == "pass"


def test_what_does_not_apply_is_said(tmp_path):
    split = small_split(tmp_path, "random")
    report = audited(split, make_run(split, config("rates")))
    rows = {row.what: row for row in report.rows}
    assert report.passed
    assert report.label.startswith("optimistic")
    assert rows["predictions without what is later"].result == "not applicable"
    assert "random" in rows["predictions without what is later"].evidence
    assert "10 ratings" not in rows[PREDICTIONS[1]].evidence
    assert "ratings" in rows[PREDICTIONS[1]].evidence


def test_a_refit_has_no_test_rows(tmp_path):
    split = small_split(tmp_path, "all")
    report = audited(split, make_run(split, config(epochs=1)), full=True)
    assert report.passed
    assert results(report)[TRAINED[1]] == "not applicable"


@pytest.mark.parametrize("tests", [1, 3])
@pytest.mark.slow
def test_no_linear_fit_of_test_ratings_that_do_not_vary(tmp_path, tests):
    split = small_split(tmp_path)
    rows, folds = read_parquet(split.dataset.interactions), read_parquet(split.split)
    write_parquet(
        split.dataset.interactions, rows.assign(rating=3.0 if tests > 1 else rows["rating"])
    )
    place = np.flatnonzero(folds["fold"] == "test")[tests:]
    write_parquet(
        split.split, folds.assign(fold=folds["fold"].mask(folds.index.isin(place), "train"))
    )
    write_features(split, protocol_of(split), {})
    row = next(row for row in audited(split, make_run(split)).rows if row.check == 3)
    assert row.result == "not applicable"
    assert "nan" not in row.evidence.lower()


def test_given_files_have_no_cut(tmp_path):
    rows = interactions()
    train = rows[rows["seq"] < 7]
    train.to_csv(tmp_path / "train.csv", index=False, columns=["user", "item", "rating"])
    rows[rows["seq"] >= 7].to_csv(
        tmp_path / "test.csv", index=False, columns=["user", "item", "rating"]
    )
    files = {"train": str(tmp_path / "train.csv"), "test": str(tmp_path / "test.csv")}
    split = small_split(tmp_path, "given", **files)
    report = audited(split, make_run(split))
    assert report.passed
    assert results(report)["predictions without what is later"] == "not applicable"


@pytest.mark.slow
def test_seed_leaky_is_labelled_and_fails(tmp_path):
    split = small_split(tmp_path, "seed-leaky")
    write_features(split, protocol_of(split), {})
    report = audited(split, make_run(split, config("rates")))
    assert report.label == LEAKS
    assert PAST in failed(report)


# the six planted leaks


@pytest.mark.slow
def test_leak_of_a_rating_minus_the_movies_mean(tmp_path):
    """Planted in the stored table: a column that nobody can compute from the past."""
    split = small_split(tmp_path)
    write_features(split, protocol_of(split), {})
    path = split.path / "features" / "events.parquet"
    rows = load_rows(split)
    mean = rows.groupby("item")["rating"].transform("mean")
    planted = (rows["rating"] - mean).astype("float32")
    write_parquet(path, read_parquet(path).assign(rating_minus_mean=planted))
    report = audited(split, make_run(split, config(ReadsFeatures.name)))
    assert failed(report) == {STORED}
    assert "rating_minus_mean" in report.failed[0].evidence
    report = audited(split, make_run(split))
    assert report.passed, "this model has not read it"
    row = next(row for row in report.rows if row.what == STORED[1])
    assert row.result == "warning"
    assert "rating_minus_mean" in row.evidence
    assert "reads no features" in row.evidence


@pytest.mark.parametrize("leak", ["minus mean", "moving average"])
@pytest.mark.slow
def test_leaks_in_the_code_of_features(tmp_path, monkeypatch, leak):
    """Planted in the builder: the stored table agrees with it, the past does not."""
    original = features.numeric_features

    def leaky(rows: pd.DataFrame, *others: Any) -> dict[str, Any]:
        values = original(rows, *others)
        if leak == "minus mean":
            mean = rows.groupby("item")["rating"].transform("mean")
            return {**values, "user_rating_ewma": (rows["rating"] - mean).to_numpy()}
        ordered = rows.sort_values(["user", "seq"])
        moving = ordered.groupby("user")["rating"].transform(lambda r: r.ewm(alpha=0.3).mean())
        return {**values, "user_rating_ewma": moving.reindex(rows.index).to_numpy()}

    monkeypatch.setattr(features, "numeric_features", leaky)
    split = small_split(tmp_path)
    write_features(split, protocol_of(split), {})
    report = audited(split, make_run(split, config(ReadsFeatures.name)))
    assert PAST in failed(report)
    assert "user_rating_ewma" in next(row.evidence for row in report.failed if row.check == 2)


def leaky_inputs(split: Any, shuffled: bool = False) -> split_graph.SplitGraph:
    """Test rows pass for train rows."""
    folds = read_parquet(split.split)
    try:
        write_parquet(split.split, folds.assign(fold="train"))
        return split_graph.read_split_graph(split, shuffled)
    finally:
        write_parquet(split.split, folds)


@pytest.mark.slow
def test_leak_of_an_embedding_over_test_edges(tmp_path):
    """The record shows that other edges were read than those of train."""
    split = small_split(tmp_path)
    job = FastRp(FastRpConfig(edges="train", embedding_size=4))
    for leak in (False, True):
        inputs = leaky_inputs(split) if leak else split_graph.read_split_graph(split)
        vectors = list(np.ones((len(inputs.item_ids), 4), np.float32))
        frame = pd.DataFrame({"itemId": inputs.item_ids, "vector": vectors})
        write_parquet(split.output("embeddings", "fastrp-train"), frame)
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
        made = config("reads-vectors", knowledge="real", seed=int(leak))
        report = audited(split, make_run(split, made, ("fastrp-train",)))
        what = "inputs of graph job fastrp-train"
        assert failed(report) == ({(4, what)} if leak else set())


@pytest.mark.parametrize("leak", [False, True])
@pytest.mark.slow
def test_leak_of_walks_over_test_edges(tmp_path, monkeypatch, leak):
    split = small_split(tmp_path)
    job = MetapathWalks(MetapathConfig(paths=("User-Item",), edges="train", walk_length=6))
    with monkeypatch.context() as patch:
        if leak:
            patch.setattr(runner, "read_split_graph", leaky_inputs)
        (name,) = runner.run_jobs(None, split, [job], progress=False)
    jobs = {"metapath": job.config.model_dump(mode="json")}
    made = config(knowledge="real", jobs=jobs)
    report = audited(split, make_run(split, made), full=True)
    wanted = {(4, f"steps of walks {name}"), (4, f"inputs of graph job {name}")}
    assert failed(report) >= wanted if leak else report.passed
    if leak:
        steps = next(row for row in report.failed if row.what.startswith("steps"))
        assert "valid or test rows" in steps.evidence


@pytest.mark.parametrize("model", [KnowingNegatives.name, StoppingOnTest.name])
@pytest.mark.slow
def test_leaks_in_the_training_of_a_model(tmp_path, model):
    """Negatives that know test items; epochs chosen on test: found by training again."""
    split = small_split(tmp_path)
    run = make_run(split, config(model))
    assert audited(split, run).passed, "the saved weights alone do not show it"
    assert TRAINED in failed(audited(split, run, full=True))


# the parts


@pytest.mark.slow
def test_stored_predictions_must_be_those_of_the_weights(tmp_path):
    split = small_split(tmp_path)
    run = make_run(split)
    stored = read_parquet(run.predictions)
    write_parquet(run.predictions, stored.assign(score=stored["score"] * np.float32(1 + 1e-6)))
    assert audited(split, run).passed, "rounding is no leak"
    write_parquet(run.predictions, stored.assign(score=stored["score"] * 2))
    assert failed(audited(split, run)) == {(1, "stored predictions")}


@pytest.mark.parametrize("leak", ["contributions", "order", "weights", "none", "rounding"])
@pytest.mark.slow
def test_stored_evidence_and_attention_must_be_those_of_the_weights(tmp_path, leak):
    split = small_split(tmp_path)
    run = make_run(split)
    stored, attention = read_parquet(run.predictions), read_parquet(run.attention)
    told = {"contributions": "evidence", "order": "evidence"}.get(leak, "attention")
    if leak in ("contributions", "rounding"):
        factor = np.float32(-100 if leak == "contributions" else 1 + 1e-6)
        stored["evidenceContributions"] = [factor * x for x in stored["evidenceContributions"]]
    if leak == "order":
        for name in ("evidenceIds", "evidenceContributions"):
            stored[name] = [x[::-1] for x in stored[name]]
    if leak == "weights":
        attention["weight"] = np.float32(1)
    if leak == "rounding":
        attention["weight"] *= np.float32(1 + 1e-6)
    write_parquet(run.predictions, stored)
    write_parquet(run.attention, attention.iloc[: 0 if leak == "none" else None])
    report = audited(split, run)
    if leak == "rounding":
        assert report.passed
        return
    assert failed(report) == {(1, "stored predictions")}
    assert f"({told})" in report.failed[0].evidence


def test_evidence_outside_the_history_fails(tmp_path):
    split = small_split(tmp_path)
    run = make_run(split)
    test = read_parquet(split.split).query("fold == 'test'").groupby("user")["item"].first()
    attention = read_parquet(run.attention)
    changed = attention["user"].map(test)
    write_parquet(run.attention, attention.assign(item=changed))
    assert (2, "evidence from the history") in failed(audited(split, run))


@pytest.mark.slow
def test_a_job_made_anew_after_the_training_is_told(tmp_path):
    split = small_split(tmp_path)
    job = MetapathWalks(MetapathConfig(paths=("User-Item",), edges="train", walk_length=6))
    vectors = WalkVectors(WalkVectorsConfig(source=job.output_name))
    walks, name = runner.run_jobs(None, split, [job, vectors], progress=False)
    run = make_run(split, config("reads-vectors", knowledge="real"), (name,))
    other = MetapathWalks(job.config.model_copy(update={"seed": 7}))
    runner.run_jobs(None, split, [other], progress=False)
    report = audited(split, run)
    assert failed(report) == {(4, f"inputs of graph job {name}")}
    assert f"another output of {walks} than there is" in report.failed[0].evidence
    runner.run_jobs(None, split, [vectors], progress=False)
    report = audited(split, run)
    assert failed(report) == {
        (4, f"inputs of graph job {name}"),
        (4, "inputs as the run was begun"),
    }
    (told,) = [row for row in report.failed if row.what.startswith("inputs of")]
    assert "train again" in told.evidence


def walks_run(split: Any) -> tuple[str, str, Any]:
    """A run that reads vectors of walks; with the names of the walks and of the vectors."""
    job = MetapathWalks(MetapathConfig(paths=("User-Item",), edges="train", walk_length=6))
    vectors = WalkVectors(WalkVectorsConfig(source=job.output_name))
    walks, name = runner.run_jobs(None, split, [job, vectors], progress=False)
    return walks, name, make_run(split, config("attention-lstm", knowledge="real"), (name,))


@pytest.mark.parametrize("protocol", ["user-time", "global-time"])
@pytest.mark.slow
def test_train_edges_after_the_cut_fail(tmp_path, protocol):
    """A split whose last rows were marked as train, so that jobs are given them."""
    split = small_split(tmp_path, protocol)
    folds = read_parquet(split.split)
    last = folds.index.isin(folds.sort_values("seq").groupby("user").tail(1).index)
    write_parquet(split.split, folds.assign(fold=folds["fold"].mask(last, "train")))
    assert (folds["fold"][last] == "test").any()
    *_, run = walks_run(split)
    rows = {row.what: row for row in audited(split, run).failed}
    assert "at or after the cut" in rows["train edges of graph jobs"].evidence


@pytest.mark.slow
def test_vectors_without_a_record_fail(tmp_path):
    split = small_split(tmp_path)
    _, name, run = walks_run(split)
    assert audited(split, run).passed
    split.update(jobs={})
    report = audited(split, run)
    assert failed(report) == {(4, f"inputs of graph job {name}")}
    assert "no record of the job" in report.failed[0].evidence


@pytest.mark.slow
def test_an_output_that_its_job_did_not_write_fails(tmp_path):
    split = small_split(tmp_path)
    name, _, run = walks_run(split)
    path = split.output("walks", name)
    write_parquet(path, read_parquet(path).iloc[::-1].reset_index(drop=True))
    run_stage("predict", settings_of(split), run, quiet, force=True)
    report = audited(split, run)
    assert failed(report) == {(4, f"inputs of graph job {name}")}
    assert "not the file that the job wrote" in report.failed[0].evidence


def test_share_of_train_rows_that_are_later():
    rows = pd.DataFrame(
        {
            "user": [1, 1, 2, 2, 2],
            "timestamp": [1, 5, 3, 6, 9],
            "fold": ["train", "test", "train", "train", "test"],
        }
    )
    assert later_share(rows) == pytest.approx((1 / 3 + 0) / 2)
    assert later_share(rows.drop(columns="timestamp")) is None


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(8, 12))
@pytest.mark.slow
def test_other_test_rows_change_test_alone(seed, catalogue):
    random = np.random.default_rng(seed)
    items = pd.Series(np.arange(100, 100 + catalogue))
    parts = [
        pd.DataFrame({"user": user, "item": random.permutation(items)[: random.integers(1, 9)]})
        for user in range(4)
    ]
    rows = pd.concat(parts, ignore_index=True)
    rows["seq"] = rows.groupby("user").cumcount() + 1
    rows["rating"] = random.integers(1, 6, len(rows)).astype(float)
    rows = rows.merge(make_split(rows, bound("user-time")), on=["user", "item", "seq"])
    changed = other_test(rows, items, seed)
    test = rows["fold"] == "test"
    kept = ["user", "seq", "fold"]
    assert changed[kept].equals(rows[kept])
    assert changed[~test].equals(rows[~test])
    assert (changed.loc[test, "rating"] != rows.loc[test, "rating"]).all()
    assert not changed.duplicated(["user", "item"]).any()
    assert set(changed["item"]) <= set(items)
    assert (without_test(rows)["fold"] != "test").all()
