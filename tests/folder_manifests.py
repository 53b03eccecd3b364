"""Whole manifests and records for folders that tests make by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reelgraph.artifacts import (
    AuditRecord,
    AuditRow,
    ColdCounts,
    DatasetCounts,
    DatasetFolder,
    DatasetManifest,
    FoldCounts,
    Interval,
    JobRecord,
    ModelMetrics,
    RowOrder,
    RunFolder,
    RunManifest,
    SplitFolder,
    SplitManifest,
    StageRecord,
    write_manifest,
)

MADE = "2025-01-01T00:00:00+00:00"


def dataset_manifest(counts: Mapping[str, int] | None = None, **fields: Any) -> DatasetManifest:
    """Of a data set with ratings and times; ``counts`` are 0 where they are not given."""
    none = dict.fromkeys(("interactions", "users", "items", "entities", "triples"), 0)
    about: dict[str, Any] = {
        "fingerprint": "abc",
        "name": "made up",
        "id_space": "small",
        "interaction_type": "RATED",
        "user_id_type": "INTEGER",
        "item_id_type": "INTEGER",
        "ratings": True,
        "timestamps": True,
        "counts": DatasetCounts(**{**none, **(counts or {})}),
        "relation_types": {},
        "event_types_left_out": {},
        "created_at": MADE,
    }
    return DatasetManifest(**{**about, **fields})


def split_manifest(**fields: Any) -> SplitManifest:
    """Of a split by ``user-time`` without jobs."""
    about: dict[str, Any] = {
        "split_id": "user-time",
        "dataset": "abc",
        "protocol": "user-time",
        "parameters": {},
        "order": RowOrder.TIMES_ROWS,
        "counts": FoldCounts(train=0, valid=0, test=0),
        "task": "ranking",
        "candidates": "catalogue",
        "history": "train + valid",
        "targets": "all",
        "cold": ColdCounts(users=0, items=0),
        "jobs": {},
        "created_at": MADE,
    }
    return SplitManifest(**{**about, **fields})


def job_record(**fields: Any) -> JobRecord:
    about: dict[str, Any] = {
        "kind": "embeddings",
        "file": "embeddings/made.parquet",
        "rows": 0,
        "digest": "0",
        "config": {},
        "edges": "knowledge",
        "shuffle_seed": None,
        "consumer": "tests",
        "fingerprint": "f",
        "seconds": 0.0,
        "created_at": MADE,
    }
    return JobRecord(**{**about, **fields})


def run_manifest(**fields: Any) -> RunManifest:
    """Of a run of ``ease`` on ``user-time`` that has not begun."""
    about: dict[str, Any] = {
        "run_id": "ease-1",
        "task": "ranking",
        "model": "ease",
        "dataset": "abc",
        "split": "user-time",
        "protocol": "user-time",
        "order": RowOrder.TIMES_ROWS,
        "knowledge": "real",
        "inputs": (),
        "jobs": {},
        "similarities": (),
        "seed": 42,
        "refit_of": None,
        "created_at": MADE,
        "version": "0",
        "config": {},
        "stages": {},
    }
    return RunManifest(**{**about, **fields})


def stages(*names: str) -> dict[str, StageRecord]:
    return {name: StageRecord(finished_at=MADE, seconds=0.0) for name in names}


def audit_record(passed: bool) -> AuditRecord:
    row = AuditRow(check=1, what="made up", result="pass" if passed else "fail", evidence="none")
    return AuditRecord(
        passed=passed, full=False, label="", inputs="i", trained="t", at=MADE, checks=(row,)
    )


def model_metrics(means: Mapping[str, float], **beyond: float) -> ModelMetrics:
    """Figures of a model on test, with intervals from 0 to 1."""
    return ModelMetrics(
        fold="test",
        users=1,
        cold=0,
        questions=1,
        n=10,
        history="train + valid",
        candidates="catalogue",
        metrics={name: Interval(mean=mean, low=0.0, high=1.0) for name, mean in means.items()},
        beyond=beyond,
    )


def change(folder: DatasetFolder | SplitFolder | RunFolder, **fields: Any) -> None:
    """Replace fields of a folder's manifest, those too that only its making sets."""
    write_manifest(folder.path, folder.manifest().model_copy(update=fields))
