"""Graph jobs against a real server with GDS: no leak, no difference, nothing left behind."""

from __future__ import annotations

import itertools
import json
import shutil
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from conftest import JARS, LANE, Server, empty, free_ports
from exported import contents, export_tiny, load_tiny

from reelgraph.artifacts import DatasetFolder, SplitFolder, read_parquet, write_parquet
from reelgraph.cli import main
from reelgraph.errors import ArtifactError, DatabaseError, GdsMissingError, InputError
from reelgraph.gds_jobs import catalogue
from reelgraph.gds_jobs.base import GraphJob, JobOutput, Kind
from reelgraph.gds_jobs.builtin import BUILT_IN_JOBS
from reelgraph.gds_jobs.naming import make_job
from reelgraph.gds_jobs.payload import edge_groups, node_groups
from reelgraph.gds_jobs.projection import Projection, check_projection, project
from reelgraph.gds_jobs.runner import run_jobs
from reelgraph.gds_jobs.split_graph import SplitGraph, read_split_graph
from reelgraph.graph.connection import Graph
from reelgraph.graph.local import Home, LocalServer, ServerOptions
from reelgraph.graph.local.jars import ensure_jars

pytestmark = pytest.mark.neo4j

KNOWN = {job.name: job for job in BUILT_IN_JOBS}
SMALL = {
    "fastrp": {"embedding_size": 16},
    "node2vec": {"embedding_size": 16},
    "knn": {"embedding_size": 16},
    "walks": {"walks_per_node": 3},
}


@pytest.fixture(scope="module")
def exported(server: Server, tmp_path_factory: pytest.TempPathFactory) -> SplitFolder:
    """The tiny data set's split, made once; jobs need its files, not the graph."""
    with server.graph() as graph:
        empty(graph)
        load_tiny(graph)
        return export_tiny(graph, tmp_path_factory.mktemp("exported"))


@pytest.fixture
def split(exported: SplitFolder, tmp_path: Path) -> SplitFolder:
    """A copy of it, free of jobs, to change."""
    folder = tmp_path / exported.dataset.fingerprint
    shutil.copytree(exported.dataset.path, folder)
    return DatasetFolder(folder).split(exported.split_id)


@pytest.fixture(autouse=True)
def nothing_left(graph: Graph) -> Iterator[None]:
    """After every test, whatever it does, the catalogue is empty."""
    yield
    assert projections(graph) == []


def projections(graph: Graph) -> list[str]:
    rows = graph.run_text("CALL gds.graph.list() YIELD graphName RETURN graphName AS name").rows
    return [row["name"] for row in rows]


def small(*names: str) -> list[GraphJob]:
    return [make_job(name, KNOWN, SMALL[name.partition("-")[0]]) for name in names]


def run(graph: Graph, split: SplitFolder, *names: str, **options: bool) -> list[str]:
    return run_jobs(graph, split, small(*names), progress=False, **options)


def relationships(graph: Graph, projection: Projection) -> set[tuple[int, int, str]]:
    rows = graph.run_text(
        "CALL gds.graph.relationships.stream($name) "
        "YIELD sourceNodeId AS s, targetNodeId AS t, relationshipType AS type RETURN s, t, type",
        name=projection.name,
    ).rows
    return {(row["s"], row["t"], row["type"]) for row in rows}


def indices(split: SplitFolder) -> pd.DataFrame:
    """``user, item`` of each row of the split, as node indices."""
    rows = read_parquet(split.split)
    users = read_parquet(split.dataset.users).set_index("userId")["index"]
    items = read_parquet(split.dataset.items).set_index("itemId")["index"]
    return pd.DataFrame({"user": rows["user"].map(users), "item": rows["item"].map(items)})


class Failing(GraphJob):
    """A job that fails as told."""

    name = "failing"
    kind: Kind = "embeddings"
    error: BaseException = ValueError("on purpose")

    def run(self, projection: Projection) -> JobOutput:
        raise self.error


