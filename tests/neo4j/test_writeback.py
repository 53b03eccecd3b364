"""The write-back against a real server: content, switch, crash, readers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from folder_manifests import audit_record, model_metrics
from small_runs import (
    TOP,
    USERS,
    active,
    content,
    counts,
    fill,
    interactions,
    make_run,
    make_split,
)
from stopping import Interrupted, Stopping

from reelgraph.artifacts import (
    RunFolder,
    RunMetrics,
    SplitFolder,
    read_parquet,
    write_parquet,
    write_record,
)
from reelgraph.errors import ArtifactError
from reelgraph.graph.connection import Graph
from reelgraph.results import relationships, run_graph
from reelgraph.results.writeback import write_run

pytestmark = pytest.mark.neo4j


def write(graph: Graph, run: RunFolder, split: SplitFolder) -> Any:
    return write_run(graph, run, split, progress=False, grace=0.0)


def run_node(graph: Graph, run_id: str) -> dict[str, Any]:
    query = "MATCH (r:Run {runId: $id}) RETURN properties(r) AS run"
    row = graph.run_text(query, id=run_id).single()
    assert row
    return row["run"]  # type: ignore[no-any-return]


def test_what_is_written(graph: Graph, split: SplitFolder) -> None:
    run = make_run(split, "lstm-1")
    counters = write(graph, run, split)
    found = counts(graph)
    assert found["lstm-1", "RECOMMENDED"] == USERS * TOP
    assert found["lstm-1", "SIMILAR_TO"] == 59  # one a pair, though both name each other
    assert counters.relationships_created == sum(found.values())
    a_user = graph.run_text(
        "MATCH (u:User) RETURN DISTINCT COUNT { (u)-[:RECOMMENDED]->(:Item) } AS n"
    ).rows
    assert a_user == [{"n": TOP}]
    node = run_node(graph, "lstm-1")
    assert node["precisionAt10"] == pytest.approx(0.11)
    assert node["sumReciprocalRankAt10"] == 0.4
    assert (node["status"], node["slot"], node["vectorDimension"]) == ("ready", "A", 8)
    assert (node["itemVectorIndex"], node["userVectorIndex"]) == ("item_vector_A", "user_vector_A")
    assert (node["splitId"], node["protocol"], node["knowledge"]) == (
        "user-time",
        "user-time",
        "real",
    )
    assert active(graph) == ["lstm-1"]
    assert not graph.run_text("MATCH (l:__Load) RETURN l").rows


def test_nothing_seen_is_recommended_and_evidence_is_history(
    graph: Graph, split: SplitFolder
) -> None:
    write(graph, make_run(split, "lstm-1"), split)
    wrong = graph.run_text(
        """
        MATCH (u:User)-[r:RECOMMENDED]->(m:Item)
        WHERE EXISTS { MATCH (u)-[s:RATED]->(m) WHERE s.seq <= u.historyLengthA }
           OR size(r.evidenceIds) <> 5 OR size(r.evidenceContributions) <> 5
           OR any(id IN r.evidenceIds WHERE NOT EXISTS {
                MATCH (u)-[s:RATED]->(:Item {itemId: id}) WHERE s.seq <= u.historyLengthA })
        RETURN count(r) AS n
        """
    ).single()
    assert wrong == {"n": 0}
    outside = graph.run_text(
        """
        MATCH (u:User)-[a:ATTENDED_TO]->(h:Item)
        WHERE NOT EXISTS { MATCH (u)-[s:RATED]->(h) WHERE s.seq <= u.historyLengthA }
        RETURN count(a) AS n
        """
    ).single()
    assert outside == {"n": 0}


def test_live_query_finds_the_stored_lists_in_order(graph: Graph, split: SplitFolder) -> None:
    run = make_run(split, "lstm-1")
    write(graph, run, split)
    stored = read_parquet(run.predictions)
    found = 0
    for user, rows in stored.groupby("user"):
        live = graph.run("analyst/live_top_n", userId=user, n=TOP).rows
        assert [row["itemId"] for row in live] == sorted(
            (row["itemId"] for row in live),
            key=dict(zip(rows["item"], rows["rank"], strict=True)).__getitem__,
        )
        found += len({row["itemId"] for row in live} & set(rows["item"]))
        by_item = dict(zip(rows["item"], rows["score"], strict=True))
        for row in live:
            assert row["score"] == pytest.approx(by_item[row["itemId"]], abs=1e-4)
    assert found >= 0.99 * len(stored)


def test_again_changes_nothing(graph: Graph, split: SplitFolder) -> None:
    run = make_run(split, "lstm-1")
    write(graph, run, split)
    before = content(graph)
    assert str(write(graph, run, split)) == "nothing changed"
    assert content(graph) == before


def test_a_verdict_found_later_reaches_the_run_and_its_parent(
    graph: Graph, split: SplitFolder
) -> None:
    parent = make_run(split, "lstm-1")
    refit = make_run(split, "lstm-2", seed=2, refit_of="lstm-1")
    parent.update(audit=audit_record(True))
    write(graph, refit, split)
    assert shown_audits(graph) == {"passed"}
    before = content(graph)
    parent.update(audit=audit_record(False))
    assert write(graph, refit, split).properties_set == 1
    assert shown_audits(graph) == {"LEAKS"}
    assert run_node(graph, "lstm-1")["auditPassed"] is False
    parent.update(audit=None)
    assert str(write(graph, refit, split)) == "nothing changed", "a bad verdict stays"
    parent.update(audit=audit_record(True))
    write(graph, refit, split)
    assert content(graph) == before
    refit.update(audit=audit_record(False))
    write(graph, refit, split)
    assert shown_audits(graph) == {"LEAKS"}
    refit.update(audit=audit_record(True))
    parent.update(audit=None)
    write(graph, refit, split)
    assert shown_audits(graph) == {"passed"}
    refit.update(audit=None)
    write(graph, refit, split)
    assert shown_audits(graph) == {"not audited"}


def shown_audits(graph: Graph) -> set[str]:
    """What stands beside the rows of all statements that show a run's results."""
    user = {"userId": 1}
    lists = graph.run("analyst/recommendations", **user).rows
    item = {"item": lists[0]["itemId"]}
    rows = [
        *lists,
        *graph.run("analyst/live_top_n", **user).rows,
        *graph.run("analyst/explanation", **user, **item).rows,
        *graph.run("analyst/attention", **user).rows,
        *graph.run("analyst/audience", **item).rows,
    ]
    assert len(rows) > 40
    return {row["audit"] for row in rows}


