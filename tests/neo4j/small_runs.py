"""A small graph and run folders for it: random, but consistent as real ones are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from adoptable import songs
from click.testing import CliRunner
from conftest import Server, empty
from folder_manifests import (
    dataset_manifest,
    job_record,
    model_metrics,
    run_manifest,
    split_manifest,
    stages,
)

from reelgraph.artifacts import (
    DatasetFolder,
    RunFolder,
    RunInput,
    RunMetrics,
    SplitFolder,
    write_manifest,
    write_parquet,
    write_record,
)
from reelgraph.cli import main
from reelgraph.graph.connection import Graph
from reelgraph.loader.adopt import adopt
from reelgraph.loader.adopt.propose import propose
from reelgraph.results.predicted_ratings import PredictedRatings
from reelgraph.results.run_content import content_digest
from reelgraph.results.writeback import write_run

USERS, ITEMS, TOP = 40, 60, 20

_NODES = """
UNWIND $items AS id
CREATE (m:Item:Movie {itemId: id, title: 'Movie ' + id, year: 1950 + id})
WITH collect(m) AS movies
UNWIND $users AS id
CREATE (:User {userId: id})
WITH DISTINCT movies
UNWIND range(0, 5) AS i
CREATE (d:Entity:Person:Director {entityId: 'person:' + i, name: 'Person ' + i})
CREATE (g:Entity:Genre {entityId: 'genre:' + i, name: 'Genre ' + i})
WITH movies, i, d, g
UNWIND [m IN movies WHERE m.itemId % 6 = i] AS m
CREATE (d)-[:DIRECTED]->(m)
CREATE (m)-[:HAS_GENRE]->(g)
"""
_RATINGS = """
UNWIND $rows AS row
MATCH (u:User {userId: row.user})
MATCH (m:Item {itemId: row.item})
CREATE (u)-[:RATED {rating: 4.0, seq: row.seq}]->(m)
"""


def item_ids(strings: bool = False) -> list[Any]:
    return [f"m{n}" for n in range(1, ITEMS + 1)] if strings else list(range(1, ITEMS + 1))


def interactions(seed: int = 0) -> pd.DataFrame:
    """10 to 18 ratings of each user, the last two of them test."""
    generator = np.random.default_rng(seed)
    rows = []
    for user in range(1, USERS + 1):
        count = int(generator.integers(10, 19))
        items = generator.choice(np.arange(1, ITEMS + 1), count, replace=False)
        folds = ["train"] * (count - 4) + ["valid"] * 2 + ["test"] * 2
        rows += [
            {"user": user, "item": int(item), "seq": seq, "fold": fold}
            for seq, (item, fold) in enumerate(zip(items, folds, strict=True), 1)
        ]
    return pd.DataFrame(rows)


def fill(graph: Graph, frame: pd.DataFrame) -> None:
    """Users, movies, directors, genres and ratings."""
    graph.run_text(_NODES, write=True, items=item_ids(), users=list(range(1, USERS + 1)))
    rows = frame[["user", "item", "seq"]].to_dict("records")
    graph.run_text(_RATINGS, write=True, rows=rows)
    dataset = (
        "CREATE (:Dataset {single: true, idSpace: 'small', userIdType: 'INTEGER', "
        "itemIdType: 'INTEGER'})"
    )
    graph.run_text(dataset, write=True)


def make_split(workspace: Path, frame: pd.DataFrame, similarity: bool = True) -> SplitFolder:
    split = DatasetFolder(workspace / "datasets" / "abc").split("user-time")
    write_manifest(split.dataset.path, dataset_manifest())
    write_parquet(split.split, frame)
    record = job_record(
        kind="similarity", file="similarity/knn.parquet", method="knn", fingerprint="abc"
    )
    write_manifest(split.path, split_manifest(jobs={"knn": record} if similarity else {}))
    if similarity:
        rows = [
            {"itemId": item, "otherId": other, "score": 1 / (1 + abs(item - other))}
            for item in item_ids()
            for other in (item - 1, item + 1)
            if 1 <= other <= ITEMS
        ]
        write_parquet(split.output("similarity", "knn"), pd.DataFrame(rows))
    return split


def make_run(
    split: SplitFolder,
    name: str,
    *,
    seed: int = 1,
    dimension: int = 8,
    vectors: bool = True,
    evidence: bool = True,
    refit_of: str | None = None,
) -> RunFolder:
    """A run folder whose scores are inner products of vectors, item vectors of length 2."""
    run = RunFolder(split.dataset.path.parents[1] / "runs" / name)
    generator = np.random.default_rng(seed)
    items = generator.normal(size=(ITEMS, dimension))
    items = (2 * items / np.linalg.norm(items, axis=1, keepdims=True)).astype(np.float32)
    users = generator.normal(size=(USERS, dimension)).astype(np.float32)
    frame = pd.read_parquet(split.split)
    history = frame[frame["fold"] != "test"].groupby("user")["item"].apply(list)
    recommended, attended = [], []
    for user, seen in history.items():
        scores = users[int(str(user)) - 1] @ items.T
        scores[np.array(seen) - 1] = -np.inf
        best = np.argsort(-scores, kind="stable")[:TOP]
        chosen = [generator.choice(seen, 5, replace=False) for _ in best]
        row: dict[str, Any] = {"user": user, "item": best + 1, "rank": np.arange(1, TOP + 1)}
        row["score"] = scores[best]
        if evidence:
            row["evidenceIds"] = chosen
            row["evidenceContributions"] = list(-np.sort(-generator.random((TOP, 5)), axis=1))
        recommended.append(pd.DataFrame(row))
        weights = -np.sort(-generator.dirichlet(np.ones(len(seen))))
        ranks = np.arange(1, len(seen) + 1)
        attended.append(
            pd.DataFrame({"user": user, "item": seen, "weight": weights, "rank": ranks})
        )
    write_parquet(run.predictions, pd.concat(recommended, ignore_index=True))
    if evidence:
        write_parquet(run.attention, pd.concat(attended, ignore_index=True))
    if vectors:
        lengths = [len(seen) for seen in history]
        of_users = {"user": history.index, "historyLength": lengths, "vector": list(users)}
        write_parquet(run.vectors / "users.parquet", pd.DataFrame(of_users))
        of_items = pd.DataFrame({"item": item_ids(), "vector": list(items)})
        write_parquet(run.vectors / "items.parquet", of_items)
    _describe(run, split, seed, refit_of)
    return run


def make_rating_run(split: SplitFolder, name: str, *, seed: int) -> RunFolder:
    """A run folder of task rating; every number that it predicts begins with its seed."""
    run = make_run(split, name, seed=seed, vectors=False, evidence=False)
    frame = pd.read_parquet(run.predictions)
    frame["predictedRating"] = seed + np.linspace(0.9, 0.1, TOP)[frame["rank"] - 1]
    write_parquet(run.predictions, frame.assign(score=frame["predictedRating"]))
    run.update(task="rating")
    return run


def make_ratings(
    split: SplitFolder, rating: RunFolder, ranking: RunFolder, *, seed: int, to: RunFolder
) -> PredictedRatings:
    """What such a run predicts for the list of another, in the folder of either."""
    frame = pd.read_parquet(ranking.predictions)[["user", "item", "rank"]]
    numbers = seed + frame["item"] / 100 + frame["user"] / 10000
    write_parquet(to.predicted_ratings, frame.assign(predictedRating=numbers))
    digests = [content_digest(one, split) for one in (rating, ranking)]
    return PredictedRatings(to.predicted_ratings, *digests)


def written_back(graph: Graph, folder: Path) -> None:
    """The small graph with an active run."""
    frame = interactions()
    fill(graph, frame)
    split = make_split(folder, frame)
    write_run(graph, make_run(split, "lstm-1"), split, progress=False, grace=0.0)


def adopted(graph: Graph, folder: Path) -> None:
    """The same, adopted: HEARD, without ratings; what is known lies in PLAYS; titles were a
    ``name``."""
    frame = interactions()
    songs(graph, frame[["user", "item", "seq"]].to_dict("records"), item_ids())
    adopt(graph, propose(graph, "mine").mapping, progress=False)
    split = make_split(folder, frame)
    write_manifest(split.dataset.path, dataset_manifest(id_space="adopted:mine"))
    write_run(graph, make_run(split, "lstm-1"), split, progress=False, grace=0.0)


@contextmanager
def shared_graph(
    server: Server, folder: Path, make: Callable[[Graph, Path], None]
) -> Iterator[Graph]:
    """One graph for the tests of a file that only read it; those with ``graph`` come after them."""
    with server.graph() as graph:
        empty(graph)
        make(graph, folder)
        yield graph


Command = Callable[..., str]


def command_on(
    server: Any, workspace: Path, monkeypatch: pytest.MonkeyPatch, *command: str
) -> Command:
    """A command on the tests' server: gives what it prints, with ``code`` also what it refuses."""
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str, code: int = 0) -> str:
        given = ["--workspace", str(workspace), *command, *arguments]
        result = CliRunner().invoke(main, given)
        assert result.exit_code == code, result.output
        return result.stdout if code == 0 else result.output

    return run


