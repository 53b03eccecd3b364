"""The whole path on the tiny data set: done, skipped, interrupted, refitted, other protocols."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from reelgraph.artifacts import read_parquet
from reelgraph.errors import GdsMissingError, InputError, SettingsError
from reelgraph.gds_jobs import node_properties
from reelgraph.graph import migrations
from reelgraph.graph.connection import Graph
from reelgraph.loader.load import load
from reelgraph.loader.source import CanonicalTables
from reelgraph.model.zoo.attention_lstm import AttentionLSTMRanker
from reelgraph.pipeline.config import RunConfig
from reelgraph.pipeline.explaining import explained_by
from reelgraph.pipeline.folders import split_of
from reelgraph.pipeline.run import run_pipeline, run_refit
from reelgraph.results.reasons import recommendations
from reelgraph.settings import Settings

pytestmark = pytest.mark.neo4j

SMALL = {"embedding_size": 8, "hidden_size": 8, "heads": 2, "epochs": 2}


class Notes(list[str]):
    def __call__(self, text: str) -> None:
        self.append(text)


@pytest.fixture
def settings(server: Any, tmp_path: Path) -> Settings:
    found: Settings = server.settings(tmp_path)
    return found


@pytest.fixture
def loaded(graph: Graph, tiny_tables: CanonicalTables) -> Graph:
    migrations.apply(graph)
    load(graph, tiny_tables, progress=False)
    return graph


def config(**values: Any) -> RunConfig:
    return RunConfig(**{"options": SMALL, "baselines": ("most-popular",), **values})


def active(graph: Graph) -> str:
    row = graph.run_text("MATCH (t:Task {name: 'ranking'}) RETURN t.activeRunId AS id").single()
    assert row
    return str(row["id"])


def test_from_graph_to_graph_and_skipped_the_second_time(loaded: Graph, settings: Settings) -> None:
    run = run_pipeline(settings, loaded, config(), Notes())
    manifest = run.manifest()
    assert list(manifest.stages) == ["train", "predict", "audit", "evaluate", "writeback"]
    assert manifest.audit.passed
    vectors = {"fastrp", "node2vec", "walk-vectors"}
    assert set(manifest.summary["fusion"]) == {"id", "item facts"} | vectors
    assert set(run.read_metrics().models) == {"attention-lstm", "most-popular"}
    assert not (run.path / "checkpoints").exists()
    assert active(loaded) == run.run_id
    notes = Notes()
    assert run_pipeline(settings, loaded, config(), notes) == run
    assert len([note for note in notes if "skipped" in note]) == 5


def test_explainers_are_asked_of_the_active_run(loaded: Graph, settings: Settings) -> None:
    """Of EASE, whose score is a sum, they say what is stored."""
    with pytest.raises(InputError, match="no run is active"):
        explained_by(settings, loaded, 1, 1, "attention", print)
    run = run_pipeline(settings, loaded, RunConfig(model="ease", baselines=()), print)
    best = recommendations(loaded, 1)[0]
    stored = {one["itemId"]: one["contribution"] for one in best["because"]}
    for name in ("attention", "counterfactual", "path-integration"):
        found = explained_by(settings, loaded, 1, best["itemId"], name, print)
        assert (found["runId"], found["rank"], found["title"]) == (run.run_id, 1, best["title"])
        assert found["score"] == pytest.approx(best["score"], rel=1e-5)
        told = {one["itemId"]: one["contribution"] for one in found["evidence"]}
        assert told == pytest.approx(stored, abs=1e-4)
    known = best["because"][0]["itemId"]
    for user, item, name, said in (
        (1, best["itemId"], "nope", "Known: attention, counterfactual"),
        (1, known, "attention", "it has read what user 1 gave"),
        (999, best["itemId"], "attention", "it has read no rating of user 999"),
    ):
        with pytest.raises(InputError) as error:
            explained_by(settings, loaded, user, item, name, print)
        assert said in f"{error.value.message} {error.value.hint}"


def test_done_again_from_a_stage(loaded: Graph, settings: Settings) -> None:
    run = run_pipeline(settings, loaded, config(), Notes())
    before = read_parquet(run.predictions)
    notes = Notes()
    run_pipeline(settings, loaded, config(), notes, start="predict")
    assert [note.split(":")[0] for note in notes if "skipped" in note] == ["train"]
    assert read_parquet(run.predictions).equals(before)


def test_interrupted_in_a_forced_final_fit_and_done_again(
    loaded: Graph, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stages done before must not pass for those of the new fit."""
    run = run_pipeline(settings, loaded, config(), Notes())
    before = read_parquet(run.predictions)
    with monkeypatch.context() as patch:
        patch.setattr(AttentionLSTMRanker, "save", _interrupt)
        with pytest.raises(KeyboardInterrupt):
            run_pipeline(settings, loaded, config(), Notes(), start="train")
    assert run.manifest().stages == {}
    notes = Notes()
    run_pipeline(settings, loaded, config(), notes)
    assert not [note for note in notes if "skipped" in note and not note.startswith("writeback")]
    assert read_parquet(run.predictions).equals(before)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def test_refit_reads_every_interaction(loaded: Graph, settings: Settings) -> None:
    refit = run_refit(settings, loaded, config(), Notes())
    manifest = refit.manifest()
    assert active(loaded) == refit.run_id
    assert manifest.protocol == "all"
    parent = manifest.refit_of
    row = loaded.run_text(
        "MATCH (:Run {runId: $refit})-[:REFIT_OF]->(p:Run) RETURN p.runId AS id", refit=refit.run_id
    ).single()
    assert row == {"id": parent}
    seen = loaded.run_text(
        "MATCH (u:User)-[:RECOMMENDED {runId: $run}]->(m)<-[:RATED]-(u) RETURN count(*) AS n",
        run=refit.run_id,
    ).single()
    assert seen == {"n": 0}


