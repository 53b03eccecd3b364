"""Check 4: graph jobs read exactly the train rows and the knowledge."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from ...artifacts import SHUFFLED, JobRecord, SplitFolder, file_digest
from ...errors import ArtifactError, InputError, ReelgraphError
from ...gds_jobs.base import GraphJob, Job
from ...gds_jobs.fingerprints import job_fingerprint, projected_inputs
from ...gds_jobs.naming import make_job
from ...gds_jobs.payload import edge_sums
from ...gds_jobs.projection import project
from ...gds_jobs.split_graph import SplitGraph, read_split_graph
from ...plugins import manager
from ..identity import input_outputs
from .report import Row, absent, row, some
from .steps import check_steps
from .subject import Subject

_TRAIN = "train edges of graph jobs"
_INPUTS = "inputs of graph job"
_PROJECTION = "projection of graph jobs"


def check_graph(subject: Subject) -> list[Row]:
    """Train edges by an independent count, each job's record and output, and a projection."""
    records = job_records(subject)
    rows = _unrecorded(subject, records)
    if not records:
        return rows or [absent(4, _TRAIN, "the run reads no graph jobs")]
    plain, shuffled = _inputs(subject.work.split, records)
    rows.append(_train_edges(subject, plain))
    for name, record in records.items():
        read = shuffled if name.endswith(SHUFFLED) and shuffled else plain
        rows.append(_record(subject, name, record, read))
        if record.kind in ("walks", "paths"):
            rows.append(check_steps(subject, name, record, read))
    for inputs in (plain, shuffled):
        if inputs is not None:
            marked = inputs is shuffled
            of = {n: r for n, r in records.items() if n.endswith(SHUFFLED) == marked}
            rows.extend(_projections(subject, of, inputs))
    return rows


def job_records(subject: Subject) -> dict[str, JobRecord]:
    """Records of the graph jobs that the run reads, by the name of their output."""
    work = subject.work
    read = input_outputs(work.config, work.inputs)
    names = dict.fromkeys([*read, *work.run.manifest().jobs])
    return dict(_with_reads(subject.manifest.jobs, names))


def _with_reads(
    made: Mapping[str, JobRecord], names: Iterable[str]
) -> Iterator[tuple[str, JobRecord]]:
    """Records by name, each behind those of the outputs that its job read."""
    for name in names:
        if name in made:
            yield from _with_reads(made, made[name].reads)
            yield name, made[name]


def job_of(name: str, record: JobRecord) -> Job:
    """The job with the parameters of its record.

    :raises InputError: when there is no such job any more, or its parameters do not fit.
    """
    return make_job(name.removesuffix(SHUFFLED), manager.graph_jobs(), record.config)


def _unrecorded(subject: Subject, records: Mapping[str, JobRecord]) -> list[Row]:
    """Vectors that the model reads and that have no record of a job."""
    read = input_outputs(subject.work.config, subject.work.inputs)
    told = "has no record of the job that wrote it"
    return [row(4, f"{_INPUTS} {name}", False, told) for name in read if name not in records]


def _inputs(
    split: SplitFolder, records: Mapping[str, JobRecord]
) -> tuple[SplitGraph, SplitGraph | None]:
    wanted = any(name.endswith(SHUFFLED) for name in records)
    return read_split_graph(split), read_split_graph(split, shuffled=True) if wanted else None


def _train_edges(subject: Subject, inputs: SplitGraph) -> Row:
    """What jobs are given, against the split's file, row by row, and against the cut."""
    given = inputs.train["user"].to_numpy() * inputs.nodes + inputs.train["item"].to_numpy()
    keys = subject.edge_keys(inputs.nodes)
    train = keys[(subject.rows["fold"] == "train").to_numpy()]
    missing, extra = np.setdiff1d(train, given), np.setdiff1d(given, train)
    after = subject.protocol.at_or_after_cut(subject.rows)
    late = None if after is None else int(after[np.isin(keys, given)].sum())
    text = f"{len(given):,} train edges, {len(train):,} rows of fold train"
    problems = []
    if len(missing) or len(extra) or len(given) != len(train):
        problems.append(f"{len(extra):,} edges too many, {len(missing):,} too few")
    if late:
        problems.append(f"{late:,} at or after the cut")
    told = "the same pairs"
    told += ", none at or after the cut" if late is not None else "; the protocol has no cut"
    return row(4, _TRAIN, not problems, f"{text}: {'; '.join(problems) or told}")


