"""Projections against a real server: every protocol, weights, types, and what goes wrong."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import Server
from gds_case import catalogue_of, copy_split, export_once, run, small_job

from reelgraph.artifacts import SplitFolder, read_parquet, write_parquet
from reelgraph.errors import ArtifactError, DatabaseError, InputError
from reelgraph.gds_jobs import catalogue, projection
from reelgraph.gds_jobs.base import GraphJob, JobOutput, Kind
from reelgraph.gds_jobs.jobs.graphsage import GraphSage
from reelgraph.gds_jobs.projection import Projection, check_projection, project
from reelgraph.gds_jobs.runner import run_jobs
from reelgraph.gds_jobs.selection import Selection
from reelgraph.gds_jobs.split_graph import read_split_graph
from reelgraph.graph.connection import Graph
from reelgraph.model.splits.lookup import bound
from reelgraph.model.splits.splitting import write_split

pytestmark = pytest.mark.neo4j

PROTOCOLS = ["leave-one-out", "user-time", "global-time", "random", "given", "seed-leaky", "all"]
TWO_TYPES = ("ACTED_IN", "DIRECTED")


@pytest.fixture(scope="module")
def exported(server: Server, tmp_path_factory: pytest.TempPathFactory) -> SplitFolder:
    return export_once(server, tmp_path_factory.mktemp("exported"))


@pytest.fixture
def split(exported: SplitFolder, tmp_path: Path) -> SplitFolder:
    return copy_split(exported, tmp_path)


@pytest.fixture
def graph(server: Server) -> Iterator[Graph]:
    """Jobs need files, not the graph; after every test the catalogues are empty."""
    with server.graph() as graph:
        yield graph
        assert catalogue_of(graph) == []


def edges(graph: Graph, projection: Projection) -> pd.DataFrame:
    """``source, target, type`` of the projection, and ``weight`` where it has weights."""
    procedure, other, value = "relationships.stream($name", "", "1.0"
    if projection.weight:
        procedure = "relationshipProperty.stream($name, 'weight'"
        other, value = ", propertyValue", "propertyValue"
    rows = graph.run_text(
        f"CALL gds.graph.{procedure}) "
        f"YIELD sourceNodeId, targetNodeId, relationshipType{other} "
        "RETURN sourceNodeId AS source, targetNodeId AS target, relationshipType AS type, "
        f"{value} AS weight",
        name=projection.name,
    )
    return rows.frame(("source", "target", "type", "weight"))


def rows_of(split: SplitFolder) -> pd.DataFrame:
    """Rows of the split with their rating, and the node indices ``u, i``."""
    rows = read_parquet(split.split)
    users = read_parquet(split.dataset.users).set_index("userId")["index"]
    items = read_parquet(split.dataset.items).set_index("itemId")["index"]
    events = read_parquet(split.dataset.interactions).set_index(["user", "item"])["rating"]
    pairs = pd.MultiIndex.from_frame(rows[["user", "item"]])
    return rows.assign(
        u=rows["user"].map(users), i=rows["item"].map(items), rating=events.loc[pairs].to_numpy()
    )


def set_folds(split: SplitFolder, fold: Any) -> None:
    write_parquet(split.split, read_parquet(split.split).assign(fold=fold))


def given_files(split: SplitFolder, folder: Path) -> dict[str, str]:
    """The user's own files, which leave some rows out."""
    rows = read_parquet(split.dataset.interactions)[["user", "item", "rating", "timestamp"]]
    for name, part in (("train", rows[0:120]), ("test", rows[130:])):
        part.to_csv(folder / name, sep="\t", header=False, index=False)
    return {name: str(folder / name) for name in ("train", "test")}


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_only_train_rows_of_every_protocol_are_projected(
    graph: Graph, split: SplitFolder, tmp_path: Path, protocol: str
) -> None:
    parameters = given_files(split, tmp_path) if protocol == "given" else {}
    made = write_split(split.dataset, bound(protocol, parameters))
    rows = rows_of(made)
    assert (protocol == "given") == (rows["fold"] == "unused").any()
    with project(graph, read_split_graph(made), protocol) as projection:
        found = edges(graph, projection)
    rated = found[found["type"] == "RATED"]
    train = rows[rows["fold"] == "train"]
    both_ways = {
        *zip(train["u"], train["i"], strict=True),
        *zip(train["i"], train["u"], strict=True),
    }
    assert len(rated) == 2 * len(train) > 0
    assert set(zip(rated["source"], rated["target"], strict=True)) == both_ways


