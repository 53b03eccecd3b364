"""All checks in order."""

from __future__ import annotations

import tempfile
from pathlib import Path

from ...graph.connection import Graph
from ..stages.work import Work
from .features import check_linear, check_past
from .future_events import check_later
from .graph import check_graph
from .inputs import check_inputs
from .report import AuditReport, Row
from .rerun import check_jobs
from .retrain import check_trained
from .subject import Subject
from .test_rows import check_unseen


def audit(work: Work, graph: Graph | None = None, full: bool = False) -> AuditReport:
    """Audit a run that has predictions; it changes nothing of the run.

    :param graph: projects the jobs' edges again; without it check 4 judges by the files.
    :param full: also train again, and compute graph jobs again, on copies; jobs on a
        projection by an empty server of the audit's own, where one can be started.
    :raises ArtifactError: when a file of the run or the split is missing or damaged.
    """
    with tempfile.TemporaryDirectory(prefix="reelgraph-audit-") as scratch:
        subject = Subject(work, graph, Path(scratch))
        rows: list[Row] = [*check_unseen(subject)]
        if full:
            rows += [*check_jobs(subject), *check_trained(subject)]
        rows += check_inputs(subject)
        rows += [*check_past(subject), check_linear(subject)]
        rows += [*check_graph(subject), *check_later(subject)]
        ordered = sorted(rows, key=lambda one: one.check)
        return AuditReport(tuple(ordered), full, subject.manifest.label)
