"""A run's metrics beside its baselines, as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .context import Context

if TYPE_CHECKING:
    from ..artifacts import RunFolder

_SHOWN = ("precision@1", "precision@5", "precision@10", "ndcg@10")


def print_metrics(context: Context, run: RunFolder, as_json: bool = False) -> None:
    """Print ``metrics.json`` of a run; a refit has no figures of its own and says whose count."""
    from ..artifacts import read_json

    metrics, manifest = read_json(run.metrics), run.manifest()
    audit = manifest.get("audit")
    failed = [one["what"] for one in (audit or {}).get("checks", ()) if one["result"] == "fail"]
    if as_json:
        context.echo_json({**metrics, "audit": audit})
        return
    if not metrics["models"]:
        parent = manifest.get("refitOf")
        figures = f"; its parent's figures: reelgraph evaluate {parent}" if parent else ""
        context.note(f"{run.run_id} has no test rows, its split puts all into train{figures}")
        return
    label = manifest["model"] if failed else None
    context.echo_rows(_rows(metrics["models"], label))
    context.note(
        f"Test of split {manifest['split']} ({manifest['protocol']}): "
        f"{_how(metrics['models'][manifest['model']])}, order by {_order(manifest)}, "
        f"seed {manifest['seed']}.\n"
        "ΣRR@10 is the sum of 1/rank over all hits, with its 95 % bootstrap interval over users."
    )
    for name, why in metrics.get("leftOut", {}).items():
        context.note(f"Baseline {name} is left out: {why}")
    if manifest.get("label"):
        context.note(f"{manifest['protocol']}: {manifest['label']}")
    if failed:
        context.note(f"LEAKS: the run failed its audit ({', '.join(failed)}): reelgraph audit")
    if not audit:
        context.note(f"not audited: reelgraph audit {run.run_id}")


def _how(values: dict[str, Any]) -> str:
    """How the figures were made, in words."""
    users, questions = values["users"], values.get("questions", values["users"])
    parts = [f"{users:,} users", "full ranking", f"history {values.get('history', _HISTORY)}"]
    if questions != users:
        parts.insert(1, f"{questions:,} targets")
    if values.get("cold"):
        cold = f"{values['cold']:,} of them cold (without rows in train or valid)"
        if values.get("fallback"):
            cold += f", answered by the {values['fallback']} items"
        parts.insert(1, cold)
    if values.get("candidates") == "train":
        parts.append("candidates the items of the train file")
    return ", ".join(parts)


def _order(manifest: dict[str, Any]) -> str:
    return str(manifest.get("order", "time, ties by the source's row order"))


def _rows(models: dict[str, Any], leaking: str | None) -> list[dict[str, Any]]:
    """One row per model and, where users were cold, one with the figures of the others."""
    rows = []
    for name, values in models.items():
        rows.append(_row(name, values, leaking))
        if "warm" in values:
            warm = {**values, "metrics": values["warm"]}
            rows.append({**_row(name, warm, leaking), "model": f"  {name}, warm users"})
    return rows


def _row(name: str, values: dict[str, Any], leaking: str | None = None) -> dict[str, Any]:
    """:param leaking: the model whose figures are labelled."""
    metrics = values["metrics"]
    row: dict[str, Any] = {"model": f"{name} (LEAKS)" if name == leaking else name}
    for metric in _SHOWN:
        row[_TITLES[metric]] = f"{metrics[metric]['mean']:.3f}"
    total = metrics["sum_rr@10"]
    row["ΣRR@10 [95 %]"] = f"{total['mean']:.3f} [{total['low']:.3f}, {total['high']:.3f}]"
    return row


_HISTORY = "train + valid"
_TITLES = {
    "precision@1": "P@1",
    "precision@5": "P@5",
    "precision@10": "P@10",
    "ndcg@10": "NDCG@10",
}