def test_figures_found_later_reach_the_run_and_nothing_is_written_anew(
    graph: Graph, split: SplitFolder
) -> None:
    run = make_run(split, "lstm-1")
    write(graph, run, split)
    again = model_metrics({"precision@10": 0.5, "ndcg@10": 0.25})
    write_record(run.metrics, RunMetrics(models={"lstm": again}))
    counters = write(graph, run, split)
    assert counters.relationships_created == counters.nodes_created == 0
    node = run_node(graph, "lstm-1")
    assert (node["precisionAt10"], node["ndcgAt10"]) == (0.5, 0.25)
    assert json.loads(node["metrics"])["models"]["lstm"]["metrics"]["ndcg@10"]["mean"] == 0.25
    assert "sumReciprocalRankAt10" not in node and "coverageAt10" not in node
    assert str(write(graph, run, split)) == "nothing changed"


def test_a_second_run_takes_over_and_the_first_goes(graph: Graph, split: SplitFolder) -> None:
    write(graph, make_run(split, "lstm-1"), split)
    write(graph, make_run(split, "lstm-2", seed=2, dimension=5), split)
    assert active(graph) == ["lstm-2"]
    assert {run for run, _ in counts(graph)} == {"lstm-2"}
    assert run_node(graph, "lstm-2")["slot"] == "B"
    assert graph.run_text("MATCH (r:Run) RETURN count(r) AS n").single() == {"n": 1}
    left = graph.run_text("MATCH (n) WHERE n.vectorA IS NOT NULL RETURN count(n) AS n")
    assert left.single() == {"n": 0}
    indexes = content(graph)["indexes"]
    assert [row["name"] for row in indexes] == ["item_vector_B", "user_vector_B"]
    for row in indexes:
        config = row["options"]["indexConfig"]
        assert row["state"] == "ONLINE"
        assert config["vector.dimensions"] == 5
        assert config["vector.similarity_function"] == "COSINE"
        assert config["vector.quantization.enabled"] is False
    write(graph, make_run(split, "lstm-3", seed=3), split)
    assert run_node(graph, "lstm-3")["slot"] == "A"


