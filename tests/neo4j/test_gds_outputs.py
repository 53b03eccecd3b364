"""What graph jobs put out: against independent counts, twice, on nodes, and by command."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import networkx
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result
from conftest import Server
from exported import contents
from folder_manifests import change, run_manifest
from gds_case import KNOWN, catalogue_of, copy_split, export_once, run, small_job

from reelgraph.artifacts import SplitFolder, read_parquet, write_manifest
from reelgraph.cli import main
from reelgraph.errors import InputError
from reelgraph.export.dataset import export_dataset
from reelgraph.gds_jobs.jobs.hashgnn import HashGnnConfig
from reelgraph.gds_jobs.node_properties import vector_property, write_properties
from reelgraph.gds_jobs.projection import project
from reelgraph.gds_jobs.runner import run_jobs
from reelgraph.gds_jobs.split_graph import read_split_graph
from reelgraph.graph.connection import Graph

pytestmark = pytest.mark.neo4j


@pytest.fixture(scope="module")
def exported(server: Server, tmp_path_factory: pytest.TempPathFactory) -> SplitFolder:
    return export_once(server, tmp_path_factory.mktemp("exported"))


@pytest.fixture
def split(exported: SplitFolder, tmp_path: Path) -> SplitFolder:
    return copy_split(exported, tmp_path)


@pytest.fixture
def graph(server: Server) -> Iterator[Graph]:
    """The tiny data set stays in the graph; after every test the catalogues are empty."""
    with server.graph() as graph:
        yield graph
        assert catalogue_of(graph) == []


def test_same_seed_same_bytes(graph: Graph, split: SplitFolder) -> None:
    """Every built-in job that says so, on one thread."""
    jobs = [small_job(name) for name, job in KNOWN.items() if job.reproducible]
    jobs += [small_job("graphsage-both"), small_job("node2vec-train", weight="recency")]
    run_jobs(graph, split, jobs, progress=False)
    first = contents(split.path)
    run_jobs(graph, split, jobs, force=True, progress=False)
    assert contents(split.path) == first
    other = [small_job(name, seed=7) for name in ("fastrp", "node2vec", "hashgnn", "graphsage")]
    run_jobs(graph, split, other, progress=False)
    for name in ("fastrp", "node2vec", "hashgnn", "graphsage"):
        assert (
            contents(split.path)[f"embeddings/{name}.parquet"]
            != first[f"embeddings/{name}.parquet"]
        )


@pytest.mark.parametrize("name", ["hashgnn", "graphsage", "hashgnn-train", "graphsage-train"])
def test_vectors_of_items_with_edges(graph: Graph, split: SplitFolder, name: str) -> None:
    record = run(graph, split, name)
    table = read_parquet(split.output("embeddings", name))
    vectors = np.stack(table["vector"].to_list())
    inputs = read_split_graph(split)
    assert vectors.shape == (len(inputs.item_ids), 16) and vectors.dtype == np.float32
    known = inputs.only(record.edges).connected()[: len(vectors)]
    assert not vectors[~known].any() and vectors[known].any(axis=1).all()
    assert np.isfinite(vectors).all()


def test_node2vec_hands_its_factors_to_gds(graph: Graph, split: SplitFolder) -> None:
    """p and q change the vectors, and are not taken for each other."""
    text = """
    CALL gds.node2vec.stream($name, {nodeLabels: ['Item', 'User'], embeddingDimension: 16,
      walkLength: 20, walksPerNode: 5, windowSize: 5, returnFactor: 0.25, inOutFactor: 4.0,
      initialLearningRate: 0.025, randomSeed: 42, concurrency: 1})
    YIELD nodeId, embedding
    RETURN nodeId, embedding ORDER BY nodeId
    """
    inputs = read_split_graph(split).only("train")
    with project(graph, inputs, "factors") as projection:
        rows = graph.run_text(text, name=projection.name).rows
    vector = {row["nodeId"]: row["embedding"] for row in rows}
    items = np.flatnonzero(inputs.connected()[: len(inputs.item_ids)])
    expected = np.array([vector[item] for item in items], np.float32)

    def vectors(**factors: float) -> Any:
        run(graph, split, "node2vec-train", **factors)
        table = read_parquet(split.output("embeddings", "node2vec-train"))
        return np.stack(table["vector"].to_list())[items]

    np.testing.assert_array_equal(vectors(return_factor=0.25, in_out_factor=4.0), expected)
    assert not np.allclose(vectors(return_factor=4.0, in_out_factor=0.25), expected)


def test_knn_of_other_vectors(graph: Graph, split: SplitFolder) -> None:
    """The nearest items are those of the named job's own vectors."""
    run(graph, split, "hashgnn", embedding_density=HashGnnConfig().embedding_density)
    table = read_parquet(split.output("embeddings", "hashgnn"))
    record = run(graph, split, "knn", vectors="hashgnn")
    assert record.method == "knn of hashgnn vectors"
    vectors = np.stack(table["vector"].to_list()).astype(np.float64)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    row = {item: number for number, item in enumerate(table["itemId"])}
    for pair in read_parquet(split.output("similarity", "knn")).itertuples():
        cosine = vectors[row[pair.itemId]] @ vectors[row[pair.otherId]]
        assert pair.score == pytest.approx((1 + cosine) / 2, abs=1e-4)
    assert run(graph, split, "knn").method == "knn of fastrp vectors"