@pytest.mark.parametrize("weight", ["rating", "recency"])
def test_weights_of_a_projection(graph: Graph, split: SplitFolder, weight: Any) -> None:
    train = rows_of(split).query("fold == 'train'")
    expected = dict(zip(zip(train["u"], train["i"], strict=True), train["rating"], strict=True))
    if weight == "recency":
        for user, group in train.groupby("u"):
            for row in group.itertuples():
                later = (group["seq"] > row.seq).sum()
                expected[user, row.i] = 0.5 ** (later / 3)
    inputs = Selection(None, weight, 3.0).apply(split, read_split_graph(split))
    with project(graph, inputs, "weighted") as projection:
        found = edges(graph, projection)
        heavier = inputs.train.assign(weight=inputs.train["weight"] * 1.01)
        with pytest.raises(ArtifactError, match="not the same ones"):
            check_projection(graph, projection.name, replace(inputs, train=heavier))
    rated = found["type"] == "RATED"
    assert (found.loc[~rated, "weight"] == 1).all() and (~rated).any()
    assert rated.sum() == 2 * len(expected)
    for row in found[rated].itertuples():
        assert row.weight == pytest.approx(
            expected[max(row.source, row.target), min(row.source, row.target)]
        )


def test_weights_change_what_comes_out(graph: Graph, split: SplitFolder) -> None:
    job = "fastrp-train"
    prints, tables = set(), []
    for weight in ("none", "rating", "recency"):
        prints.add(run(graph, split, job, weight=weight).fingerprint)
        tables.append(np.stack(read_parquet(split.output("embeddings", job))["vector"].to_list()))
    assert len(prints) == 3
    assert not np.allclose(tables[0], tables[1]) and not np.allclose(tables[0], tables[2])


def test_types_filter_the_projection(graph: Graph, split: SplitFolder) -> None:
    inputs = Selection(TWO_TYPES).apply(split, read_split_graph(split))
    with project(graph, inputs, "typed") as projection:
        assert set(edges(graph, projection)["type"]) == set(TWO_TYPES)
    known = read_parquet(split.dataset.triples).query("relation in @TWO_TYPES")
    pairs = set(zip(known["head"], known["tail"], strict=True))
    run(graph, split, "walks", types="DIRECTED, ACTED_IN")
    for walk in read_parquet(split.output("walks", "walks"))["nodes"]:
        assert all((a, b) in pairs or (b, a) in pairs for a, b in itertools.pairwise(walk))


def test_an_unknown_type_is_refused_before_anything_runs(graph: Graph, split: SplitFolder) -> None:
    jobs = [small_job("fastrp"), small_job("walks", types="DIRECTED,RATED")]
    with pytest.raises(InputError, match="no RATED relationships among the knowledge") as error:
        run_jobs(graph, split, jobs, progress=False)
    assert "ACTED_IN, DIRECTED" in error.value.hint
    assert not split.manifest().jobs


def test_rating_weights_need_ratings(graph: Graph, split: SplitFolder) -> None:
    events = read_parquet(split.dataset.interactions)
    write_parquet(
        split.dataset.interactions, events.assign(rating=events["rating"].where(events.index > 0))
    )
    with pytest.raises(InputError, match="1 train rows have no rating above 0"):
        run(graph, split, "fastrp-both", weight="rating")
    write_parquet(split.dataset.interactions, events.drop(columns="rating"))
    with pytest.raises(InputError, match="no ratings to weigh") as error:
        run(graph, split, "fastrp-both", weight="rating")
    assert "recency" in error.value.hint
    assert not split.manifest().jobs


@pytest.mark.parametrize("name", ["fastrp-train", "structure", "walks-train", "graphsage-train"])
def test_no_train_edges(graph: Graph, split: SplitFolder, name: str) -> None:
    set_folds(split, "test")
    with pytest.raises(ArtifactError, match="no train edges"):
        run(graph, split, name)
    assert not split.manifest().jobs