def test_a_run_without_vectors_and_evidence(graph: Graph, tmp_path: Path) -> None:
    frame = interactions()
    fill(graph, frame)
    split = make_split(tmp_path, frame, similarity=False)
    write(graph, make_run(split, "ease-1", vectors=False, evidence=False), split)
    assert counts(graph) == {("ease-1", "RECOMMENDED"): USERS * TOP}
    assert "slot" not in run_node(graph, "ease-1")
    rows = graph.run("analyst/recommendations", userId=1, n=3).rows
    assert [row["because"] for row in rows] == [[], [], []]
    assert graph.run("analyst/live_top_n", userId=1).rows == []
    write(graph, make_run(split, "lstm-1"), split)
    assert run_node(graph, "lstm-1")["slot"] == "A"


def test_other_content_of_the_active_run_comes_beside_it(graph: Graph, split: SplitFolder) -> None:
    write(graph, make_run(split, "lstm-1"), split)
    changed = make_run(split, "lstm-1", seed=7)
    write(graph, changed, split)
    assert active(graph) == ["lstm-1@2"]
    assert run_node(graph, "lstm-1@2")["folder"] == "lstm-1"
    assert graph.run("writeback/is_written", runId="lstm-1").single() == {"written": True}
    assert {run for run, _ in counts(graph)} == {"lstm-1@2"}
    write(graph, make_run(split, "lstm-1"), split)
    assert active(graph) == ["lstm-1"]


def test_a_refit_keeps_its_parents_figures(graph: Graph, split: SplitFolder) -> None:
    parent = make_run(split, "lstm-1")
    write(graph, parent, split)
    refit = make_run(split, "lstm-2", seed=2, refit_of="lstm-1")
    write(graph, refit, split)
    assert active(graph) == ["lstm-2"]
    assert {run for run, _ in counts(graph)} == {"lstm-2"}
    assert run_node(graph, "lstm-1")["status"] == "archived"
    row = graph.run("analyst/run_overview").rows[0]
    assert (row["runId"], row["refitOf"]) == ("lstm-2", "lstm-1")
    assert row["precisionAt10"] == pytest.approx(0.11)
    write(graph, make_run(split, "lstm-3", seed=3), split)
    assert graph.run_text("MATCH (r:Run) RETURN r.runId AS run").rows == [{"run": "lstm-3"}]


def test_a_refit_whose_parent_was_never_written(graph: Graph, split: SplitFolder) -> None:
    parent = make_run(split, "lstm-1")
    refit = make_run(split, "lstm-2", seed=2, refit_of="lstm-1")
    write(graph, refit, split)
    assert run_node(graph, "lstm-1")["precisionAt10"] == pytest.approx(0.11)
    assert run_node(graph, "lstm-1")["status"] == "archived"
    again = model_metrics({"precision@10": 0.5})
    write_record(parent.metrics, RunMetrics(models={"lstm": again}))
    parent.update(audit=audit_record(False))
    write(graph, refit, split)
    node = run_node(graph, "lstm-1")
    assert (node["precisionAt10"], node["auditPassed"]) == (0.5, False)
    assert shown_audits(graph) == {"LEAKS"}