def test_projection_holds_exactly_train_and_knowledge(graph: Graph, split: SplitFolder) -> None:
    inputs = read_split_graph(split)
    rows = read_parquet(split.split)
    rows = rows.join(indices(split).set_axis(["u", "i"], axis=1))
    train, other = rows[rows["fold"] == "train"], rows[rows["fold"] != "train"]
    assert len(train) and len(other)
    with project(graph, inputs, "test") as projection:
        edges = relationships(graph, projection)
    rated = {(s, t) for s, t, kind in edges if kind == "RATED"}
    forward = set(zip(train["u"], train["i"], strict=True))
    assert rated == forward | {(i, u) for u, i in forward}
    assert not rated & set(zip(other["u"], other["i"], strict=True))
    triples = read_parquet(split.dataset.triples)
    known = set(triples[["head", "tail", "relation"]].itertuples(index=False, name=None))
    assert edges - {(s, t, "RATED") for s, t in rated} == known | {(t, h, r) for h, t, r in known}


def test_isolated_nodes_are_projected_in_the_order_of_indices(
    graph: Graph, split: SplitFolder
) -> None:
    inputs = read_split_graph(split).only("train")
    with project(graph, inputs, "test") as projection:
        info = projection.handle()
        assert info.node_count() == inputs.nodes
        assert sorted(info.node_labels()) == ["Entity", "Item", "User"]
        found = projection.gds.degree.stream(info)
    assert found["nodeId"].to_list() == list(range(inputs.nodes))
    assert (found["score"] == 0).sum() == (~inputs.connected()).sum() > 0


@pytest.mark.parametrize("leak", ["one more", "one in place of another", "one less"])
def test_planted_leak_is_refused(graph: Graph, split: SplitFolder, leak: str) -> None:
    honest = read_split_graph(split)
    rows = read_parquet(split.split)
    planted = indices(split)[rows["fold"] == "test"].iloc[:1]
    train = honest.train if leak == "one more" else honest.train.iloc[1:]
    if leak != "one less":
        train = pd.concat([train, planted], ignore_index=True)
    leaky = replace(honest, train=train)
    name = catalogue.new_name("leak")
    graph.run("gds/project", name=name, nodes=node_groups(leaky), edges=edge_groups(leaky))
    try:
        with pytest.raises(ArtifactError, match="RATED"):
            check_projection(graph, name, honest)
        check_projection(graph, name, leaky)
    finally:
        catalogue.drop(graph, name)


def test_jobs_write_what_they_promise(graph: Graph, split: SplitFolder) -> None:
    names = ["fastrp", "fastrp-train", "node2vec", "knn", "walks"]
    assert run(graph, split, *names) == names
    inputs = read_split_graph(split)
    check_vectors(split, inputs, "fastrp", "knowledge")
    check_vectors(split, inputs, "fastrp-train", "train")
    check_vectors(split, inputs, "node2vec", "knowledge")
    similar = read_parquet(split.output("similarity", "knn"))
    assert list(similar) == ["itemId", "otherId", "score"]
    assert (similar["itemId"] != similar["otherId"]).all()
    assert similar.groupby("itemId").size().max() <= 10
    assert similar["score"].between(0, 1 + 1e-6).all()
    walks = read_parquet(split.output("walks", "walks"))["nodes"]
    edges = set(map(tuple, inputs.train.to_numpy().tolist()))
    edges |= set(map(tuple, inputs.knowledge[["head", "tail"]].to_numpy().tolist()))
    for walk in walks:
        for one, other in itertools.pairwise(walk):
            assert (one, other) in edges or (other, one) in edges
    jobs = split.manifest().jobs
    assert list(jobs) == names
    for record in jobs.values():
        assert (split.path / record.file).is_file()
        assert record.config and record.fingerprint and record.consumer