def test_without_knowledge_and_with_histories_of_one_event(
    loaded: Graph, settings: Settings
) -> None:
    loaded.run_text("MATCH (e:Entity) DETACH DELETE e", write=True)
    loaded.run_text("MATCH (:Item)-[s:HAS_SEQUEL]->() DELETE s", write=True)
    loaded.run_text("MATCH (:User)-[r:RATED]->() WHERE r.seq > 2 DELETE r", write=True)
    notes = Notes()
    run = run_pipeline(settings, loaded, config(), notes, stop="predict")
    # titles and years say something still
    assert set(run.manifest().summary["fusion"]) == {"id", "item facts"}
    assert any("no knowledge relationships" in note for note in notes)


def test_another_configuration_is_another_run(loaded: Graph, settings: Settings) -> None:
    first = run_pipeline(settings, loaded, config(), Notes(), stop="train")
    second = run_pipeline(settings, loaded, config(seed=7), Notes(), stop="train")
    jobs = {"knn": {}, "fastrp": {"embedding_size": 16}}
    third = run_pipeline(settings, loaded, config(jobs=jobs), Notes(), stop="train")
    assert len({first.run_id, second.run_id, third.run_id}) == 3


def test_a_run_names_its_jobs_with_parameters(loaded: Graph, settings: Settings) -> None:
    jobs = {
        "knn": {"edges": "train"},
        "node-similarity": {},
        "transe": {"embedding_size": 4, "epochs": 2},
    }
    options = {**SMALL, "embeddings": ["structure-vectors", "transe"]}
    run = run_pipeline(settings, loaded, config(jobs=jobs, options=options), Notes())
    manifest = run.manifest()
    assert list(manifest.jobs) == ["knn-train", "node-similarity", "structure-vectors", "transe"]
    assert set(manifest.summary["fusion"]) == {"id", "item facts", "structure-vectors", "transe"}
    assert manifest.audit.passed
    split = split_of(settings, run)
    vectors = read_parquet(split.output("embeddings", "transe"))["vector"]
    assert {len(vector) for vector in vectors} == {8}  # the item's own and its neighbours'
    methods = loaded.run_text(
        "MATCH ()-[s:SIMILAR_TO {runId: $run}]->() RETURN DISTINCT s.method AS method "
        "ORDER BY method",
        run=run.run_id,
    ).rows
    both = ["knn of fastrp vectors over train ratings", "node similarity (jaccard)"]
    assert [row["method"] for row in methods] == both


def test_shuffled_knowledge_beside_vectors_of_train_ratings(
    loaded: Graph, settings: Settings
) -> None:
    """There is no knowledge in the latter to shuffle: they stay as they are."""
    options = {**SMALL, "embeddings": ["fastrp", "structure-vectors", "fastrp-both"]}
    shuffled = config(knowledge="shuffled", options=options, jobs={})
    run = run_pipeline(settings, loaded, shuffled, Notes(), stop="audit")
    names = ["fastrp-both-shuffled", "fastrp-shuffled", "structure-vectors"]
    assert list(run.manifest().jobs) == names
    assert run.manifest().audit.passed
    loaded.run_text("MATCH (e:Entity) DETACH DELETE e", write=True)
    loaded.run_text("MATCH (:Item)-[s:HAS_SEQUEL]->() DELETE s", write=True)
    run = run_pipeline(settings, loaded, shuffled, Notes(), stop="train")
    assert list(run.manifest().jobs) == ["fastrp-both-shuffled", "structure-vectors"]


def test_a_model_reads_what_its_job_makes(loaded: Graph, settings: Settings) -> None:
    jobs = {"fastrp": {"edges": "both"}}
    with pytest.raises(InputError, match="jobs makes it as fastrp-both"):
        run_pipeline(settings, loaded, config(jobs=jobs), Notes())
    options = {**SMALL, "embeddings": ["walks"]}
    with pytest.raises(InputError, match="the model reads vectors, but walks makes walks"):
        run_pipeline(settings, loaded, config(options=options), Notes())
    jobs = {"transe": {"method": "distmult"}}
    with pytest.raises(InputError, match="parameter method of job transe"):
        run_pipeline(settings, loaded, config(jobs=jobs), Notes())


def test_without_gds_jobs_over_files_are_done(
    loaded: Graph, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_: Graph) -> None:
        raise GdsMissingError("this server has no usable Graph Data Science library")

    monkeypatch.setattr(Graph, "gds", missing)
    options = {**SMALL, "embeddings": ["fastrp", "walk-vectors", "walk-vectors-metapath", "transe"]}
    jobs = {"knn": {}, "transe": {"embedding_size": 4, "epochs": 1}}
    notes = Notes()
    run = run_pipeline(settings, loaded, config(options=options, jobs=jobs), notes, stop="train")
    assert set(run.manifest().summary["fusion"]) == {
        "id",
        "item facts",
        "walk-vectors-metapath",
        "transe",
    }
    assert any(
        "without fastrp, knn, walk-vectors, walks. this server has no usable" in note
        for note in notes
    )


def test_properties_of_nodes_need_a_data_set(graph: Graph) -> None:
    """It remembers which properties are ours, so that nobody else's are overwritten."""
    rows = pd.DataFrame({"itemId": [1], "properties": [{"trainDegree": 1}]})
    with pytest.raises(InputError, match="no Dataset node"):
        node_properties._claim(graph, {"Item": rows})


def test_an_unknown_option_is_told_before_anything_is_done(
    graph: Graph, settings: Settings
) -> None:
    with pytest.raises(SettingsError, match="option layers"):
        run_pipeline(settings, graph, config(options={"layers": 3}), Notes())