def test_items_that_the_graph_lacks_are_refused(graph: Graph, split: SplitFolder) -> None:
    run = make_run(split, "lstm-1")
    graph.run_text("MATCH (m:Item {itemId: 7}) DETACH DELETE m", write=True)
    with pytest.raises(ArtifactError, match="1 of its items are not in this graph, such as 7"):
        write(graph, run, split)
    assert not graph.run_text("MATCH (r:Run) RETURN r").rows


# --- switch under readers -------------------------------------------------------------

_READ = """
MATCH (t:Task {name: 'ranking'})
WITH t.activeRunId AS activeRunId
LIMIT 1
MATCH (run:Run {runId: activeRunId})
MATCH (:User)-[r:RECOMMENDED {runId: run.runId}]->(:Item)
RETURN run.runId AS run, collect(DISTINCT r.runId) AS runs, count(r) AS n
"""
_MAKE_DENSE = """
MATCH (n:User|Item)
UNWIND range(1, 50) AS i
CREATE (n)-[:PADDING]->(:Padding)
"""


def test_a_run_of_another_data_set_is_refused(graph: Graph, split: SplitFolder) -> None:
    run = make_run(split, "lstm-1", seed=1)
    graph.run_text("MATCH (d:Dataset) SET d.idSpace = 'other'", write=True)
    with pytest.raises(ArtifactError, match="data set 'small', this graph holds 'other'"):
        write(graph, run, split)


def test_readers_see_one_whole_run_during_switches(graph: Graph, split: SplitFolder) -> None:
    # Neo4j stores the relationships of a node in another way from the 50th on. A read during
    # that very commit can miss some, whatever is written; it happens once in a node's life.
    graph.run_text(_MAKE_DENSE, write=True)
    runs = [make_run(split, f"lstm-{seed}", seed=seed) for seed in (1, 2, 3)]
    write(graph, runs[0], split)
    done = threading.Event()
    seen: list[tuple[str, list[str], int]] = []
    grace = 1.0

    def read() -> None:
        while not done.is_set():
            began = time.monotonic()
            row = graph.run_text(_READ).single()
            assert row
            if time.monotonic() - began < grace:  # what the grace period promises to cover
                seen.append((row["run"], row["runs"], row["n"]))

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    try:
        for run in runs[1:]:
            write_run(graph, run, split, progress=False, grace=grace)
    finally:
        done.set()
        for reader in readers:
            reader.join()
    assert {run for run, _, _ in seen} >= {"lstm-1", "lstm-2"}
    assert [row for row in seen if row[1:] != ([row[0]], USERS * TOP)] == []


