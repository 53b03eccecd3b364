"""Running jobs on a split: one projection, results as Parquet, a record in the manifest."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from tqdm import tqdm

from ..artifacts import SplitFolder, digest, write_manifest, write_parquet
from ..errors import InputError
from ..graph.connection import Graph
from ..graph.gds import gds_errors
from .base import Edges, GraphJob
from .inputs import SHUFFLE_SEED, Inputs, read_inputs
from .projection import Projection, project


def run_jobs(
    graph: Graph,
    split: SplitFolder,
    jobs: Sequence[GraphJob],
    *,
    shuffled: bool = False,
    force: bool = False,
    progress: bool = True,
) -> list[str]:
    """Run jobs on a projection of exactly the split's train rows and knowledge triples.

    A job whose configuration and inputs are those of its record in the split's manifest,
    and whose file is there, is skipped. The server is asked only when a job must run.

    :param shuffled: use the degree-preserving shuffled triples; outputs end in ``-shuffled``.
    :param force: run jobs that could be skipped, too.
    :returns: names of all outputs, in the order of ``jobs``.
    :raises GdsMissingError: when a job must run and the server has no usable GDS.
    :raises InputError: when two jobs have one output, or a job over train edges is shuffled.
    """
    names = [_name(job, shuffled) for job in jobs]
    _check(jobs, names, shuffled)
    inputs = read_inputs(split, shuffled)
    prints = [_fingerprint(job, inputs) for job in jobs]
    todo = [
        (name, job, fingerprint)
        for name, job, fingerprint in zip(names, jobs, prints, strict=True)
        if force or not _is_done(split, name, fingerprint)
    ]
    if todo:
        needed = inputs.only(_union([job.config.edges for _, job, _ in todo]))
        with project(graph, needed, split.split_id) as projection:
            bar = tqdm(todo, "graph jobs", unit="job", disable=not progress)
            for name, job, fingerprint in bar:
                bar.set_postfix_str(name)
                _run(projection, split, name, job, fingerprint)
    return names


def _run(
    projection: Projection, split: SplitFolder, name: str, job: GraphJob, fingerprint: str
) -> None:
    began = time.monotonic()
    with gds_errors(f"graph job {name}"):
        output = job.run(projection)
    path = split.output(output.kind, name)
    write_parquet(path, output.table)
    record = {
        "config": job.config.model_dump(mode="json"),
        "kind": output.kind,
        "file": path.relative_to(split.path).as_posix(),
        "edges": job.config.edges,
        "shuffleSeed": SHUFFLE_SEED if name.endswith("-shuffled") else None,
        "fingerprint": fingerprint,
        "consumer": job.consumer,
        "rows": len(output.table),
        "seconds": round(time.monotonic() - began, 2),
        "gdsVersion": str(projection.gds.server_version()),
        "createdAt": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    _record(split, name, record)


def _record(split: SplitFolder, name: str, record: dict[str, Any]) -> None:
    manifest = split.manifest()
    manifest["jobs"] = {**manifest.get("jobs", {}), name: record}
    write_manifest(split.path, manifest)


def _is_done(split: SplitFolder, name: str, fingerprint: str) -> bool:
    record = split.manifest().get("jobs", {}).get(name)
    return (
        record is not None
        and record["fingerprint"] == fingerprint
        and (split.path / record["file"]).is_file()
    )


def _fingerprint(job: GraphJob, inputs: Inputs) -> str:
    """Digest of all that can change the output: the job, its parameters, its edges."""
    seen = inputs.only(job.config.edges).fingerprint()
    return digest([job.name, job.config.model_dump(mode="json"), seen])


def _name(job: GraphJob, shuffled: bool) -> str:
    return f"{job.output_name}-shuffled" if shuffled else job.output_name


def _check(jobs: Sequence[GraphJob], names: list[str], shuffled: bool) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(f"job {twice[0]} is asked for twice", "Run one after the other.")
    for job in jobs:
        if shuffled and job.config.edges == "train":
            raise InputError(
                f"{job.output_name} reads train edges only, there is nothing to shuffle",
                "Run it without the shuffled knowledge graph.",
            )


def _union(edges: list[Edges]) -> Edges:
    return edges[0] if len(set(edges)) == 1 else "both"