def check_vectors(split: SplitFolder, inputs: SplitGraph, name: str, edges: str) -> None:
    table = read_parquet(split.output("embeddings", name))
    assert table["itemId"].to_list() == inputs.item_ids.to_list()
    vectors = np.stack(table["vector"].to_list())
    assert vectors.shape == (len(inputs.item_ids), 16)
    assert vectors.dtype == np.float32
    known = inputs.only(edges).connected()[: len(inputs.item_ids)]  # type: ignore[arg-type]
    assert not vectors[~known].any()
    assert vectors[known].any(axis=1).all()


def test_same_seed_same_bytes_also_after_loading_again(
    graph: Graph, server: Server, split: SplitFolder, tmp_path: Path
) -> None:
    names = ["fastrp-both", "node2vec-both", "knn", "walks"]
    run(graph, split, *names)
    first = contents(split.path)
    run(graph, split, *names, force=True)
    assert contents(split.path) == first
    load_tiny(graph)
    again = export_tiny(graph, tmp_path / "again")
    run(graph, again, *names)
    assert contents(again.path) == first


def test_only_train_rows_count(graph: Graph, split: SplitFolder) -> None:
    """Test rows to other items, and fewer of them: not a bit of any output changes."""
    names = ["fastrp-train", "node2vec-both", "knn-train", "walks"]
    run(graph, split, *names)
    first = {name: data for name, data in contents(split.path).items() if "/" in name}
    rows = read_parquet(split.split)
    test = rows.index[rows["fold"] == "test"]
    unrated = sorted(set(read_parquet(split.dataset.items)["itemId"]))
    rows.loc[test, "item"] = [unrated[n % len(unrated)] for n in range(len(test))]
    write_parquet(split.split, rows.drop(index=test[:5]))
    run(graph, split, *names, force=True)
    second = {name: data for name, data in contents(split.path).items() if "/" in name}
    assert second == first


def test_finished_jobs_are_skipped_until_something_changes(
    graph: Graph, split: SplitFolder
) -> None:
    run(graph, split, "fastrp", "fastrp-train")
    manifest = split.manifest()
    assert run(graph, split, "fastrp", "fastrp-train") == ["fastrp", "fastrp-train"]
    assert split.manifest() == manifest

    rows = read_parquet(split.split)
    rows.loc[rows.index[rows["fold"] == "train"][0], "fold"] = "valid"
    write_parquet(split.split, rows)
    run(graph, split, "fastrp", "fastrp-train")
    jobs = split.manifest().jobs
    assert jobs["fastrp"] == manifest.jobs["fastrp"]
    assert jobs["fastrp-train"].fingerprint != manifest.jobs["fastrp-train"].fingerprint

    wider = make_job("fastrp", KNOWN, {"embedding_size": 24})
    run_jobs(graph, split, [wider], progress=False)
    assert len(read_parquet(split.output("embeddings", "fastrp"))["vector"][0]) == 24
    split.output("embeddings", "fastrp").unlink()
    run_jobs(graph, split, [wider], progress=False)
    assert split.output("embeddings", "fastrp").is_file()


def test_shuffled_knowledge_graph(graph: Graph, split: SplitFolder) -> None:
    real, shuffled = read_split_graph(split), read_split_graph(split, shuffled=True)
    assert not real.knowledge.equals(shuffled.knowledge)
    assert real.train.equals(shuffled.train)
    assert run(graph, split, "fastrp", "walks", shuffled=True) == [
        "fastrp-shuffled",
        "walks-shuffled",
    ]
    run(graph, split, "fastrp")
    real_file, shuffled_file = (
        split.output("embeddings", n) for n in ("fastrp", "fastrp-shuffled")
    )
    assert real_file.read_bytes() != shuffled_file.read_bytes()
    with pytest.raises(InputError, match="nothing to shuffle"):
        run(graph, split, "fastrp-train", shuffled=True)


@pytest.mark.parametrize("error", [ValueError("on purpose"), KeyboardInterrupt(), SystemExit(1)])
def test_failing_job_leaves_no_projection_and_no_file(
    graph: Graph, split: SplitFolder, error: BaseException
) -> None:
    failing = Failing()
    failing.error = error
    with pytest.raises(type(error)):
        run_jobs(graph, split, [*small("fastrp"), failing], progress=False)
    assert projections(graph) == []
    assert list(split.manifest().jobs) == ["fastrp"]


