"""What the tests of graph jobs share: one exported split, copies of it, and the catalogue."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from conftest import Server, empty
from exported import export_tiny, load_tiny

from reelgraph.artifacts import DatasetFolder, JobRecord, SplitFolder
from reelgraph.gds_jobs.base import GraphJob
from reelgraph.gds_jobs.builtin import BUILT_IN_JOBS
from reelgraph.gds_jobs.naming import make_job
from reelgraph.gds_jobs.runner import run_jobs
from reelgraph.graph.connection import Graph

KNOWN = {job.name: job for job in BUILT_IN_JOBS}
SMALL: dict[str, dict[str, object]] = {
    "fastrp": {"embedding_size": 16},
    "node2vec": {"embedding_size": 16},
    "hashgnn": {"embedding_size": 16, "embedding_density": 16},
    "graphsage": {"embedding_size": 16, "feature_size": 8, "batch_size": 20},
    "knn": {"embedding_size": 16},
    "walks": {"walks_per_node": 3},
    "metapath": {"walks_per_node": 3},
}


def export_once(server: Server, folder: Path) -> SplitFolder:
    """The tiny data set's split by user and time; the data set stays in the graph."""
    with server.graph() as graph:
        empty(graph)
        load_tiny(graph)
        return export_tiny(graph, folder)


def copy_split(split: SplitFolder, folder: Path) -> SplitFolder:
    """A copy to change."""
    target = folder / split.dataset.fingerprint
    shutil.copytree(split.dataset.path, target)
    return DatasetFolder(target).split(split.split_id)


def catalogue_of(graph: Graph) -> list[str]:
    """Names of all projections and models on the server."""
    projections = "CALL gds.graph.list() YIELD graphName RETURN graphName AS name"
    models = "CALL gds.model.list() YIELD modelName RETURN modelName AS name"
    return [row["name"] for text in (projections, models) for row in graph.run_text(text).rows]


def small_job(name: str, **parameters: Any) -> GraphJob:
    known = SMALL.get(name, SMALL.get(name.partition("-")[0], {}))
    return make_job(name, KNOWN, {**known, **parameters})


def run(graph: Graph, split: SplitFolder, name: str, **parameters: Any) -> JobRecord:
    """Run one job again and return its record."""
    run_jobs(graph, split, [small_job(name, **parameters)], force=True, progress=False)
    return split.manifest().jobs[name]
