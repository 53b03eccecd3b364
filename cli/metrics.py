"""A run's metrics beside its baselines, as a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from .context import Context

if TYPE_CHECKING:
    from ..artifacts import Interval, ModelMetrics, RunFolder, Task

_SHOWN = {
    "ranking": {
        "precision@1": "P@1",
        "precision@5": "P@5",
        "precision@10": "P@10",
        "ndcg@10": "NDCG@10",
    },
    "rating": {
        "mse": "MSE",
        "mae": "MAE",
        "r2": "R²",
        "explained_variance": "expl. var.",
        "median_absolute_error": "med. AE",
    },
}
_LAST = {"ranking": ("sum_rr@10", "ΣRR@10"), "rating": ("rmse", "RMSE")}  # with its interval
_SLICED = {
    "ranking": {"hr@10": "HR@10", "recall@10": "Recall@10", "ndcg@10": "NDCG@10"},
    "rating": {"mae": "MAE"},
}
SAID = {
    "ranking": "ΣRR@10 is the sum of 1/rank over all hits, with its 95 % bootstrap interval over "
    "users.",
    "rating": "Errors are over all test ratings; the 95 % bootstrap interval is over users.",
}


def slice_rows(models: Mapping[str, ModelMetrics], task: Task) -> list[dict[str, str]]:
    """One row per slice and model, the models of a slice below each other."""
    names = dict.fromkeys(name for report in models.values() for name in report.slices)
    rows = []
    for name in names:
        for model, report in models.items():
            if (part := report.slices.get(name)) is None:
                continue
            total = part.metrics[_LAST[task][0]]
            rows.append(
                {
                    "slice": f"{name} ({part.least:,} to {part.most:,})",
                    "users": f"{part.users:,}",
                    "items": f"{part.items:,}",
                    "questions": f"{part.questions:,}",
                    "model": model,
                    **{
                        title: f"{part.metrics[metric].mean:.3f}"
                        for metric, title in _SLICED[task].items()
                    },
                    f"{_LAST[task][1]} [95 %]": f"{total.mean:.3f} [{total.low:.3f}, "
                    f"{total.high:.3f}]",
                }
            )
    return rows


def print_slices(context: Context, models: Mapping[str, ModelMetrics], task: Task) -> None:
    """Print the figures of slices, or say that the metrics are older than slices."""
    if rows := slice_rows(models, task):
        context.echo_rows(rows, whole="slice")
        context.note(
            "In brackets: events in the rows that the fit read. Of an item slice only its own "
            "items are right, among all candidates."
        )
    else:
        context.note("these metrics have no slices: measure again with --again")


def print_metrics(
    context: Context, run: RunFolder, as_json: bool = False, slices: bool = False
) -> None:
    """Print ``metrics.json`` of a run; a refit has no figures of its own and says whose count."""
    metrics, manifest = run.read_metrics(), run.manifest()
    audit = manifest.audit
    if as_json:
        context.echo_json({**metrics.dump(), "audit": audit.dump() if audit else None})
        return
    if not metrics.models:
        parent = manifest.refit_of
        figures = f"; its parent's figures: reelgraph evaluate {parent}" if parent else ""
        context.note(
            f"{run.run_id} has no test rows: its split puts all of them into train{figures}"
        )
        return
    failed = audit.failed if audit else []
    task = manifest.task
    context.echo_rows(metric_rows(metrics.models, task, manifest.model if failed else None))
    if slices:
        print_slices(context, metrics.models, task)
    context.note(
        f"Test of split {manifest.split} ({manifest.protocol}): "
        f"{how_measured(metrics.models[manifest.model])}, order by {manifest.order}, "
        f"seed {manifest.seed}.\n"
        f"{SAID[task]}"
    )
    for name, why in metrics.left_out.items():
        context.note(f"Baseline {name} is left out: {why}")
    if manifest.label:
        context.note(f"{manifest.protocol}: {manifest.label}")
    if failed:
        context.note(f"LEAKS: the run failed its audit ({', '.join(failed)}): reelgraph audit")
    if not audit:
        context.note(f"not audited: reelgraph audit {run.run_id}")


def how_measured(report: ModelMetrics) -> str:
    """How the figures were made, in words."""
    if report.ratings is not None:
        cold = f", {report.cold:,} of them cold" if report.cold else ""
        of = f"{report.ratings:,} ratings of {report.users:,} users{cold}"
        return f"{of}, history {report.history}"
    parts = [f"{report.users:,} users", "full ranking", f"history {report.history}"]
    if report.questions != report.users:
        parts.insert(1, f"{report.questions:,} targets")
    if report.cold:
        cold = f"{report.cold:,} of them cold (without rows in train or valid)"
        if report.fallback:
            cold += f", answered by the {report.fallback} items"
        parts.insert(1, cold)
    if report.relevant is not None:
        parts.append(
            f"right are test items rated {report.relevant:g} and more "
            f"({report.unanswered or 0:,} questions without one are left out)"
        )
    if report.candidates == "train":
        parts.append("candidates the items of the train file")
    return ", ".join(parts)


def metric_rows(
    models: Mapping[str, ModelMetrics], task: Task, leaking: str | None = None
) -> list[dict[str, str]]:
    """One row per model and, where users were cold, one with the figures of the others.

    :param leaking: the model whose figures are labelled.
    """
    rows = []
    for name, report in models.items():
        title = f"{name} (LEAKS)" if name == leaking else name
        rows.append(_row(title, report.metrics, task))
        if report.warm is not None:
            rows.append(_row(f"  {name}, warm users", report.warm, task))
    return rows


def _row(title: str, metrics: Mapping[str, Interval], task: Task) -> dict[str, str]:
    last, name = _LAST[task]
    total = metrics[last]
    return {
        "model": title,
        **{shown: f"{metrics[metric].mean:.3f}" for metric, shown in _SHOWN[task].items()},
        f"{name} [95 %]": f"{total.mean:.3f} [{total.low:.3f}, {total.high:.3f}]",
    }
