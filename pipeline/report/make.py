"""All charts of a run, its data set and stored comparisons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import ValidationError

from ...artifacts import RunMetrics, read_parquet
from ...errors import InputError
from ...model.splits.lookup import protocol_of
from ...plugins import manager
from ...progress import Note
from ...results.verdicts import LEAKS, UNKNOWN, folder_audit
from ...validation import first_problem
from ..comparison.formats import from_json
from ..comparison.table import Comparison
from ..stages.work import Work
from .chart import Chart, Missing, library, style
from .comparison_charts import comparison_charts
from .data_charts import data_charts
from .feature_charts import feature_chart
from .page import report_files
from .reasons import shared_entities, user_reasons
from .reasons_charts import drawn_items, heat_map, network
from .run_charts import learning_chart, quality_charts

_TIES = 3  # for each recommendation of the network


def make_report(
    work: Work, comparisons: Sequence[Path], user_id: str | None, note: Note
) -> dict[str, bytes]:
    """The page and its PNG files, by name.

    :param comparisons: files that ``reelgraph compare --format json`` wrote.
    :param user_id: whose history is drawn, by default one of median length.
    :raises InputError: without Matplotlib, for an unknown user, or for a file that is no
        comparison.
    """
    library()
    tables = {path.stem: read_comparison(path) for path in comparisons}
    if len(tables) < len(comparisons):
        raise InputError("two comparisons have the same file name", "Rename one of the files.")
    with style():
        charts = []
        for chart in _charts(work, tables, user_id):
            note(f"{chart.heading}{': not drawn' if isinstance(chart, Missing) else ''}")
            charts.append(chart)
        run, dataset = work.run.run_id, work.split.dataset.fingerprint
        return report_files(
            f"Report of {run}",
            f"Run {run} on split {work.split.split_id} of data set {dataset}. {_verdict(work)} The "
            "pictures of this page are PNG files beside it.",
            charts,
            "reelgraph report",
        )


def _charts(
    work: Work, tables: dict[str, Comparison], user_id: str | None
) -> Iterator[Chart | Missing]:
    reasons = list(_reasons(work, user_id))  # first, since it refuses an unknown user
    yield from data_charts(read_parquet(work.split.dataset.interactions))
    yield feature_chart(work.split, protocol_of(work.split, manager.protocols()))
    yield learning_chart(work.run)
    if work.run.metrics.is_file():
        metrics = work.run.read_metrics()
        yield from quality_charts(_labelled(work, metrics), work.config.about, work.run.run_id)
    else:
        yield Missing("Quality", f"it was not measured: reelgraph evaluate {work.run.run_id}")
    for name, table in tables.items():
        yield from comparison_charts(table, name)
    yield from reasons


def _verdict(work: Work) -> str:
    """What the audit said of the run, and what is to be known of its split."""
    found, label = folder_audit(work.run), work.run.manifest().label
    said = f"Audit: {found}." if found != UNKNOWN else f"{UNKNOWN.capitalize()}."
    return f"{said} {label[:1].upper()}{label[1:]}." if label else said


def _labelled(work: Work, metrics: RunMetrics) -> RunMetrics:
    """The same with the run's model called as leaking where its audit says so."""
    if folder_audit(work.run) != LEAKS:
        return metrics
    model = work.config.model
    named = {f"{n} ({LEAKS})" if n == model else n: one for n, one in metrics.models.items()}
    return metrics.model_copy(update={"models": named})


def _reasons(work: Work, user_id: str | None) -> Iterator[Chart | Missing]:
    provided = work.config.model_class().provides
    if work.config.about != "ranking" or "evidence" not in provided:
        yield Missing(
            "Reasons", f"run {work.run.run_id} has no recommendations with evidence of its model"
        )
        return
    reasons = user_reasons(work, user_id)
    yield heat_map(reasons)
    yield network(reasons, shared_entities(work.split.dataset, *drawn_items(reasons), _TIES))


def read_comparison(path: Path) -> Comparison:
    """:raises InputError: when the file is no comparison as JSON."""
    try:
        return from_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(
            f"{path} is no comparison that can be read: {_said(error)}",
            "Write one: reelgraph compare --models … --format json --output FILE",
        ) from None


def _said(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    problem = first_problem(error)
    return f"{problem.key}: {problem.message}" if problem.key else problem.message