@pytest.mark.parametrize("metric", ["jaccard", "overlap", "cosine"])
def test_node_similarity_against_sets(graph: Graph, split: SplitFolder, metric: str) -> None:
    record = run(graph, split, "node-similarity", metric=metric, top_k=1000)
    assert record.method == f"node similarity ({metric})"
    near: dict[int, Counter[int]] = {}  # who acts in a film and directs it counts once
    for row in read_parquet(split.dataset.triples).itertuples():
        if row.head != row.tail:
            near.setdefault(row.head, Counter())[row.tail] = 1
            near.setdefault(row.tail, Counter())[row.head] = 1
    assert_similarities(split, "node-similarity", set_similarities(split, near, metric))
    few = read_parquet_of(graph, split, metric=metric, top_k=2, min_score=0.3)
    assert few.groupby("itemId").size().max() <= 2 and few["score"].min() >= 0.3


@pytest.mark.parametrize("metric", ["jaccard", "overlap", "cosine"])
def test_weighted_node_similarity(graph: Graph, split: SplitFolder, metric: str) -> None:
    """Over train edges that weigh their rating: what both users' ratings have in common."""
    run(graph, split, "node-similarity-train", metric=metric, top_k=1000, weight="rating")
    near: dict[int, Counter[int]] = {}
    for row in rated_edges(split).itertuples():
        near.setdefault(row.item, Counter())[row.user] = row.rating
    expected = weighted_similarities(split, near, metric)
    assert_similarities(split, "node-similarity-train", expected)


def assert_similarities(
    split: SplitFolder, name: str, expected: dict[tuple[Any, Any], float]
) -> None:
    table = read_parquet(split.output("similarity", name))
    found = {(row.itemId, row.otherId): row.score for row in table.itertuples()}
    assert found.keys() == expected.keys()
    for pair, score in expected.items():
        assert found[pair] == pytest.approx(score, abs=1e-6)


def rated_edges(split: SplitFolder) -> pd.DataFrame:
    """Train edges ``user, item`` as node indices, with their ``rating``."""
    rows = read_parquet(split.split)
    rows = rows[rows["fold"] == "train"].merge(read_parquet(split.dataset.interactions))
    users = read_parquet(split.dataset.users).set_index("userId")["index"]
    items = read_parquet(split.dataset.items).set_index("itemId")["index"]
    user, item = rows["user"].map(users), rows["item"].map(items)
    return pd.DataFrame({"user": user, "item": item, "rating": rows["rating"].astype(int)})


