"""What ``--full`` adds for graph jobs: computed again where test rows are others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...artifacts import frame_digest, read_parquet
from ...errors import ReelgraphError
from ...gds_jobs.runner import run_jobs
from ...model.knowledge.methods import METHODS
from ..stages import Work
from .copies import copy_files, unchanged
from .graph import job_of, job_records
from .report import Row, absent, row
from .subject import Subject

_SHUFFLED = "-shuffled"


def check_jobs(subject: Subject) -> list[Row]:
    """Each job of the run on the copy with other test rows, by a scratch projection."""
    if not subject.tests:
        return []
    return [_again(subject, name, record) for name, record in job_records(subject).items()]


def _again(subject: Subject, name: str, record: Mapping[str, Any]) -> Row:
    what = f"output of graph job {name}"
    try:
        why_not = _not_asked(subject, name, record)
        if why_not:
            return absent(1, what, why_not)
        stored = _digest(subject.work, record)
        if _run(subject, subject.changed, name, record) == stored:
            return row(1, what, True, f"{record['rows']:,} rows, test rows changed: the same")
        same = copy_files(subject.work, subject.scratch / f"job-{name}", unchanged)
        repeats = _run(subject, same, name, record) == stored
    except ReelgraphError as error:
        return Row(1, what, "warning", f"judged by its inputs: {error.message}")
    if repeats:
        return row(1, what, False, f"{record['rows']:,} rows are others with other test rows")
    return absent(1, what, "not the same twice with the same rows: judged by its projection")


def _not_asked(subject: Subject, name: str, record: Mapping[str, Any]) -> str:
    """Why a job is not computed again; empty where it is."""
    if name.removesuffix(_SHUFFLED) in METHODS:
        return "fitted on knowledge alone: judged by its inputs"
    job = job_of(name, record)
    if not job.reproducible or job.config.concurrency > 1:
        return "the same seed gives other results: judged by its projection"
    if job.needs_gds and subject.graph is None:
        return "no server: judged by its inputs"
    if record["config"].get("pairs", "train") != "train":
        return "asks about held-out pairs: judged by its steps"
    return ""


def _run(subject: Subject, copy: Work, name: str, record: Mapping[str, Any]) -> str:
    shuffled = name.endswith(_SHUFFLED)
    jobs = [job_of(name, record)]
    run_jobs(subject.graph, copy.split, jobs, shuffled=shuffled, force=True, progress=False)
    return _digest(copy, record)


def _digest(work: Work, record: Mapping[str, Any]) -> str:
    return frame_digest(read_parquet(work.split.path / record["file"]))