def test_two_write_backs_at_once_come_one_after_the_other(graph: Graph, split: SplitFolder) -> None:
    runs = [make_run(split, f"lstm-{seed}", seed=seed) for seed in (1, 2)]
    failures: list[BaseException] = []

    def work(run: RunFolder) -> None:
        try:
            write(graph, run, split)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(run,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    (winner,) = active(graph)
    assert {run for run, _ in counts(graph)} == {winner}
    assert counts(graph)[winner, "RECOMMENDED"] == USERS * TOP


# --- interruption ---------------------------------------------------------------------


@pytest.fixture
def stopping(server: Any, graph: Graph, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(run_graph, "_GROUPS_A_BATCH", 10)
    monkeypatch.setattr(relationships, "_ROWS_A_BATCH", 200)
    with Stopping(server.uri, server.username, server.password, server.database) as one:
        yield one


def check_between(graph: Graph) -> None:
    """Whatever happened, one run is active and all of it is there."""
    (run,) = active(graph)
    assert counts(graph)[run, "RECOMMENDED"] == USERS * TOP
    row = graph.run_text(_READ).single()
    assert row and row["n"] == USERS * TOP
    live = graph.run("analyst/live_top_n", userId=1, n=TOP).rows
    stored = graph.run("analyst/recommendations", userId=1, n=TOP).rows
    assert [one["itemId"] for one in live] == [one["itemId"] for one in stored]


def test_interrupted_anywhere_and_done_again(
    graph: Graph, stopping: Stopping, split: SplitFolder
) -> None:
    old, new = make_run(split, "lstm-1"), make_run(split, "lstm-2", seed=2, dimension=6)
    write(graph, old, split)
    stopping.arm(-1)
    write(stopping, new, split)
    calls, undisturbed = stopping.calls, content(graph)
    for stop_at in range(9, calls, 7):
        write(graph, old, split)
        assert run_node(graph, "lstm-1")["slot"] == "A"  # as the undisturbed one began
        stopping.arm(stop_at, after=stop_at % 2 == 0)
        with pytest.raises(Interrupted):
            write(stopping, new, split)
        check_between(graph)
        write(graph, new, split)
        assert content(graph) == undisturbed, f"stopped at statement {stop_at} of {calls}"


def test_what_an_interrupted_run_left_goes_with_the_next_run(
    graph: Graph, stopping: Stopping, split: SplitFolder
) -> None:
    write(graph, make_run(split, "lstm-1"), split)
    stopping.arm(30)
    with pytest.raises(Interrupted):
        write(stopping, make_run(split, "lstm-2", seed=2), split)
    assert run_node(graph, "lstm-2")["status"] == "writing"
    write(graph, make_run(split, "lstm-3", seed=3), split)
    assert {run for run, _ in counts(graph)} == {"lstm-3"}
    assert graph.run_text("MATCH (r:Run) RETURN r.runId AS run").rows == [{"run": "lstm-3"}]
    assert not graph.run_text("MATCH (l:__Load) RETURN l").rows


_KILLED = """
import os, signal, sys
from pathlib import Path
from stopping import Stopping
from reelgraph.artifacts import DatasetFolder, RunFolder
from reelgraph.results import relationships, run_graph
from reelgraph.results.writeback import write_run

run_graph._GROUPS_A_BATCH, relationships._ROWS_A_BATCH = 10, 200
workspace, stop_at = Path(sys.argv[1]), int(sys.argv[2])
Stopping.end = lambda self: os.kill(os.getpid(), signal.SIGKILL)
split = DatasetFolder(workspace / 'datasets' / 'abc').split('user-time')
with Stopping(*sys.argv[3:]) as graph:
    graph.arm(stop_at)
    write_run(graph, RunFolder(workspace / 'runs' / 'lstm-2'), split, progress=False, grace=0.0)
"""


@pytest.mark.parametrize("stop_at", [22, 31])
def test_killed_and_done_again(
    graph: Graph, server: Any, split: SplitFolder, tmp_path: Path, stop_at: int
) -> None:
    write(graph, make_run(split, "lstm-1"), split)
    new = make_run(split, "lstm-2", seed=2)
    connection = [server.uri, server.username, server.password, server.database]
    helpers = os.pathsep.join(map(str, Path(__file__).parents[:2]))
    killed = subprocess.run(
        [sys.executable, "-c", _KILLED, str(tmp_path), str(stop_at), *connection],
        env=os.environ | {"PYTHONPATH": helpers},
        check=False,
    )
    assert killed.returncode == -9
    check_between(graph)
    assert active(graph) == ["lstm-1"]
    write(graph, new, split)
    again = content(graph)
    write(graph, make_run(split, "lstm-1"), split)
    write(graph, new, split)
    assert content(graph) == again


def test_a_run_of_another_split_is_refused(graph: Graph, split: SplitFolder) -> None:
    run = make_run(split, "lstm-1")
    frame = read_parquet(run.predictions)
    history = read_parquet(split.split)
    seen = history[(history["user"] == 1) & (history["fold"] == "train")]["item"].iloc[0]
    frame.loc[0, "item"] = seen
    write_parquet(run.predictions, pd.DataFrame(frame))
    with pytest.raises(ArtifactError, match=f"user 1, item {seen} is in the user's history"):
        write(graph, run, split)