def read_parquet_of(graph: Graph, split: SplitFolder, **parameters: Any) -> pd.DataFrame:
    run(graph, split, "node-similarity", **parameters)
    return read_parquet(split.output("similarity", "node-similarity"))


SIZE = {
    "jaccard": lambda a, b: (a | b).total(),
    "overlap": lambda a, b: min(a.total(), b.total()),
    "cosine": lambda a, b: np.sqrt(a.total() * b.total()),
}


def set_similarities(
    split: SplitFolder, near: dict[int, Counter[int]], metric: str
) -> dict[tuple[Any, Any], float]:
    """By the neighbours in common: those of either, of the smaller set, or of both as 0/1."""
    ids = read_parquet(split.dataset.items).set_index("index")["itemId"]
    items = [item for item in ids.index if item in near]
    return {
        (ids[a], ids[b]): (near[a] & near[b]).total() / SIZE[metric](near[a], near[b])
        for a in items
        for b in items
        if a != b and near[a] & near[b]
    }


def weighted_similarities(
    split: SplitFolder, near: dict[int, Counter[int]], metric: str
) -> dict[tuple[Any, Any], float]:
    """Smaller by larger weights (overlap: by the smaller sum); cosine of the weights."""
    if metric != "cosine":
        return set_similarities(split, near, metric)
    norm = {item: np.sqrt(sum(w * w for w in weights.values())) for item, weights in near.items()}
    ids = read_parquet(split.dataset.items).set_index("index")["itemId"]
    return {
        (ids[a], ids[b]): sum(near[a][n] * near[b][n] for n in near[a]) / norm[a] / norm[b]
        for a in near
        for b in near
        if a != b and near[a] & near[b]
    }


@pytest.mark.parametrize("weight", ["none", "rating"])
@pytest.mark.parametrize("communities", ["leiden", "louvain"])
def test_structure_against_networkx(
    graph: Graph, split: SplitFolder, communities: str, weight: str
) -> None:
    run(graph, split, "structure", iterations=200, communities=communities, weight=weight)
    table = read_parquet(split.output("structure", "structure")).set_index("node")
    inputs = read_split_graph(split)
    items = len(inputs.item_ids)
    users = range(inputs.nodes - inputs.users, inputs.nodes)
    assert table.index.to_list() == [*range(items), *users]
    edges = rated_edges(split).assign(none=1)
    network = networkx.from_pandas_edgelist(edges, "user", "item", ["none", "rating"])
    degrees = dict(network.degree())
    assert table["degree"].to_dict() == {node: degrees.get(node, 0) for node in table.index}
    rank = networkx.pagerank(network, alpha=0.85, tol=1e-9, max_iter=1000, weight=weight)
    connected = table[table["degree"] > 0]
    for node, value in connected["pageRank"].items():
        assert value / len(network) == pytest.approx(rank[node], rel=1e-3)
    assert table.loc[table["degree"] == 0, "community"].isna().all()
    sizes = connected["community"].value_counts().sort_index()
    assert sizes.index.to_list() == list(range(len(sizes)))
    assert sizes.is_monotonic_decreasing and 1 < len(sizes) < len(connected)
    groups = [set(group.index) for _, group in connected.groupby("community")]
    found = networkx.community.modularity(network, groups, weight=weight)
    best = networkx.community.louvain_communities(network, weight=weight, seed=1)
    reached = networkx.community.modularity(network, best, weight=weight)
    assert found > 0.9 * reached > 0


def invoke(server: Server, split: SplitFolder, workspace: Path, *arguments: str) -> Result:
    if not workspace.exists():
        shutil.copytree(split.dataset.path, workspace / "datasets" / split.dataset.fingerprint)
    command = ["--workspace", str(workspace), "gds", *arguments]
    return CliRunner().invoke(main, command, env=server.environment)


