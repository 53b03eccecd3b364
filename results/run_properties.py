"""The properties of a ``(:Run)`` node, made from a run's manifest and metrics."""

from __future__ import annotations

import json
from typing import Any

# names in metrics.json that are abbreviations there
_METRICS = {
    "hr": "hitRate",
    "map": "meanAveragePrecision",
    "mrr": "meanReciprocalRank",
    "sum_rr": "sumReciprocalRank",
}

_COPIED = ("model", "task", "seed", "knowledge", "version")


def metric_property(name: str) -> str:
    """The property of a metric: ``precision@10`` → ``precisionAt10``.

    >>> metric_property("sum_rr@10")
    'sumReciprocalRankAt10'
    """
    base, _, cutoff = name.partition("@")
    words = _METRICS.get(base, base).split("_")
    camel = words[0] + "".join(word.capitalize() for word in words[1:])
    return f"{camel}At{cutoff}" if cutoff else camel


def metric_properties(report: dict[str, Any]) -> dict[str, float]:
    """Flat means of one model's report in ``metrics.json``.

    :param report: ``{"metrics": {name: {"mean", "low", "high"}}, "beyond": {name: value}}``
    """
    means = {name: value["mean"] for name, value in report.get("metrics", {}).items()}
    return {
        metric_property(name): float(value)
        for name, value in (means | report.get("beyond", {})).items()
    }


def run_properties(
    manifest: dict[str, Any], split: dict[str, Any], metrics: dict[str, Any]
) -> dict[str, Any]:
    """All properties but the id, the dates, the status, the slot and what the vectors say.

    ``metrics`` is also kept whole, as JSON text: intervals, and the baselines beside it.
    """
    report = metrics.get("models", {}).get(manifest["model"], {})
    named = {name: manifest[name] for name in _COPIED if manifest.get(name) is not None}
    audit = manifest.get("audit")
    if audit:
        named["auditPassed"] = bool(audit["passed"])
    return {
        "task": "ranking",
        **named,
        "inputs": [one["need"] for one in manifest.get("inputs", ()) if one["absent"] is None],
        "splitId": manifest["split"],
        "datasetFingerprint": manifest["dataset"],
        "protocol": split.get("protocol", manifest.get("protocol")),
        **{name: split[name] for name in ("order", "label") if name in split},
        "config": json.dumps(manifest.get("config", {}), sort_keys=True),
        "metrics": json.dumps(metrics, sort_keys=True),
        **metric_properties(report),
    }
