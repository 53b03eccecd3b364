"""Listing, keeping, activating and deleting runs, and the commands that read them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result
from folder_manifests import audit_record
from small_runs import (
    TOP,
    USERS,
    active,
    content,
    counts,
    make_run,
)

from reelgraph.artifacts import RunFolder, SplitFolder
from reelgraph.cli import main
from reelgraph.errors import ArtifactError, InputError
from reelgraph.graph.connection import Graph
from reelgraph.results import runs, verdicts
from reelgraph.results.writeback import write_run

pytestmark = pytest.mark.neo4j


@pytest.fixture
def runs_dir(tmp_path: Path) -> Path:
    return tmp_path / "runs"


def write(graph: Graph, run: RunFolder, split: SplitFolder) -> None:
    write_run(graph, run, split, progress=False, grace=0.0)


def live_is_stored(graph: Graph) -> bool:
    live = graph.run("analyst/live_top_n", userId=3, n=TOP).rows
    stored = graph.run("analyst/recommendations", userId=3, n=TOP).rows
    return [row["itemId"] for row in live] == [row["itemId"] for row in stored]


def test_a_kept_run_stays_and_comes_back_with_its_vectors(
    graph: Graph, split: SplitFolder, runs_dir: Path
) -> None:
    first = make_run(split, "lstm-1")
    write(graph, first, split)
    before = graph.run("analyst/recommendations", userId=3, n=TOP).rows
    runs.keep(graph, "lstm-1")
    write(graph, make_run(split, "lstm-2", seed=2, dimension=5), split)
    assert counts(graph)["lstm-1", "RECOMMENDED"] == USERS * TOP
    write(graph, make_run(split, "lstm-3", seed=3), split)  # takes the slot of the kept run
    assert "slot" not in runs.show_run(graph, "lstm-1")
    runs.activate(graph, "lstm-1", runs_dir, progress=False, grace=0.0)
    assert active(graph) == ["lstm-1"]
    assert {run for run, _ in counts(graph)} == {"lstm-1"}
    assert graph.run("analyst/recommendations", userId=3, n=TOP).rows == before
    assert live_is_stored(graph)


def test_activating_back_needs_the_folder_as_it_was(
    graph: Graph, split: SplitFolder, runs_dir: Path
) -> None:
    write(graph, make_run(split, "lstm-1"), split)
    runs.keep(graph, "lstm-1")
    for seed in (2, 3):
        write(graph, make_run(split, f"lstm-{seed}", seed=seed), split)
    make_run(split, "lstm-1", seed=9)
    with pytest.raises(ArtifactError, match="other vectors than run lstm-1"):
        runs.activate(graph, "lstm-1", runs_dir, progress=False, grace=0.0)
    shutil.rmtree(runs_dir / "lstm-1")
    with pytest.raises(ArtifactError, match=r"folder .*lstm-1 is not there"):
        runs.activate(graph, "lstm-1", runs_dir, progress=False, grace=0.0)
    assert active(graph) == ["lstm-3"]
    assert live_is_stored(graph)


def test_what_cannot_be_activated_is_refused(
    graph: Graph, split: SplitFolder, runs_dir: Path
) -> None:
    make_run(split, "lstm-1")
    write(graph, make_run(split, "lstm-2", seed=2, refit_of="lstm-1"), split)
    with pytest.raises(InputError, match="lstm-9 is not in the graph"):
        runs.activate(graph, "lstm-9", runs_dir)
    with pytest.raises(InputError, match="not complete in the graph") as caught:
        runs.activate(graph, "lstm-1", runs_dir)
    assert caught.value.hint == "Write it: reelgraph writeback lstm-1"
    with pytest.raises(InputError, match="has only its figures"):
        runs.delete_run(graph, "lstm-1")


def test_delete(graph: Graph, split: SplitFolder) -> None:
    write(graph, make_run(split, "lstm-1"), split)
    runs.keep(graph, "lstm-1")
    write(graph, make_run(split, "lstm-2", seed=2), split)
    runs.delete_run(graph, "lstm-1", grace=0.0)
    assert {run for run, _ in counts(graph)} == {"lstm-2"}
    with pytest.raises(InputError, match="lstm-2 is active"):
        runs.delete_run(graph, "lstm-2")
    runs.delete_run(graph, "lstm-2", force=True, grace=0.0)
    assert active(graph) == []
    assert counts(graph) == {}
    left = content(graph)
    assert left["indexes"] == []
    assert not [node for node in left["nodes"] if "vectorB" in node["properties"]]


def test_unkeep_removes_what_is_not_active(graph: Graph, split: SplitFolder) -> None:
    write(graph, make_run(split, "lstm-1"), split)
    runs.keep(graph, "lstm-1")
    write(graph, make_run(split, "lstm-2", seed=2), split)
    runs.unkeep(graph, "lstm-1", grace=0.0)
    assert {run for run, _ in counts(graph)} == {"lstm-2"}
    runs.keep(graph, "lstm-2")
    runs.unkeep(graph, "lstm-2", grace=0.0)
    assert active(graph) == ["lstm-2"]


def test_list_and_show(graph: Graph, split: SplitFolder, runs_dir: Path) -> None:
    write(graph, make_run(split, "lstm-1"), split)
    write(graph, make_run(split, "lstm-2", seed=2, refit_of="lstm-1"), split)
    make_run(split, "ease-3", seed=3)
    rows = {row["runId"]: row for row in runs.list_runs(graph, runs_dir)}
    assert [row["status"] for row in rows.values()] == ["active", "archived", "on disk"]
    assert rows["lstm-2"]["precisionAt10"] == pytest.approx(0.11)  # its parent's
    shown = runs.show_run(graph, "lstm-2")
    assert shown["refitOf"] == "lstm-1"
    assert shown["config"] == {"model": "lstm"}
    assert shown["parentMetrics"]["models"]["lstm"]["metrics"]["sum_rr@10"]["mean"] == 0.4


# --- commands -------------------------------------------------------------------------


@pytest.fixture
def call(server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    runner = CliRunner()

    def run(*arguments: str) -> Result:
        return runner.invoke(main, ["--workspace", str(tmp_path), *arguments])

    return run


def test_recommend(graph: Graph, split: SplitFolder, call: Any) -> None:
    write(graph, make_run(split, "lstm-1"), split)
    shown = call("recommend", "3", "--n", "5")
    assert shown.exit_code == 0, shown.output
    lines = shown.output.splitlines()
    assert len([line for line in lines if line[:4].strip().rstrip(".").isdigit()]) == 5
    assert max(map(len, lines)) <= 80
    rows = json.loads(call("recommend", "3", "--n", "5", "--json").output)
    assert [row["rank"] for row in rows] == [1, 2, 3, 4, 5]
    assert all(len(row["because"]) == 5 for row in rows)
    live = json.loads(call("recommend", "3", "--n", "5", "--live", "--json").output)
    assert [row["itemId"] for row in live] == [row["itemId"] for row in rows]


def test_explain(graph: Graph, split: SplitFolder, call: Any) -> None:
    run = make_run(split, "lstm-1")
    write(graph, run, split)
    pair = graph.run_text(
        """
        MATCH (u:User)-[r:RECOMMENDED]->(m:Item)
        UNWIND r.evidenceIds AS id
        WITH u, r, m, id
        WHERE id % 6 = m.itemId % 6
        RETURN u.userId AS user, m.itemId AS item, id
        LIMIT 1
        """
    ).single()
    assert pair
    user, item = str(pair["user"]), str(pair["item"])
    found = json.loads(call("explain", user, item, "--json").output)
    assert found["itemId"] == pair["item"]
    shared = {why["itemId"]: why["shared"] for why in found["evidence"]}[pair["id"]]
    assert {"here": "DIRECTED", "there": "DIRECTED"}.items() <= shared[1].items()
    text = call("explain", user, item).output
    assert "same director: Person" in text
    assert "same genre: Genre" in text
    assert "in the history" in text


def test_why_not_and_the_page(graph: Graph, split: SplitFolder, tmp_path: Path, call: Any) -> None:
    write(graph, make_run(split, "lstm-1"), split)
    stored = graph.run("analyst/recommendations", userId=3, n=TOP).rows
    best, known = stored[0]["itemId"], stored[0]["because"][0]["itemId"]
    history = graph.run_text(
        "MATCH (:User {userId: 3})-[:RATED]->(m) RETURN collect(m.itemId) AS ids"
    ).single()
    listed = [row["itemId"] for row in stored] + (history or {})["ids"]
    rows = graph.run("analyst/live_top_n", userId=3, n=100).rows
    item, rank = next((r["itemId"], n) for n, r in enumerate(rows, 1) if r["itemId"] not in listed)
    found = json.loads(call("explain", "3", str(item), "--why-not", "--json").output)
    assert (found["itemId"], found["rank"], found["stored"]) == (item, rank, TOP)
    assert found["score"] <= found["lastScore"] and len(found["nearest"]) == 3
    text = call("explain", "3", f"Movie {item}", "--why-not").output
    assert f"number {rank} of all items" in text and "nearest of the history" in text
    page = tmp_path / "why.html"
    call("explain", "3", str(best), "--html", str(page))
    reasons = json.loads(call("explain", "3", str(best), "--json").output)["evidence"]
    written = page.read_text()
    assert all(one["sentence"].partition("(")[2] in written for one in reasons)
    for arguments, said in (
        ([str(best), "--why-not"], "it is number 1 of the list"),
        ([str(known), "--why-not"], "and what run lstm-1 has read of a user is not recommended"),
        (["777", "--why-not"], "there is no item '777'"),
        ([str(item), "--why-not", "--html", str(page)], "do not go together"),
    ):
        answer = call("explain", "3", *arguments)
        assert (answer.exit_code, said in answer.output) == (2, True), answer.output
    assert "there is no user 777" in call("explain", "777", str(item), "--why-not").output


def test_who_has_no_name_is_left_out(graph: Graph, split: SplitFolder, call: Any) -> None:
    """Of sentences and pictures; what has a name stays."""
    write(graph, make_run(split, "lstm-1"), split)

    def answers() -> tuple[str, list[Any]]:
        pictured = graph.run("analyst/picture", userId=3, n=20).rows
        through = [node for row in pictured for node in (row["path"] or [])[2:3]]
        said = call("recommend", "3", "--n", "20").output
        for item in json.loads(call("recommend", "3", "--n", "20", "--json").output):
            said += call("explain", "3", str(item["itemId"])).output
        return said, through

    said, through = answers()
    assert "same director: Person" in said
    assert any("Person" in node["entityId"].title() for node in through)
    graph.run_text("MATCH (p:Person) REMOVE p.name", write=True)
    said, through = answers()
    assert "director" not in said and "person:" not in said
    assert "same genre: Genre" in said
    assert through and all("name" in node for node in through)


def test_questions_without_answer(graph: Graph, split: SplitFolder, call: Any) -> None:
    none = call("recommend", "3")
    assert none.exit_code == 2
    assert "no run is active" in none.output
    write(graph, make_run(split, "ease-1", vectors=False, evidence=False), split)
    graph.run_text("CREATE (:User {userId: 99})", write=True)
    seen = graph.run_text(
        "MATCH (:User {userId: 3})-[r:RATED {seq: 1}]->(m) RETURN m.itemId AS id"
    ).single()
    assert seen
    for arguments, said in (
        (["recommend", "777"], "there is no user 777"),
        (["recommend", "xyz"], "those of this graph are integers"),
        (["recommend", "3", "--live"], "has no vectors"),
        (["explain", "3", "777"], "there is no item '777'"),
        (["explain", "777", "3"], "there is no user 777"),
        (["explain", "3", str(seen["id"])], "and the user has rated it"),
        (["runs", "show", "nope"], "run nope is not in the graph"),
        (["runs", "delete", "ease-1"], "run ease-1 is active"),
    ):
        answer = call(*arguments)
        assert answer.exit_code == 2, answer.output
        assert said in " ".join(answer.output.split())
        assert "Traceback" not in answer.output


def test_users_that_the_run_does_not_know_get_what_is_popular(
    graph: Graph, split: SplitFolder, call: Any
) -> None:
    run = make_run(split, "ease-1", vectors=False, evidence=False)
    predictions = pd.read_parquet(run.predictions)
    cold = predictions["user"] == 3
    predictions["fallback"] = np.where(cold, "most popular", None)
    predictions.to_parquet(run.predictions)
    write(graph, run, split)
    new = "MATCH (m:Item {itemId: 1}) CREATE (:User {userId: 99})-[:RATED {seq: 1}]->(m)"
    graph.run_text(new, write=True)
    rows = json.loads(call("recommend", "99", "--n", "5", "--json").output)
    counted = graph.run_text(
        "MATCH (m:Item) WHERE m.itemId <> 1 RETURN m.itemId AS id, COUNT { (m)<-[:RATED]-() } AS n "
        "ORDER BY n DESC, id LIMIT 5"
    ).rows
    assert [(row["itemId"], row["score"]) for row in rows] == [(r["id"], r["n"]) for r in counted]
    assert {row["fallback"] for row in rows} == {"most popular"}
    for user in ("99", "3"):
        assert "most popular items, as the run knows no history" in call("recommend", user).output
    for user, fallback in (("3", "most popular"), ("4", None)):
        stored = json.loads(call("recommend", user, "--json").output)
        assert {row["fallback"] for row in stored} == {fallback}


def test_runs_commands(graph: Graph, split: SplitFolder, call: Any) -> None:
    write(graph, make_run(split, "lstm-1"), split)
    listed = call("runs", "list")
    assert listed.exit_code == 0
    assert "lstm-1" in listed.output
    assert "active" in listed.output
    assert "ΣRR@10" in listed.output
    assert json.loads(call("runs", "list", "--json").output)[0]["runId"] == "lstm-1"
    assert json.loads(call("runs", "show", "lstm-1", "--json").output)["active"] is True
    assert "precisionAt10" in call("runs", "show", "lstm-1").output
    assert call("runs", "keep", "lstm-1").exit_code == 0
    assert runs.list_runs(graph)[0]["status"] == "active, kept"
    assert call("runs", "activate", "lstm-1").exit_code == 0


def test_a_run_that_gives_way_is_named(graph: Graph, split: SplitFolder, call: Any) -> None:
    for seed in (1, 2):
        write(graph, make_run(split, f"lstm-{seed}aaa", seed=seed), split)
        runs.keep(graph, f"lstm-{seed}aaa")
    runs.unkeep(graph, "lstm-2aaa", grace=0.0)
    activated = call("runs", "activate", "1a")
    assert "run lstm-1aaa is active" in activated.stderr
    assert "run lstm-2aaa, which was active, is out of the graph" in activated.stderr
    assert "reelgraph runs keep lstm-2aaa" in activated.stderr
    assert {run for run, _ in counts(graph)} == {"lstm-1aaa"}


def test_files_of_a_run_in_the_graph_go_with_it(
    graph: Graph, split: SplitFolder, call: Any, runs_dir: Path
) -> None:
    write(graph, make_run(split, "lstm-1"), split)
    make_run(split, "lstm-2", seed=2)
    refused = call("runs", "delete", "lstm-1", "--files", "--yes")
    assert "lstm-1 is active" in refused.stderr
    assert (runs_dir / "lstm-1").is_dir()
    for run_id, force in (("lstm-2", []), ("lstm-1", ["--force"])):
        gone = call("runs", "delete", run_id, "--files", "--yes", *force)
        assert gone.exit_code == 0, gone.output
        assert not (runs_dir / run_id).exists()
    assert counts(graph) == {}


def test_what_a_leaking_run_recommends_is_labelled(
    graph: Graph, split: SplitFolder, call: Any
) -> None:
    run = make_run(split, "lstm-1")
    run.update(audit=audit_record(True))
    write(graph, run, split)
    item = str(graph.run("analyst/recommendations", userId=3, n=1).rows[0]["itemId"])
    asked = (["recommend", "3"], ["recommend", "3", "--live"], ["explain", "3", item])
    activated = ["runs", "activate", "lstm-1"]
    for arguments in (*asked, activated):
        assert "audit" not in call(*arguments).stderr
    run.update(audit=audit_record(False))
    assert verdicts.told_otherwise(graph, "lstm-1", False) == ["lstm-1"]
    for written in (False, True):  # by the folder, then by the graph too
        if written:
            write(graph, run, split)
        for arguments in asked:
            shown = call(*arguments)
            assert "(LEAKS)" in shown.stdout.splitlines()[0]
            assert "LEAKS: run lstm-1 failed its audit" in shown.stderr
            found = json.loads(call(*arguments, "--json").stdout)
            rows = found if isinstance(found, list) else [found]
            assert {row["audit"] for row in rows} == {"LEAKS"}
        assert "LEAKS: run lstm-1 failed its audit" in call(*activated).stderr
    assert verdicts.told_otherwise(graph, "lstm-1", False) == []
    assert verdicts.told_otherwise(graph, "lstm-1", True) == ["lstm-1"]
    run.update(audit=None)
    graph.run("writeback/set_audit", runId="lstm-1")
    shown = call("recommend", "3")
    assert "LEAKS" not in shown.stdout
    assert "run lstm-1 was not audited: reelgraph audit lstm-1" in shown.stderr


def test_a_refit_is_written_again_for_its_parents_verdict(graph: Graph, split: SplitFolder) -> None:
    parent = make_run(split, "lstm-1")
    parent.update(audit=audit_record(True))
    write(graph, make_run(split, "lstm-2", seed=2, refit_of="lstm-1"), split)
    assert verdicts.audit_of(graph)[1] == "passed"
    assert verdicts.told_otherwise(graph, "lstm-1", True) == []
    assert verdicts.told_otherwise(graph, "lstm-1", False) == ["lstm-2"]


def test_every_query_for_analysts_runs(graph: Graph, split: SplitFolder) -> None:
    write(graph, make_run(split, "lstm-1"), split)
    rows = graph.run("analyst/picture", userId=3, n=3).rows
    assert len({(row["m"]["itemId"], row["h"]["itemId"]) for row in rows}) == 6
    assert len(graph.run("analyst/attention", userId=3).rows) > 5
    assert graph.run("analyst/similar_movies", item=7).rows[0]["score"] == 0.5
    assert len(graph.run("analyst/similar_movies_live", item=7).rows) == 10
    someone = graph.run("analyst/recommendations", userId=3, n=1).rows[0]["itemId"]
    assert 3 in [row["userId"] for row in graph.run("analyst/audience", item=someone, n=40).rows]
    assert graph.run("analyst/run_overview").rows[0]["active"] is True
