"""What ``--full`` adds for graph jobs: computed again where test rows are others.

Jobs on a projection get a server of their own with an empty database. There a job that reads
the user's graph beside its projection gives another result, or fails.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ...artifacts import SHUFFLED, JobRecord, frame_digest, read_parquet
from ...errors import DatabaseError, GdsMissingError, ReelgraphError
from ...gds_jobs.runner import run_jobs
from ...graph.connection import Graph
from ..stages.work import Work
from .copies import Change, copy_files, other_test, unchanged
from .graph import job_of, job_records
from .predictions import TOLERANCE
from .report import Row, absent, row
from .server import empty_server
from .subject import Subject

_NUMBERS = ("embeddings", "similarity", "structure")  # kinds whose values can be rounded
_OF_SERVER = ("heap", "memory", "connect")  # words of errors that tell nothing about the job


def check_jobs(subject: Subject) -> list[Row]:
    """Each job of the run on a copy with other test rows, by a projection on an empty server."""
    if not subject.tests:
        return []
    rows: dict[str, Row] = {}
    on_server = {}
    records = job_records(subject)
    for name, record in records.items():
        try:
            why_not = _not_asked(name, record)
            if why_not:
                rows[name] = absent(1, _what(name), why_not)
            elif job_of(name, record).needs_gds:
                on_server[name] = record
            else:
                rows[name] = _again(subject, name, record)
        except ReelgraphError as error:
            rows[name] = _unknown(name, error)
    if on_server:
        rows |= _on_server(subject, on_server)
    return [rows[name] for name in records]


def _on_server(subject: Subject, records: Mapping[str, JobRecord]) -> dict[str, Row]:
    """Start an empty server, compute the jobs on it, and stop it."""
    work = subject.work
    work.note(f"audit: a server of its own for graph jobs {', '.join(records)}")
    rows: dict[str, Row] = {}
    try:
        with empty_server(work.settings) as server, server.graph() as graph:
            for name, record in records.items():
                rows[name] = _again(subject, name, record, graph)
    except ReelgraphError as error:
        why = f"no empty server to compute it on, judged by its inputs: {error.message}"
        rows |= {name: absent(1, _what(name), why) for name in records if name not in rows}
    return rows


def _not_asked(name: str, record: JobRecord) -> str:
    """Why a job is not computed again; empty where it is."""
    job = job_of(name, record)
    if job.slow:
        return "made by a long training: judged by its inputs"
    if not job.repeats:
        return "the same seed gives other results: judged by its inputs"
    if record.config.get("pairs", "train") != "train":
        return "asks about held-out pairs: judged by its steps"
    return ""


def _again(subject: Subject, name: str, record: JobRecord, graph: Graph | None = None) -> Row:
    with tempfile.TemporaryDirectory(dir=subject.scratch) as folder:
        try:
            return _Again(subject, name, record, graph, Path(folder)).judge()
        except DatabaseError as error:
            of_server = any(word in error.message.lower() for word in _OF_SERVER)
            if of_server or isinstance(error, GdsMissingError):
                return _unknown(name, error)
            return row(1, _what(name), False, f"it fails{_place(graph)}: {error.message}")
        except ReelgraphError as error:
            return _unknown(name, error)


@dataclass(frozen=True)
class _Again:
    """One job, computed again in copies of its own: what it writes is not an input of others."""

    subject: Subject
    name: str
    record: JobRecord
    graph: Graph | None
    folder: Path

    def judge(self) -> Row:
        """With other test rows; where that is not what is stored, with the same rows, twice."""
        work, what, record = self.subject.work, _what(self.name), self.record
        stored = _digest(work, record)
        text = f"{record.rows:,} rows"
        place = _place(self.graph)
        changed = self._run(self._copy("changed", self._other))
        if changed == stored:
            return row(1, what, True, f"{text}, test rows changed{place}: the same")
        copy = self._copy("same", unchanged)
        same = self._run(copy)
        if same == changed and _near(work, copy, record):
            told = f"the same but for rounding, and no bit by the test rows{place}"
            return row(1, what, True, f"{text}: {told}")
        near = same == stored or _near(work, copy, record)
        if self._run(copy) != same:
            return absent(1, what, "not the same twice with the same rows: judged by its inputs")
        if near:
            return row(1, what, False, f"{text} are others with other test rows")
        version = _version(self.graph)
        if version != record.gds_version:
            told = f"by GDS {version}, not {record.gds_version}, it is another"
            return Row(1, what, "warning", f"{text}: judged by its inputs: {told}")
        return row(1, what, False, f"{text} are others with the same rows{place}")

    def _other(self, rows: pd.DataFrame) -> pd.DataFrame:
        return other_test(rows, self.subject.items)

    def _copy(self, name: str, change: Change) -> Work:
        return copy_files(self.subject.work, self.folder / name, change)

    def _run(self, copy: Work) -> str:
        shuffled = self.name.endswith(SHUFFLED)
        jobs = [job_of(self.name, self.record)]
        try:
            run_jobs(self.graph, copy.split, jobs, shuffled=shuffled, force=True, progress=False)
        except ReelgraphError:
            raise
        except Exception as error:  # a plugin's job, where what it reads is not there
            raise DatabaseError(f"{type(error).__name__}: {error}") from error
        return _digest(copy, self.record)


def _digest(work: Work, record: JobRecord) -> str:
    return frame_digest(read_parquet(work.split.path / record.file))


def _near(work: Work, copy: Work, record: JobRecord) -> bool:
    """Whether two outputs are the same but for rounding, as on another machine."""
    if record.kind not in _NUMBERS:
        return False
    one, other = (read_parquet(made.split.path / record.file) for made in (work, copy))
    return list(one) == list(other) and all(_close(one[name], other[name]) for name in one)


def _close(one: pd.Series[Any], other: pd.Series[Any]) -> bool:
    left, right = np.array(one.tolist()), np.array(other.tolist())
    if left.shape != right.shape or left.dtype.kind != "f":
        return np.array_equal(left, right)
    allowed = TOLERANCE * float(np.abs(left).max(initial=0))
    return bool((np.abs(left - right) <= allowed).all())


def _version(graph: Graph | None) -> str | None:
    return str(graph.gds().server_version()) if graph else None


def _what(name: str) -> str:
    return f"output of graph job {name}"


def _place(graph: Graph | None) -> str:
    return ", on an empty server" if graph else ""


def _unknown(name: str, error: ReelgraphError) -> Row:
    return Row(1, _what(name), "warning", f"judged by its inputs: {error.message}")
