"""A rating run beside a ranking run: both are active, each shows what it is for."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from reelgraph.artifacts import read_parquet, write_record
from reelgraph.cli import main
from reelgraph.errors import InputError
from reelgraph.graph import migrations
from reelgraph.graph.connection import Graph
from reelgraph.loader.load import load
from reelgraph.loader.source import CanonicalTables
from reelgraph.pipeline import run
from reelgraph.pipeline.config import RunConfig
from reelgraph.pipeline.run import run_pipeline
from reelgraph.results.reasons import predicted_ratings, recommendations
from reelgraph.results.runs import keep

pytestmark = pytest.mark.neo4j


@pytest.fixture
def loaded(graph: Graph, tiny_tables: CanonicalTables) -> Graph:
    migrations.apply(graph)
    load(graph, tiny_tables, progress=False)
    return graph


def active(graph: Graph) -> dict[str, str]:
    rows = graph.run_text("MATCH (t:Task) RETURN t.name AS task, t.activeRunId AS run").rows
    return {row["task"]: row["run"] for row in rows}


def quiet(_: str) -> None:
    """Notes of the stages."""


def test_predicted_ratings_are_written_back_beside_the_ranking(
    loaded: Graph, server: Any, tmp_path: Path
) -> None:
    settings = server.settings(tmp_path)
    with pytest.raises(InputError, match="no rating run is active"):
        predicted_ratings(loaded, 1)
    ranking = run_pipeline(settings, loaded, RunConfig(model="ease", baselines=()), quiet)
    rating = run_pipeline(settings, loaded, RunConfig(model="bias"), quiet)
    assert active(loaded) == {"ranking": ranking.run_id, "rating": rating.run_id}
    stored = read_parquet(rating.predictions)
    user = int(stored["user"].iloc[0])
    mine = stored[stored["user"] == user].head(5)
    rows = predicted_ratings(loaded, user, 5)
    assert [row["itemId"] for row in rows] == mine["item"].tolist()
    expected = mine["predictedRating"].tolist()
    assert [row["predictedRating"] for row in rows] == pytest.approx(expected, rel=1e-6)
    assert {row["ratingScale"] for row in rows} == {5.0}
    run = loaded.run_text("MATCH (r:Run {task: 'rating'}) RETURN r.rmse AS rmse").single()
    assert run and run["rmse"] == pytest.approx(
        rating.read_metrics().models["bias"].metrics["rmse"].mean
    )
    with pytest.raises(InputError, match="knows no user 999"):
        predicted_ratings(loaded, 999)


def test_predicted_ratings_stand_on_the_ranking_runs_recommendations(
    loaded: Graph, server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, notes = server.settings(tmp_path), []
    first = run_pipeline(settings, loaded, RunConfig(model="ease", baselines=()), quiet)
    rating = run_pipeline(settings, loaded, RunConfig(model="bias"), quiet)
    own = read_parquet(rating.predictions).set_index(["user", "item"])["predictedRating"]

    def check() -> None:
        compared = 0
        for user in own.index.unique("user").tolist():
            for row in recommendations(loaded, user, 20):
                assert row["fallback"] or row["predictedRating"] is not None
                if (user, row["itemId"]) in own.index and row["predictedRating"] is not None:
                    expected = own[user, row["itemId"]]
                    assert row["predictedRating"] == pytest.approx(expected, rel=1e-6)
                    compared += 1
        assert compared > 3

    check()
    keep(loaded, first.run_id)
    run_pipeline(settings, loaded, RunConfig(model="recent-popular", baselines=()), notes.append)
    check()
    loaded.run_text("MATCH (r:Run) WHERE r.model <> 'bias' REMOVE r.ratingRunId", write=True)
    again = rating.read_metrics().model_copy(update={"left_out": {"svd": "evaluated again"}})
    write_record(rating.metrics, again)  # which changes no prediction
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    command = CliRunner()
    where = ["--workspace", str(tmp_path)]
    done = command.invoke(main, [*where, "runs", "activate", first.run_id])
    assert done.exit_code == 0, done.output
    assert "predicted ratings are on the recommendations" in done.output
    check()
    listed = command.invoke(main, [*where, "recommend", "1"]).output
    assert "on the right: predicted rating, the score" in listed
    item = str(recommendations(loaded, 1)[0]["itemId"])
    explained = command.invoke(main, [*where, "explain", "1", item]).output
    assert "predicted rating: " in explained and " of 5" in explained
    shutil.rmtree(rating.model)
    shutil.move(rating.path, tmp_path / "away")
    second = run_pipeline(settings, loaded, RunConfig(model="random", baselines=()), notes.append)
    assert active(loaded)["ranking"] == second.run_id
    assert any("no predicted ratings of run" in note and "is not there" in note for note in notes)
    assert {row["predictedRating"] for row in recommendations(loaded, 1)} == {None}


@pytest.mark.parametrize("about", ["ranking", "rating"])
def test_a_switch_of_the_other_run_meanwhile_is_told(
    loaded: Graph, server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, about: str
) -> None:
    """Another process replaces the other run after this one's ratings were predicted."""
    settings, notes = server.settings(tmp_path), list[str]()
    ranking = RunConfig(model="ease", baselines=()), RunConfig(model="random", baselines=())
    rating = RunConfig(model="bias"), RunConfig(model="bias", options={"reg_user": 1.0})
    run_pipeline(settings, loaded, ranking[0], quiet)
    first = run_pipeline(settings, loaded, rating[0], quiet)
    if about == "ranking":
        mine, others = ranking[1], rating[1]
    else:
        mine, others = RunConfig(model="bias", options={"reg_user": 9.0}), ranking[1]
    predict, done = run.ratings_for, list[str]()

    def switched(work: Any, graph: Any, evidence_top: int | None) -> Any:
        found = predict(work, graph, evidence_top)
        if not done:
            done.append("once")
            done.append(run_pipeline(settings, graph, others, quiet).run_id)
        return found

    monkeypatch.setattr(run, "ratings_for", switched)
    made = run_pipeline(settings, loaded, mine, notes.append)
    now = active(loaded)
    assert {made.run_id, done[1]} == set(now.values()) and first.run_id not in now.values()
    assert {row["predictedRating"] for row in recommendations(loaded, 1)} == {None}
    (said,) = [note for note in notes if "no predicted ratings" in note]
    assert said == (
        f"run {now['ranking']} has no predicted ratings of run {now['rating']}, because "
        f"{done[1]} became active meanwhile. Add them: reelgraph runs activate {now['rating']}"
    )
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    command = ["--workspace", str(tmp_path), *said.rpartition("reelgraph ")[2].split()]
    assert CliRunner().invoke(main, command).exit_code == 0
    assert None not in {row["predictedRating"] for row in recommendations(loaded, 1)}