def _describe(run: RunFolder, split: SplitFolder, seed: int, refit_of: str | None) -> None:
    model = run.run_id.split("-")[0]
    means = {"precision@10": 0.1 + seed / 100, "sum_rr@10": 0.4}
    report = model_metrics(means, **{"coverage@10": 0.5})
    write_record(run.metrics, RunMetrics(models={} if refit_of else {model: report}))
    made = split.manifest().jobs
    manifest = run_manifest(
        run_id=run.run_id,
        model=model,
        dataset=split.dataset.fingerprint,
        split=split.split_id,
        inputs=(RunInput(need="embedding fastrp", fingerprint="f", absent=None),),
        jobs={name: job.fingerprint for name, job in made.items()},
        similarities=tuple(made),
        seed=seed,
        refit_of=refit_of,
        created_at=f"2025-01-01T00:00:{seed:02}+00:00",
        config={"model": model},
        stages=stages("train", "predict", "evaluate"),
    )
    write_manifest(run.path, manifest)


_RELATIONSHIPS = """
MATCH (s)-[r:RECOMMENDED|ATTENDED_TO|SIMILAR_TO]->(e)
RETURN type(r) AS type, coalesce(s.userId, s.itemId) AS start, e.itemId AS end,
       properties(r) AS properties
ORDER BY properties.runId, type, start, end
"""
_NODES_WRITTEN = """
MATCH (n)
WHERE n:User OR n:Item OR n:Run OR n:Task OR n:__Load
RETURN labels(n) AS labels, n {.*, writtenAt: null} AS properties
ORDER BY coalesce(n.userId, n.itemId, n.runId, n.name), labels
"""
_INDEXES = (
    "SHOW VECTOR INDEXES YIELD name, state, options RETURN name, state, options ORDER BY name"
)


def content(graph: Graph) -> dict[str, list[dict[str, Any]]]:
    """All that a write-back makes, in an order of its own."""
    return {
        "relationships": graph.run_text(_RELATIONSHIPS).rows,
        "nodes": graph.run_text(_NODES_WRITTEN).rows,
        "indexes": graph.run_text(_INDEXES).rows,
    }


def counts(graph: Graph) -> dict[tuple[str, str], int]:
    """Relationships by (run, type)."""
    query = """
    MATCH ()-[r:RECOMMENDED|ATTENDED_TO|SIMILAR_TO]->()
    RETURN r.runId AS run, type(r) AS type, count(r) AS n
    """
    return {(row["run"], row["type"]): row["n"] for row in graph.run_text(query).rows}


def active(graph: Graph) -> list[str]:
    rows = graph.run_text("MATCH (t:Task) RETURN t.activeRunId AS run").rows
    return [row["run"] for row in rows if row["run"] is not None]
