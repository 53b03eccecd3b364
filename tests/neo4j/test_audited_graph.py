"""The leak audit on real projections: what GDS holds is what the split's train rows say."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pytest
from conftest import JARS, LANE

from reelgraph.artifacts import RunFolder, SplitFolder, read_parquet, write_parquet
from reelgraph.gds_jobs import projection, runner
from reelgraph.gds_jobs.base import GraphJob, JobOutput, Kind
from reelgraph.gds_jobs.split_graph import SplitGraph, read_split_graph
from reelgraph.graph import migrations
from reelgraph.graph.connection import Graph
from reelgraph.loader.load import load
from reelgraph.loader.source import CanonicalTables
from reelgraph.pipeline.audit import AuditReport
from reelgraph.pipeline.config import RunConfig
from reelgraph.pipeline.run import audit_run, run_pipeline
from reelgraph.plugins import manager
from reelgraph.results.runs import list_runs, show_run
from reelgraph.settings import Settings

pytestmark = pytest.mark.neo4j

SMALL = {"embedding_size": 8, "hidden_size": 8, "heads": 2, "epochs": 1}
CONFIG = RunConfig(
    options={**SMALL, "embeddings": ("fastrp-train", "walk-vectors-both")},
    baselines=("most-popular",),
)


@pytest.fixture
def loaded(graph: Graph, tiny_tables: CanonicalTables) -> Graph:
    migrations.apply(graph)
    load(graph, tiny_tables, progress=False)
    return graph


@pytest.fixture
def settings(server: Any, tmp_path: Path) -> Settings:
    found: Settings = server.settings(tmp_path)
    return found


def quiet(_: str) -> None:
    """Notes of the stages."""


def rows_of(report: AuditReport, what: str) -> list[tuple[str, str]]:
    """Result and evidence of each row whose name begins so."""
    return [(row.result, row.evidence) for row in report.rows if row.what.startswith(what)]


def projections(graph: Graph) -> int:
    row = graph.run_text("CALL gds.graph.list() YIELD graphName RETURN count(*) AS n").single()
    assert row
    return int(row["n"])


def test_a_clean_run_passes_with_a_projection_and_in_full(
    loaded: Graph, settings: Settings
) -> None:
    run = run_pipeline(settings, loaded, CONFIG, quiet)
    report = audit_run(settings, run, quiet, graph=loaded, full=True)
    assert report.passed, report.failed
    made = rows_of(report, "projection of graph jobs")
    split = read_parquet(next(settings.datasets_dir.glob("*/splits/*/split.parquet")))
    train = int((split["fold"] == "train").sum())
    assert {result for result, _ in made} == {"pass"}
    assert any(f"{train} RATED edges, forward and reverse" in evidence for _, evidence in made)
    outputs = rows_of(report, "output of graph job")  # vectors, walks, their vectors, knn
    assert sorted(result for result, _ in outputs) == ["not applicable"] * 3 + ["pass"]
    on_server = [evidence for result, evidence in outputs if result != "pass"]
    assert all("no jars of a local server" in evidence for evidence in on_server)
    assert projections(loaded) == 0
    assert show_run(loaded, active(loaded))["auditPassed"] is True


def test_embeddings_and_walks_over_test_edges_are_caught(
    loaded: Graph, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(runner, "read_split_graph", _with_test_rows)
        run = run_pipeline(settings, loaded, CONFIG, quiet, stop="evaluate")
    audit = run.manifest().audit
    assert audit.passed is False
    failed = set(audit.failed)
    assert failed == {
        "inputs of graph job fastrp-train",
        "inputs of graph job walks-both",
        "steps of walks walks-both",
    }


class AllRatings(GraphJob):
    """Vectors from the ratings in the database, test rows among them."""

    name: ClassVar[str] = "all-ratings"
    description: ClassVar[str] = "ratings of items"
    kind: ClassVar[Kind] = "embeddings"

    def run(self, projection: projection.Projection) -> JobOutput:
        query = (
            "MATCH (m:Item)<-[r:RATED]-() RETURN m.itemId AS id, count(r) AS n, sum(r.rating) AS s"
        )
        found = {row["id"]: [row["n"], row["s"]] for row in projection.graph.run_text(query).rows}
        ids = projection.inputs.item_ids
        vectors = [np.array(found.get(one, [0, 0]), np.float32) for one in ids.tolist()]
        return JobOutput(self.kind, pd.DataFrame({"itemId": ids, "vector": vectors}))


def test_a_job_that_reads_the_database_is_caught_on_an_empty_server(
    loaded: Graph, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = {**manager.graph_jobs(), AllRatings.name: AllRatings}
    monkeypatch.setattr(manager, "graph_jobs", lambda: jobs)
    settings.server_dir.mkdir()
    (settings.server_dir / LANE.jars).symlink_to(JARS)
    names = (*CONFIG.options["embeddings"], AllRatings.name)
    config = CONFIG.model_copy(update={"options": {**SMALL, "embeddings": names}})
    run = run_pipeline(settings, loaded, config, quiet, stop="predict")
    assert audit_run(settings, run, quiet, graph=loaded).passed, "its inputs alone do not show it"
    report = audit_run(settings, run, quiet, graph=loaded, full=True)
    outputs = {row.what: row for row in report.rows if row.what.startswith("output of")}
    assert len(outputs) == 5  # the vectors of walks need no server
    caught = outputs.pop(f"output of graph job {AllRatings.name}")
    assert report.failed == [caught]
    assert "on an empty server" in caught.evidence
    assert {row.result for row in outputs.values()} == {"pass"}, outputs


def test_a_projection_with_a_test_edge_is_caught_and_dropped(
    loaded: Graph, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = run_pipeline(settings, loaded, CONFIG, quiet, stop="evaluate")
    original = projection.edge_groups

    def leaky(inputs: SplitGraph) -> list[dict[str, Any]]:
        groups = original(inputs)
        for group in groups:
            if group["type"] == "RATED":
                free = min(set(range(len(inputs.item_ids))) - set(group["targets"]))
                group["targets"].append(free)
                break
        return groups

    monkeypatch.setattr(projection, "edge_groups", leaky)
    report = audit_run(settings, run, quiet, graph=loaded)
    assert all(row.what.startswith("projection of graph jobs") for row in report.failed)
    assert "the projection is not the split" in report.failed[0].evidence
    monkeypatch.undo()
    assert not audit_run(settings, run, quiet).passed, "it stays so where there is no server"
    assert audit_run(settings, run, quiet, graph=loaded).passed
    assert projections(loaded) == 0


def test_runs_in_the_graph_are_labelled_when_a_later_audit_fails(
    loaded: Graph, settings: Settings
) -> None:
    config = CONFIG.model_copy(update={"knowledge": "none", "jobs": {}})
    run = run_pipeline(settings, loaded, config, quiet)
    assert _listed(loaded, settings, run) == "passed"
    stored = read_parquet(run.predictions)
    write_parquet(run.predictions, stored.assign(score=stored["score"] * 3))
    assert not audit_run(settings, run, quiet, graph=loaded).passed
    assert _listed(loaded, settings, run) == "LEAKS"
    run_pipeline(settings, loaded, config, quiet)
    row = loaded.run("analyst/run_overview").rows[0]
    assert row["active"]
    assert row["auditPassed"] is False


def _listed(graph: Graph, settings: Settings, run: RunFolder) -> str:
    rows = list_runs(graph, settings.runs_dir)
    return str(next(row["audit"] for row in rows if row["status"] == "active"))


def active(graph: Graph) -> str:
    row = graph.run_text("MATCH (t:Task {name: 'ranking'}) RETURN t.activeRunId AS id").single()
    assert row
    return str(row["id"])


def _with_test_rows(split: SplitFolder, shuffled: bool = False) -> SplitGraph:
    """Test rows pass for train rows."""
    folds = read_parquet(split.split)
    try:
        write_parquet(split.split, folds.assign(fold="train"))
        return read_split_graph(split, shuffled)
    finally:
        write_parquet(split.split, folds)
