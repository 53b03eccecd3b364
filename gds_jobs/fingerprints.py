"""Digests of all that can change a job's output; the leak audit derives them again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..artifacts import SplitFolder, digest
from .base import FileJob, GraphJob, Job
from .outputs import records
from .selection import Selection
from .split_graph import SplitGraph


def projected_inputs(job: GraphJob, split: SplitFolder, inputs: SplitGraph) -> SplitGraph:
    """The nodes and edges that a graph job reads."""
    return Selection.of(job).apply(split, inputs).only(job.edges)


def seen(job: Job, split: SplitFolder, inputs: SplitGraph) -> str:
    """Digest of what a job reads in the split's files, beside the outputs of other jobs."""
    if isinstance(job, FileJob):
        return job.sees(split, inputs)
    if isinstance(job, GraphJob):
        return projected_inputs(job, split, inputs).fingerprint()
    raise TypeError(f"{type(job).__name__} is neither a GraphJob nor a FileJob")


def job_fingerprint(
    job: Job,
    split: SplitFolder,
    inputs: SplitGraph,
    reads: Sequence[str] = (),
    config: Mapping[str, object] | None = None,
) -> str:
    """:func:`fingerprint` of a job on a split."""
    return fingerprint(job, seen(job, split, inputs), split, reads, config)


def fingerprint(
    job: Job,
    seen: str,
    split: SplitFolder,
    reads: Sequence[str] = (),
    config: Mapping[str, object] | None = None,
) -> str:
    """Digest of the job, its parameters, what it sees, and how the outputs it reads were made.

    :param reads: names of these outputs; each has a record.
    :param config: the parameters as a record has them, which may be older than an option.
    """
    parts: list[object] = [job.name, config or job.config.model_dump(mode="json"), seen]
    if reads:
        made = records(split)
        parts.append([made[name].fingerprint for name in reads])
    return digest(parts)