def test_write_gives_analysts_properties_that_the_export_leaves_out(
    server: Server, graph: Graph, split: SplitFolder, tmp_path: Path
) -> None:
    workspace = tmp_path / "workspace"
    result = invoke(
        server,
        split,
        workspace,
        "run",
        "structure",
        "fastrp-train",
        "--write",
        "--json",
    )
    assert result.exit_code == 0, result.output
    assert [row["output"] for row in json.loads(result.stdout)] == ["structure", "fastrp-train"]
    written = workspace / "datasets" / split.dataset.fingerprint / "splits" / split.split_id
    table = read_parquet(written / "structure" / "structure.parquet").set_index("node")
    for label, key, path in (
        ("Item", "itemId", split.dataset.items),
        ("User", "userId", split.dataset.users),
    ):
        ids = read_parquet(path).set_index(key)["index"]
        rows = graph.run_text(
            f"MATCH (n:{label}) RETURN n.{key} AS id, n.trainDegree AS degree, "
            "n.trainPageRank AS rank, n.trainCommunity AS community, "
            "n.embeddingFastrpTrain AS vector"
        ).rows
        assert len(rows) == len(ids)
        for row in rows:
            expected = table.loc[ids[row["id"]]]
            assert row["degree"] == expected["degree"]
            assert row["rank"] == pytest.approx(expected["pageRank"])
            community = expected["community"]
            assert row["community"] == (None if pd.isna(community) else community)
            has_vector = label == "Item" and expected["degree"] > 0
            assert len(row["vector"] or []) == (128 if has_vector else 0)
    again = export_dataset(graph, tmp_path / "again", progress=False)
    assert again.fingerprint == split.dataset.fingerprint


def test_what_cannot_be_written_is_refused(
    server: Server, graph: Graph, split: SplitFolder, tmp_path: Path
) -> None:
    workspace = tmp_path / "workspace"
    for arguments, message in (
        (("knn", "--write"), "knn is similarity"),
        (("fastrp", "--write", "--shuffled"), "exclude each other"),
    ):
        result = invoke(server, split, workspace, "run", *arguments)
        assert result.exit_code == 2 and message in result.stderr
    run(graph, split, "structure")
    manifest = split.dataset.manifest()
    change(split.dataset, id_space="another")
    with pytest.raises(InputError, match="the graph holds ml-100k, the split is of another"):
        write_properties(graph, split, "structure", progress=False)
    write_manifest(split.dataset.path, manifest)
    run(graph, split, "fastrp-both")
    graph.run_text("MATCH (m:Movie {itemId: 1}) SET m.embeddingFastrpBoth = 'mine'", write=True)
    try:
        with pytest.raises(InputError, match="embeddingFastrpBoth that no graph job wrote"):
            write_properties(graph, split, "fastrp-both", progress=False)
    finally:
        graph.run_text("MATCH (m:Movie {itemId: 1}) REMOVE m.embeddingFastrpBoth", write=True)


def test_names_of_vector_properties() -> None:
    assert vector_property("fastrp") == "embeddingFastrp"
    assert vector_property("fastrp-train") == "embeddingFastrpTrain"


def test_the_split_of_a_run(server: Server, split: SplitFolder, tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    invoke(server, split, workspace, "list")
    manifest = run_manifest(dataset=split.dataset.fingerprint, split=split.split_id)
    write_manifest(workspace / "runs" / "mine", manifest)
    result = invoke(server, split, workspace, "run", "metapath", "--run", "mine", "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)[0]["output"] == "metapath"
    both = invoke(server, split, workspace, "run", "fastrp", "--run", "mine", "--split", "x")
    assert both.exit_code == 2 and "leave out --split" in both.stderr
    unknown = invoke(server, split, workspace, "run", "fastrp", "--run", "none")
    assert unknown.exit_code == 1 and "Runs: mine" in unknown.stderr