def test_refusals_of_the_server_are_errors_with_the_job(graph: Graph, split: SplitFolder) -> None:
    job = make_job("node2vec", KNOWN, {"embedding_size": 10**9})
    with pytest.raises(DatabaseError, match="graph job node2vec"):
        run_jobs(graph, split, [job], progress=False)


INTERRUPTED = """
    import sys
    from pathlib import Path
    from reelgraph.artifacts import DatasetFolder
    from reelgraph.gds_jobs.split_graph import read_split_graph
    from reelgraph.gds_jobs.projection import project
    from reelgraph.graph.connection import Graph

    uri, username, password, database, dataset, split = sys.argv[1:]
    inputs = read_split_graph(DatasetFolder(Path(dataset)).split(split))
    with Graph(uri, username, password, database) as graph, project(graph, inputs, "long"):
        print("open", flush=True)
        sys.stdin.read()
"""


def start(server: Server, split: SplitFolder) -> subprocess.Popen[str]:
    """A process with an open projection."""
    arguments = [server.uri, server.username, server.password, server.database]
    arguments += [str(split.dataset.path), split.split_id]
    command = [sys.executable, "-c", textwrap.dedent(INTERRUPTED), *arguments]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout and process.stdout.readline() == "open\n"
    return process


def test_interrupt_drops_the_projection(graph: Graph, server: Server, split: SplitFolder) -> None:
    process = start(server, split)
    assert len(projections(graph)) == 1
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode != 0
    assert projections(graph) == []


def test_next_start_drops_what_a_killed_process_left(
    graph: Graph, server: Server, split: SplitFolder
) -> None:
    killed, running = start(server, split), start(server, split)
    killed.kill()
    killed.communicate(timeout=60)
    assert len(projections(graph)) == 2
    run(graph, split, "fastrp")
    (left,) = projections(graph)
    assert f"-{running.pid}-" in left
    running.communicate(timeout=60)
    assert projections(graph) == []


def test_without_gds_the_message_says_what_to_do(
    graph: Graph, split: SplitFolder, tmp_path: Path
) -> None:
    """A server of its own whose plugins folder is empty."""
    run(graph, split, "fastrp")
    jars = ensure_jars(JARS, LANE)
    bare = tmp_path / "jars"
    (bare / "plugins").mkdir(parents=True)
    (bare / "lib").symlink_to(jars / "lib")
    shutil.copy(jars / "pom.sha256", bare)
    options = ServerOptions(*free_ports(), "512m", "64m")
    local = LocalServer(Home(tmp_path / "neo4j_data"), tmp_path / ".env", options, bare, LANE)
    local.up()
    try:
        with local.graph() as without:
            assert run(without, split, "fastrp") == ["fastrp"], "a finished job needs no GDS"
            with pytest.raises(GdsMissingError, match="no usable Graph Data Science") as error:
                run(without, split, "walks")
            assert "without" in error.value.hint
            assert "Traceback" not in error.value.message
    finally:
        local.down()


def test_commands(server: Server, split: SplitFolder, tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    shutil.copytree(split.dataset.path, workspace / "datasets" / split.dataset.fingerprint)
    base = ["--workspace", str(workspace), "gds"]
    listed = CliRunner().invoke(main, [*base, "list", "--json"], env=server.environment)
    assert [job["job"] for job in json.loads(listed.stdout)] == list(KNOWN)
    arguments = [*base, "run", "fastrp-train", "--set", "embedding_size=8", "--json"]
    result = CliRunner().invoke(main, arguments, env=server.environment)
    assert result.exit_code == 0, result.output
    (output,) = json.loads(result.stdout)
    assert (output["output"], output["edges"]) == ("fastrp-train", "train")
    wrong = CliRunner().invoke(main, [*base, "run", "pagerank"], env=server.environment)
    assert wrong.exit_code == 2
    assert "fastrp" in wrong.stderr
