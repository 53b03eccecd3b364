"""A comparison as text for documents and programs: Markdown, CSV, LaTeX, JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ...artifacts import Task
from ...model.evaluation.questions import Fold
from ...model.evaluation.significance import LEVEL, Correction, Difference
from ...model.memory import gigabytes
from .table import Comparison, Figure, Row

TIE = "≈"
_CORRECTIONS = {"holm": "Holm", "bh": "Benjamini–Hochberg"}
_NAMES = {
    "ndcg": "NDCG",
    "hr": "HR",
    "map": "MAP",
    "mrr": "MRR",
    "sum_rr": "ΣRR",
    "precision": "P",
    "recall": "recall",
    "rmse": "RMSE",
    "mse": "MSE",
    "mae": "MAE",
}


def metric_name(metric: str) -> str:
    """As tables are headed: ``ndcg@10`` → ``NDCG@10``."""
    name, at, k = metric.partition("@")
    return f"{_NAMES.get(name, name)}{at}{k}"


def legend(table: Comparison) -> list[str]:
    """What a reader has to know of the figures; one sentence each."""
    correction = _CORRECTIONS[table.correction]
    return [
        f"{table.title}: {table.fold} fold, {table.users:,} users.",
        "Mean ± sd over seeds [95 % bootstrap interval over users].",
        f"The best is bold; {TIE} is not told from it at {LEVEL:g} by the paired permutation test, "
        f"whose p is corrected by {correction}. '{heads_of_test(table)[0]}' is the difference.",
        *table.notes,
    ]


def left_out(table: Comparison) -> list[str]:
    """Rows without figures, each with the reason."""
    return [f"{row.name}: {row.why}" for row in table.rows if row.figures is None]


def figure_text(figure: Figure) -> tuple[str, str]:
    """``.2512 ± .0031 ≈`` and ``[.241, .262]``."""
    spread = "" if figure.sd is None else f" ± {_short(figure.sd)}"
    tie = f" {TIE}" if figure.tied else ""
    return f"{_short(figure.mean)}{spread}{tie}", _interval(figure.low, figure.high)


def _short(value: float, form: str = ".4f") -> str:
    """Without the zero before the point, as figures between 0 and 1 are printed."""
    return f"{value:{form}}".replace("0.", ".", 1) if abs(value) < 1 else f"{value:{form}}"


def _interval(low: float, high: float, form: str = ".3f") -> str:
    return f"[{_short(low, form)}, {_short(high, form)}]"


def heads_of_test(table: Comparison) -> tuple[str, str]:
    """How the columns of the test are headed, of which the first metric is the subject."""
    return f"{metric_name(table.metrics[0])} − best", "p"


def less_the_best(row: Row, metric: str) -> tuple[str, str, str]:
    """Difference to the best, its interval and the corrected p, as text; empty for the best."""
    found = (row.figures or {})[metric].to_best
    if found is None:
        return "", "", ""
    p = "<.001" if found.corrected < 0.001 else _short(found.corrected, ".3f")
    return _short(found.difference, "+.4f"), _interval(found.low, found.high, "+.3f"), p


COST_NAMES = ("fit", "test")
_COSTS = ("fit_seconds", "score_seconds", "fit_bytes", "score_bytes")


def costs(row: Row) -> tuple[list[str], list[str]]:
    """Seconds and peak memory of a seed, of training and of asking, where they are known."""
    return _cost(row.fit_seconds, row.fit_bytes), _cost(row.score_seconds, row.score_bytes)


def _cost(seconds: float | None, peak: int | None) -> list[str]:
    took = [] if seconds is None else [f"{seconds:.1f} s"]
    return took + ([] if peak is None else [gigabytes(peak)])


def _markdown(table: Comparison) -> str:
    heads = _heads(table)
    lines = [_line(heads), _line(["---"] * len(heads))]
    for row in table.rows:
        lines.append(_line(_cells(row, table, "**{}**")))
    return "\n".join([*lines, "", *(f"{text}  " for text in legend(table))])


def _latex(table: Comparison) -> str:
    heads = _heads(table)
    body = [" & ".join(map(_tex, heads)) + r" \\", r"\midrule"]
    for row in table.rows:
        cells = [_tex(cell) for cell in _cells(row, table, "\0{}\1")]
        marked = [one.replace("\0", r"\textbf{").replace("\1", "}") for one in cells]
        body.append(" & ".join(marked) + r" \\")
    said = [f"% {text}" for text in legend(table)]
    begin = [r"\begin{tabular}{l" + "r" * (len(heads) - 1) + "}", r"\toprule"]
    return "\n".join([*said, *begin, *body, r"\bottomrule", r"\end{tabular}"])


def _heads(table: Comparison) -> list[str]:
    return ["model", *map(metric_name, table.metrics), *heads_of_test(table), *COST_NAMES]


def _cells(row: Row, table: Comparison, bold: str) -> list[str]:
    if row.figures is None:
        return [row.name, row.why, *[""] * (len(table.metrics) + 3)]
    texts = []
    for metric in table.metrics:
        mean, interval = figure_text(row.figures[metric])
        texts.append(f"{bold.format(mean) if row.figures[metric].best else mean} {interval}")
    difference, interval, p = less_the_best(row, table.metrics[0])
    return [row.name, *texts, f"{difference} {interval}".strip(), p, *map(", ".join, costs(row))]


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(one.replace("|", r"\|") for one in cells) + " |"


def _tex(text: str) -> str:
    for plain, written in (("\\", r"\textbackslash "), ("±", r"$\pm$"), (TIE, r"$\approx$")):
        text = text.replace(plain, written)
    text = text.replace("Σ", r"$\Sigma$").replace("–", "--")
    text = text.replace("−", "$-$").replace("<", "$<$")
    return "".join(f"\\{one}" if one in "&%#_{}" else one for one in text)


def _records(table: Comparison) -> Iterator[dict[str, Any]]:
    """One per row and metric."""
    for row in table.rows:
        about = {"model": row.name, "seeds": " ".join(map(str, row.seeds)), "why": row.why}
        cost = {name: getattr(row, name) for name in _COSTS}
        for metric in table.metrics if row.figures else ("",):
            figure = asdict(row.figures[metric]) if row.figures else {}
            test = figure.pop("to_best", None) or {}
            of_test = {
                "difference": test.get("difference"),
                "difference_low": test.get("low"),
                "difference_high": test.get("high"),
                "p": test.get("p"),
                "p_corrected": test.get("corrected"),
            }
            best = row.figures[metric].best if row.figures else None
            values = {name: figure.get(name) for name in ("mean", "sd", "low", "high")}
            yield {**about, "metric": metric, **values, "best": best, **of_test, **cost}


def _csv(table: Comparison) -> str:
    rows, out = list(_records(table)), io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]) if rows else ["model"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().rstrip("\n")


def _json(table: Comparison) -> str:
    about = {
        "title": table.title,
        "task": table.task,
        "fold": table.fold,
        "users": table.users,
        "correction": table.correction,
        "notes": list(table.notes),
    }
    found = {**about, "rows": list(_records(table))}
    return json.dumps(found, indent=2, ensure_ascii=False, allow_nan=False)


class _Stored(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class _StoredRecord(_Stored):
    """A row and metric, as :func:`_records` gives it; without figures the metric is empty."""

    model: str
    seeds: str = Field(pattern=r"^(\d+( \d+)*)?$")
    why: str
    metric: str
    mean: float | None
    sd: float | None
    low: float | None
    high: float | None
    best: bool | None
    difference: float | None
    difference_low: float | None
    difference_high: float | None
    p: float | None
    p_corrected: float | None
    fit_seconds: float | None
    score_seconds: float | None
    fit_bytes: int | None
    score_bytes: int | None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        told = [self.mean, self.low, self.high] if self.metric else []
        if self.metric and not self.best:
            told += [self.difference, self.difference_low, self.difference_high]
            told += [self.p, self.p_corrected]
        if None in told:
            raise ValueError(f"row {self.model} lacks a figure of {self.metric}")
        return self


class _StoredComparison(_Stored):
    title: str
    task: Task
    fold: Fold
    users: int
    correction: Correction
    notes: tuple[str, ...]
    rows: tuple[_StoredRecord, ...]


def from_json(text: str) -> Comparison:
    """The table that was written as JSON.

    :raises ValueError: when it is not one.
    """
    stored = _StoredComparison.model_validate_json(text)
    metrics = tuple(dict.fromkeys(one.metric for one in stored.rows if one.metric))
    names = dict.fromkeys(one.model for one in stored.rows)
    rows = tuple(_row([one for one in stored.rows if one.model == name]) for name in names)
    if any(row.figures is not None and tuple(row.figures) != metrics for row in rows):
        raise ValueError("rows have different metrics")
    about = {name: value for name, value in stored if name != "rows"}
    return Comparison(**about, metrics=metrics, rows=rows)


def _row(records: Sequence[_StoredRecord]) -> Row:
    first = records[0]
    figures = {one.metric: _figure(one) for one in records if one.metric}
    return Row(
        first.model,
        tuple(map(int, first.seeds.split())),
        figures or None,
        **{name: getattr(first, name) for name in _COSTS},
        why=first.why,
    )


def _figure(record: _StoredRecord) -> Figure:
    test = None
    if not record.best:
        test = Difference(
            _told(record.difference),
            _told(record.difference_low),
            _told(record.difference_high),
            _told(record.p),
            _told(record.p_corrected),
        )
    return Figure(_told(record.mean), record.sd, _told(record.low), _told(record.high), test)


def _told(value: float | None) -> float:
    """A figure that :class:`_StoredRecord` has found to be there."""
    return float("nan") if value is None else value


FORMATS: dict[str, Callable[[Comparison], str]] = {
    "markdown": _markdown,
    "csv": _csv,
    "latex": _latex,
    "json": _json,
}
