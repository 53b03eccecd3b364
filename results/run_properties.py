"""The properties of a ``(:Run)`` node, made from a run's manifest and metrics."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..artifacts import ModelMetrics, RunManifest, RunMetrics, SplitManifest

# names in metrics.json that are abbreviations there
_METRICS = {
    "hr": "hitRate",
    "map": "meanAveragePrecision",
    "mrr": "meanReciprocalRank",
    "sum_rr": "sumReciprocalRank",
}

_NO_METRICS = "{}"


def metric_property(name: str) -> str:
    """The property of a metric: ``precision@10`` → ``precisionAt10``.

    >>> metric_property("sum_rr@10")
    'sumReciprocalRankAt10'
    """
    base, _, cutoff = name.partition("@")
    words = _METRICS.get(base, base).split("_")
    camel = words[0] + "".join(word.capitalize() for word in words[1:])
    return f"{camel}At{cutoff}" if cutoff else camel


def metric_properties(report: ModelMetrics) -> dict[str, float]:
    """Flat means of one model's figures."""
    means = {name: value.mean for name, value in report.metrics.items()}
    return {metric_property(name): value for name, value in (means | report.beyond).items()}


def figures_since(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """What changes in a node with properties ``before`` when ``now`` was evaluated since.

    Figures that it does not have any more are None; nothing changes without an evaluation.
    """
    if now["metrics"] in (before.get("metrics"), _NO_METRICS):
        return {}
    return dict.fromkeys(_figures(before)) | {name: now[name] for name in _figures(now)}


def _figures(properties: Mapping[str, Any]) -> list[str]:
    """Names of the properties that an evaluation gave."""
    models = json.loads(properties.get("metrics", _NO_METRICS)).get("models", {})
    report = models.get(properties.get("model"), {})
    names = (*report.get("metrics", ()), *report.get("beyond", ()))
    return ["metrics", *map(metric_property, names)]


def run_properties(
    manifest: RunManifest, split: SplitManifest | None, metrics: RunMetrics | None
) -> dict[str, Any]:
    """All properties but the id, the dates, the status, the slot and what the vectors say.

    ``metrics`` is also kept whole, as JSON text: intervals, and the baselines beside it.

    :param split: None for a parent that is known by its own folder alone.
    :param metrics: None for a run that was not evaluated.
    """
    properties: dict[str, Any] = {
        "task": manifest.task,
        "model": manifest.model,
        "seed": manifest.seed,
        "knowledge": manifest.knowledge,
        "version": manifest.version,
        "inputs": list(manifest.needs_met),
        "splitId": manifest.split,
        "datasetFingerprint": manifest.dataset,
        "protocol": manifest.protocol,
        "config": json.dumps(manifest.config, sort_keys=True),
        "metrics": json.dumps(metrics.dump(), sort_keys=True) if metrics else _NO_METRICS,
    }
    if manifest.audit is not None:
        properties["auditPassed"] = manifest.audit.passed
    if split is not None:
        properties |= {"protocol": split.protocol, "order": split.order.value}
        if split.label:
            properties["label"] = split.label
    report = metrics.models.get(manifest.model) if metrics else None
    return properties | (metric_properties(report) if report else {})