def test_users_without_history_and_isolated_movies(graph: Graph, split: SplitFolder) -> None:
    rows = rows_of(split)
    user, item = rows["u"].iloc[0], rows["i"].iloc[-1]
    lonely = (rows["u"] == user) | (rows["i"] == item)
    set_folds(split, np.where(lonely, "test", "train"))
    triples = read_parquet(split.dataset.triples)
    write_parquet(
        split.dataset.triples, triples[(triples["head"] != item) & (triples["tail"] != item)]
    )
    for name in ("fastrp-both", "node2vec-both", "hashgnn-both", "graphsage-both"):
        run(graph, split, name)
        vectors = np.stack(read_parquet(split.output("embeddings", name))["vector"].to_list())
        assert np.isfinite(vectors).all()
        assert not vectors[item].any() and vectors.any(axis=1).sum() == len(vectors) - 1
    run(graph, split, "structure-both")
    table = read_parquet(split.output("structure", "structure-both")).set_index("node")
    assert table.loc[item, "degree"] == table.loc[user, "degree"] == 0
    assert table.loc[[item, user], "community"].isna().all()
    run(graph, split, "knn-both")
    similar = read_parquet(split.output("similarity", "knn-both"))
    item_id = read_parquet(split.dataset.items).set_index("index")["itemId"][item]
    assert len(similar) and item_id not in {*similar["itemId"], *similar["otherId"]}


def test_what_cannot_fit_is_refused_with_the_numbers(graph: Graph, split: SplitFolder) -> None:
    huge = replace(read_split_graph(split), entities=10**12)
    with (
        pytest.raises(DatabaseError, match=r"needs [\d,]+ MiB.*heap has [\d,]+ MiB") as error,
        project(graph, huge, "huge"),
    ):
        pytest.fail("it was projected")
    assert "--heap" in error.value.hint


def test_names_of_others_are_left_alone(
    graph: Graph, split: SplitFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = read_split_graph(split)
    mine = "reelgraph-of-somebody"
    graph.run("gds/project", name=mine, nodes=[{"label": "X", "first": 0, "last": 2}], edges=[])
    monkeypatch.setattr(projection, "new_name", lambda _: mine)
    try:
        for label in ("first", "second"):  # nor does the first try make it one to tidy away
            with (
                pytest.raises(DatabaseError, match=f"another projection has the name {mine}"),
                project(graph, inputs, label),
            ):
                pytest.fail("it was projected")
        assert catalogue_of(graph) == [mine]
    finally:
        catalogue.drop(graph, mine)


class Interrupted(GraphSage):
    """Ctrl-C while the model is in the catalogue."""

    def _add_features(self, projection: Projection, name: str, where: Any) -> list[str]:
        features = super()._add_features(projection, name, where)
        monkey = projection.gds.graph_sage.train(
            projection.handle(),
            model_name=catalogue.new_name("left").replace(f"-{os.getpid()}-", f"-{gone()}-"),
            feature_properties=features,
            embedding_dimension=4,
            **where,
        )
        assert monkey
        raise KeyboardInterrupt


def gone() -> int:
    """The number of a process that is no more."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.communicate()
    return process.pid


def test_models_of_killed_processes_are_dropped(graph: Graph, split: SplitFolder) -> None:
    with pytest.raises(KeyboardInterrupt):
        run_jobs(graph, split, [Interrupted(small_job("graphsage").config)], progress=False)
    assert len(catalogue_of(graph)) == 1
    run(graph, split, "fastrp")
    assert catalogue_of(graph) == []


class Restarting(GraphJob):
    """The server is stopped and started again while this job runs."""

    name = "restarting"
    kind: Kind = "embeddings"
    server: Server

    def run(self, projection: Projection) -> JobOutput:
        local = self.server.local
        assert local is not None
        local.down()
        local.up()
        return small_job("fastrp").run(projection)


def test_a_server_that_restarts_while_a_job_runs(
    server: Server, graph: Graph, split: SplitFolder
) -> None:
    if server.local is None:
        pytest.skip("the tests do not stop a server that is not theirs")
    job = Restarting()
    job.server = server
    with pytest.raises(DatabaseError, match="graph job restarting") as error:
        run_jobs(graph, split, [small_job("walks"), job], progress=False)
    assert "run the command again" in error.value.hint
    assert list(split.manifest().jobs) == ["walks"]
    assert not list(split.path.rglob("*.tmp")) and not list(split.path.rglob("restarting*"))
    assert run(graph, split, "fastrp").rows
