"""How a run learnt, and how good its lists are: overall, by what is known, beside coverage."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ...artifacts import Interval, ModelMetrics, RunFolder, RunMetrics, Slice, Task
from ...errors import ArtifactError
from ...model.training.schedules import best_epoch, scores
from ..comparison.formats import metric_name
from .chart import BLUE, COLORS, GREY, ORANGE, Chart, Missing, interval_ends, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MAIN: Mapping[Task, str] = {"ranking": "ndcg@10", "rating": "mae"}
_FITS = {"choice": "epochs chosen on valid", "final": "final fit, on train and valid"}
_VALID: Mapping[Task, str] = {"ranking": "ΣRR@10", "rating": "RMSE"}
_MARKS = "oDsP^vX"


def learning_chart(run: RunFolder) -> Chart | Missing:
    """The loss of each epoch of both fits, and the figure by which epochs were chosen."""
    fits = {fit: rows for fit in _FITS if (rows := _history(run, fit))}
    heading = "Learning"
    if not fits:
        return Missing(heading, f"model {run.manifest().config['model']} does not train by epochs")
    figure, (axes,) = new_figure()
    for (fit, rows), color in zip(fits.items(), (BLUE, ORANGE), strict=False):
        axes.plot([r["epoch"] for r in rows], [r["loss"] for r in rows], color=color)
        axes.plot([], [], color=color, label=f"loss, {_FITS[fit]}")
    axes.set(xlabel="epoch", ylabel="loss")
    text, name = "", _VALID[run.manifest().task]
    chosen = [row for row in fits.get("choice", []) if "valid" in row]
    if chosen:
        right = axes.twinx()
        right.spines["right"].set_visible(True)
        epochs, values = [r["epoch"] for r in chosen], [abs(r["valid"]) for r in chosen]
        right.plot(epochs, values, color=COLORS[2], linestyle="--", marker=".")
        right.set(ylabel=f"{name} on valid")
        axes.plot([], [], color=COLORS[2], linestyle="--", marker=".", label=f"{name} on valid")
        best = best_epoch(scores(chosen)) - 1
        axes.axvline(epochs[best], color=GREY, linestyle=":", label="chosen")
        text = (
            f"Chosen: epoch {epochs[best]}, by the mean of {name} on valid over three epochs; in "
            f"this one it is {values[best]:.4f}. "
        )
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.18), ncols=4, fontsize=8)
    last = {fit: rows[-1]["loss"] for fit, rows in fits.items()}
    text += "; ".join(f"{_FITS[fit]}: loss {loss:.4f} at the end" for fit, loss in last.items())
    return Chart("learning", heading, f"{text}.", figure)


def _history(run: RunFolder, fit: str) -> list[dict[str, Any]]:
    """:raises ArtifactError: when the file is damaged."""
    path = run.model / f"history-{fit}.jsonl"
    if not path.is_file():
        return []
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        return [row for row in rows if row["epoch"] and row.get("loss") is not None]
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ArtifactError(
            f"{path} is damaged: {error}", f"Train again: reelgraph train {run.run_id} --again"
        ) from None


def quality_charts(metrics: RunMetrics, task: Task, run: str) -> Iterator[Chart | Missing]:
    """The run's model and the baselines beside it.

    :param run: its id, to say which command measures more.
    """
    if not metrics.models:
        yield Missing("Quality", "the split has no test rows")
        return
    yield _bars(metrics.models, task)
    for of, heading in (("users", "By length of history"), ("items", "By popularity of the item")):
        yield _slices(metrics.models, task, of, heading, run)
    if task == "ranking":
        yield _coverage(metrics.models)


def _bars(models: Mapping[str, ModelMetrics], task: Task) -> Chart:
    shown = {"ranking": ("precision@10", "ndcg@10", "sum_rr@10"), "rating": ("rmse", "mae", "r2")}
    figure, panels = new_figure(height=1.2 + 0.45 * len(models), columns=3, sharey=True)
    names = list(models)[::-1]
    for axes, metric in zip(panels, shown[task], strict=True):
        _interval_bars(axes, [models[name].metrics[metric] for name in names], names)
        axes.set(xlabel=metric_name(metric))
    first = next(iter(models))
    figures = ", ".join(
        f"{metric_name(metric)} {models[first].metrics[metric].mean:.3f}" for metric in shown[task]
    )
    text = (
        f"Test figures with their 95 % intervals over users. {first}: {figures}. Whether a "
        "difference is more than chance is what 'reelgraph compare' tests."
    )
    return Chart("quality", "Quality", text, figure)


def _interval_bars(axes: Axes, found: list[Interval], names: list[str]) -> None:
    """Horizontal bars with 95 % intervals, one for each name."""
    means = [one.mean for one in found]
    ends = interval_ends([(one.mean, one.low, one.high) for one in found])
    colors = [COLORS[0] if name == names[-1] else COLORS[4] for name in names]
    axes.barh(names, means, xerr=ends, color=colors, capsize=3, height=0.7)
    axes.grid(visible=True, axis="x")


def _slices(
    models: Mapping[str, ModelMetrics], task: Task, of: str, heading: str, run: str
) -> Chart | Missing:
    """A line per model over the slices of users or items, from the least known."""
    some = next(iter(models.values()))
    names = [name for name, one in some.slices.items() if one.of == of]
    quartiles = [name for name in names if "quartile" in name]
    cold = [name for name in names if name.startswith("cold")]
    if not quartiles:
        return Missing(heading, f"it was not measured: reelgraph evaluate {run} --slices --again")
    order = [*cold, *quartiles]
    metric = _MAIN[task]
    figure, (axes,) = new_figure()
    for place, (model, report) in enumerate(models.items()):
        there = [(x, report.slices[name]) for x, name in enumerate(order) if name in report.slices]
        figures = [(x, one.metrics[metric]) for x, one in there]
        axes.errorbar(
            [x + 0.06 * (place - len(models) / 2) for x, _ in figures],
            [one.mean for _, one in figures],
            yerr=interval_ends([(one.mean, one.low, one.high) for _, one in figures]),
            label=model,
            marker=_MARKS[place % len(_MARKS)],
            capsize=3,
        )
    parts = [some.slices[name] for name in order]
    axes.set_xticks(
        range(len(order)),
        [f"{_between(one)}\n({one.questions:,} asked)" for one in parts],
    )
    axes.set(xlabel=f"events per {of[:-1]} that the fit read", ylabel=metric_name(metric))
    axes.set_ylim(bottom=0)
    axes.legend(fontsize=8)
    first = next(iter(models))
    least, most = (
        models[first].slices[name].metrics[metric].mean for name in (order[0], order[-1])
    )
    text = (
        f"{metric_name(metric)} with 95 % intervals for parts of the {of}, from the least known "
        f"to the best known. {first}: {least:.3f} and {most:.3f}."
    )
    return Chart(f"by-{of}", heading, text, figure)


def _between(part: Slice) -> str:
    return f"{part.least:,}" if part.least == part.most else f"{part.least:,} to {part.most:,}"


def _coverage(models: Mapping[str, ModelMetrics]) -> Chart | Missing:
    """How much of the catalogue is ever shown, and how good the lists are."""
    found = {
        name: (report.beyond[key], report.metrics["ndcg@10"].mean)
        for name, report in models.items()
        for key in report.beyond
        if key.startswith("coverage@")
    }
    if not found:
        return Missing("Coverage and accuracy", "the coverage of the lists was not measured")
    figure, (axes,) = new_figure()
    for place, (name, (x, y)) in enumerate(found.items()):
        axes.plot(x, y, marker=_MARKS[place % len(_MARKS)], linestyle="none", markersize=9)
        axes.annotate(name, (x, y), xytext=(7, 5), textcoords="offset points", fontsize=9)
    axes.xaxis.set_major_formatter("{x:.0%}")
    axes.set(xlabel="share of the catalogue in the lists", ylabel="NDCG@10")
    axes.set_xlim(0, min(1.2 * max(0.05, *(x for x, _ in found.values())), 1.05))
    axes.set_ylim(0, 1.1 * max(0.01, *(y for _, y in found.values())))
    axes.grid(visible=True)
    text = "; ".join(f"{name} shows {x:.0%} of the catalogue" for name, (x, _) in found.items())
    return Chart("coverage", "Coverage and accuracy", f"{text}.", figure)