def test_commands(
    loaded: Graph, server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str, code: int = 0) -> str:
        result = CliRunner().invoke(main, ["--workspace", str(tmp_path), *arguments])
        assert result.exit_code == code, result.output
        return result.output

    done = run("run", "--model", "bias")
    assert "RMSE [95 %]" in done and "recommend USER --task rating" in done
    assert " of 5" in run("recommend", "1", "--task", "rating", "--n", "3")
    rows = json.loads(run("recommend", "1", "--task", "rating", "--n", "3", "--json"))
    assert [row["rank"] for row in rows] == [1, 2, 3]
    item = str(rows[0]["itemId"])
    found = json.loads(run("explain", "1", item, "--task", "rating", "--json"))
    assert found["predictedRating"] == pytest.approx(rows[0]["predictedRating"], abs=1e-4)
    parts = [part["contribution"] for part in found["parts"] + found["because"]]
    assert sum(parts) == pytest.approx(found["predictedRating"])
    assert found["title"] == rows[0]["title"] and found["audit"] == "passed"
    shown = run("explain", "1", item, "--task", "rating")
    assert "What the predicted rating of user 1 is made of" in shown and "this item" in shown
    read = loaded.run_text(
        "MATCH (:User {userId: 1})-[r:RATED]->(i) RETURN i.itemId AS item, r.seq AS n ORDER BY n"
    ).rows
    said = run("explain", "1", str(read[0]["item"]), "--task", "rating", code=2)
    assert "predicts nothing here: it has read what user 1 gave item" in said
    assert "it has read no rating of user 999" in run(
        "explain", "999", item, "--task", "rating", code=2
    )
    run("run", "--model", "svd", "--task", "rating", "--epochs", "1")
    said = run("explain", "1", item, "--task", "rating", code=2)
    assert (
        "model 'svd' of rating run" in said and "bias, drifting-svd++, item-knn, user-knn" in said
    )
    assert "cannot be computed live" in run("recommend", "1", "--task", "rating", "--live", code=2)
    assert "'bias' is not for ranking" in run("run", "--model", "bias", "--task", "ranking", code=2)