def _record(subject: Subject, name: str, record: JobRecord, inputs: SplitGraph) -> Row:
    """The record's fingerprint against one of the edges that the job may read."""
    what = f"{_INPUTS} {name}"
    expected = subject.work.run.manifest().jobs.get(name)
    if expected is not None and expected != record.fingerprint:
        return row(4, what, False, "made anew since the run was trained: train again")
    file = subject.work.split.path / record.file
    if not file.is_file() or file_digest(file) != record.digest:
        told = "is not the file that the job wrote" if file.is_file() else "is gone"
        return row(4, what, False, f"{record.file} {told}: run the job again")
    other = _other_reads(subject, record)
    if other:
        return row(4, what, False, f"made of another output of {other} than there is: run it again")
    try:
        fingerprint = _fingerprint(subject.work.split, name, record, inputs)
    except (InputError, ArtifactError) as error:
        return Row(4, what, "warning", f"cannot be derived again: {error.message}")
    seen = inputs.only(record.edges)
    edges = f"{len(seen.train):,} train and {len(seen.knowledge):,} knowledge edges"
    if fingerprint == record.fingerprint:
        return row(4, what, True, f"fingerprint {fingerprint} is that of {edges}")
    text = f"fingerprint {record.fingerprint}, of {edges} it would be {fingerprint}"
    return row(4, what, False, f"computed over other edges, or by another version: {text}")


def _other_reads(subject: Subject, record: JobRecord) -> str:
    """Names of outputs that the job read and that were made anew since."""
    made = subject.manifest.jobs
    return ", ".join(
        name
        for name, digest in record.reads.items()
        if name not in made or made[name].digest != digest
    )


def _fingerprint(split: SplitFolder, name: str, record: JobRecord, inputs: SplitGraph) -> str:
    job, reads = job_of(name, record), tuple(record.reads)
    return job_fingerprint(job, split, inputs, reads, record.config)


def _projections(
    subject: Subject, records: Mapping[str, JobRecord], inputs: SplitGraph
) -> list[Row]:
    """Project the edges that jobs read, once for jobs that read the same ones."""
    on_server = {name: record for name, record in records.items() if record.gds_version is not None}
    if not on_server:
        return [absent(4, _PROJECTION, "no job of the run was computed on a projection")]
    groups: dict[str, tuple[SplitGraph, list[str]]] = {}
    for name, record in on_server.items():
        try:
            job = job_of(name, record)
        except InputError:  # its own row says so
            continue
        if not isinstance(job, GraphJob):
            continue
        wanted = projected_inputs(job, subject.work.split, inputs)
        groups.setdefault(wanted.fingerprint(), (wanted, []))[1].append(name)
    return [_projection(subject, *group) for group in groups.values()]


def _projection(subject: Subject, wanted: SplitGraph, names: list[str]) -> Row:
    """Project and let the server count what it holds."""
    what = f"{_PROJECTION} {some(names)}"
    if subject.graph is None:
        return absent(4, what, "no server: judged by the files")
    try:
        with project(subject.graph, wanted, f"audit-{subject.work.split.split_id}"):
            sums = edge_sums(wanted)
    except ArtifactError as error:
        return row(4, what, False, error.message)
    except ReelgraphError as error:
        return Row(4, what, "warning", f"judged by the files: {error.message}")
    counts = [f"{count:,} {kind}" for (kind, upward), (count, _) in sorted(sums.items()) if upward]
    text = f"made again: {some(counts, 8)} edges"
    return row(4, what, True, f"{text}, forward and reverse, by count and checksum")
