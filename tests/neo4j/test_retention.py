"""How much evidence of a run is stored, and which runs stay for a rollback."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from small_runs import TOP, USERS, active, content, counts, make_rating_run, make_run

from reelgraph.artifacts import RunFolder, SplitFolder, read_parquet
from reelgraph.graph.connection import Graph
from reelgraph.results import runs
from reelgraph.results.writeback import write_run

pytestmark = pytest.mark.neo4j

_EVIDENCE = """
MATCH (u:User)-[r:RECOMMENDED]->(m:Item)
RETURN u.userId AS user, r.rank AS rank, r.runId AS run, r.evidenceIds AS ids,
       r.evidenceContributions AS contributions
ORDER BY user, rank
"""


def write(graph: Graph, run: RunFolder, split: SplitFolder, **options: Any) -> Any:
    return write_run(graph, run, split, progress=False, grace=0.0, **options)


def in_graph(graph: Graph) -> dict[str, str]:
    return {row["runId"]: row["status"] for row in runs.list_runs(graph)}


def evidence(graph: Graph) -> pd.DataFrame:
    return graph.run_text(_EVIDENCE).frame()


def test_the_strongest_evidence_is_stored_and_another_number_is_another_content(
    graph: Graph, split: SplitFolder
) -> None:
    run = make_run(split, "lstm-1")
    files = read_parquet(run.predictions).sort_values(["user", "rank"], ignore_index=True)
    write(graph, run, split, evidence_top=2)
    stored = evidence(graph)
    for name, column in (("ids", "evidenceIds"), ("contributions", "evidenceContributions")):
        assert stored[name].tolist() == [one[:2].tolist() for one in files[column]]
    assert runs.show_run(graph, "lstm-1")["evidenceTop"] == 2
    assert str(write(graph, run, split, evidence_top=2)) == "nothing changed"
    write(graph, run, split)
    assert active(graph) == ["lstm-1@2"]
    assert set(evidence(graph)["run"]) == {"lstm-1@2"}
    assert evidence(graph)["ids"].map(len).eq(5).all()
    assert str(write(graph, run, split, evidence_top=5)) == "nothing changed", "it has no more"
    write(graph, run, split, evidence_top=0)
    assert evidence(graph)["ids"].isna().all()
    assert counts(graph)["lstm-1", "RECOMMENDED"] == USERS * TOP


def test_the_runs_that_were_active_last_stay(graph: Graph, split: SplitFolder) -> None:
    folders = [make_run(split, f"lstm-{seed}", seed=seed) for seed in range(1, 6)]
    for folder in folders[:3]:
        write(graph, folder, split, keep=2)
    assert in_graph(graph) == dict.fromkeys(["lstm-2", "lstm-1"], "for rollback") | {
        "lstm-3": "active"
    }
    write(graph, folders[3], split)  # as was said before
    assert set(in_graph(graph)) == {"lstm-2", "lstm-3", "lstm-4"}
    assert counts(graph)["lstm-2", "RECOMMENDED"] == USERS * TOP
    assert str(write(graph, folders[3], split, keep=2)) == "nothing changed"
    runs_dir = split.dataset.path.parents[1] / "runs"
    runs.activate(graph, "lstm-2", runs_dir, progress=False, grace=0.0)  # its vectors come back
    assert active(graph) == ["lstm-2"]
    assert set(in_graph(graph)) == {"lstm-2", "lstm-3", "lstm-4"}
    live = graph.run("analyst/live_top_n", userId=3, n=TOP).rows
    stored = graph.run("analyst/recommendations", userId=3, n=TOP).rows
    assert [row["itemId"] for row in live] == [row["itemId"] for row in stored]
    runs.clean(graph, keep=1, grace=0.0)
    assert in_graph(graph) == {"lstm-2": "active", "lstm-4": "for rollback"}
    write(graph, folders[4], split, keep=0)
    assert in_graph(graph) == {"lstm-5": "active"}
    assert {run for run, _ in counts(graph)} == {"lstm-5"}


def test_what_is_kept_does_not_count_and_each_task_counts_alone(
    graph: Graph, split: SplitFolder
) -> None:
    for seed in (1, 2):
        write(graph, make_rating_run(split, f"bias-{seed}", seed=seed), split, keep=1)
    write(graph, make_run(split, "lstm-1"), split, keep=1)
    runs.keep(graph, "lstm-1")
    for seed in (2, 3, 4):
        write(graph, make_run(split, f"lstm-{seed}", seed=seed), split)
    assert in_graph(graph) == {
        "lstm-4": "active",
        "lstm-3": "for rollback",
        "lstm-1": "kept",
        "bias-2": "active",
        "bias-1": "for rollback",
    }
    runs.clean(graph, keep=0, grace=0.0)
    assert in_graph(graph) == {"lstm-4": "active", "lstm-1": "kept", "bias-2": "active"}


def test_without_a_number_nothing_stays(graph: Graph, split: SplitFolder) -> None:
    for seed in (1, 2):
        write(graph, make_run(split, f"lstm-{seed}", seed=seed), split)
    assert in_graph(graph) == {"lstm-2": "active"}
    assert not [row for row in content(graph)["nodes"] if "keep" in row["properties"]]
