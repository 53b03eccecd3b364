"""Features of a split as files: ``splits/<id>/features/``.

================================  =====================================================
``events.parquet``                ``user, item, seq, fold``, numbers, codes (``…_code``)
``items.parquet``                 ``itemId`` and lists of codes: entities, title words
``features.json, .safetensors``   the fitted builder
================================  =====================================================

The split's manifest says under ``features`` what was made and who reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from pydantic import ValidationError

from ...artifacts import FeatureCheck, FeatureRecord, SplitFolder, read_parquet, write_parquet
from ...errors import ArtifactError, InputError
from ...validation import first_problem
from ..splits.base import Protocol
from ..splits.folds import FOLDS
from .audit import recompute_check
from .builder import FeatureBuilder
from .config import FeatureConfig
from .earlier_rows import timed
from .facts import Facts
from .table import FeatureTable

CONSUMER = "models of ratings"


def load_rows(split: SplitFolder) -> pd.DataFrame:
    """All rows of a split with their folds, as the builder wants them.

    Where some rows have no timestamp, none has.

    :raises ArtifactError: when files are missing or the split is of another data set.
    """
    return timed(_rows(split))


def _rows(split: SplitFolder) -> pd.DataFrame:
    rows = read_parquet(split.dataset.interactions)
    folds = read_parquet(split.split)
    merged = rows.merge(folds, on=["user", "item", "seq"], how="inner", validate="one_to_one")
    if len(merged) != len(rows):
        raise ArtifactError(
            f"{split.split} covers {len(merged)} of {len(rows)} interactions",
            "It belongs to another data set: delete the split and make it again.",
        )
    return merged[merged["fold"].isin(FOLDS)].reset_index(drop=True)


def write_features(
    split: SplitFolder, protocol: Protocol, settings: Mapping[str, Any], check: int = 0
) -> FeatureRecord:
    """Fit, transform and write; returns the record in the split's manifest.

    :param protocol: the split's.
    :param settings: fields of :class:`FeatureConfig`; ``leaky`` follows from the protocol.
    :param check: events to compute again, see :func:`.audit.recompute_check`.
    :raises InputError: for an unknown setting or a value that does not fit.
    """
    config = _config({"leaky": protocol.leaky_features, **settings})
    builder = FeatureBuilder(config, Facts.of(split.dataset), protocol)
    rows = _rows(split)
    untimed = int(rows["timestamp"].isna().sum()) if "timestamp" in rows else len(rows)
    rows = timed(rows)
    table = builder.fit(rows).transform(rows)
    record = FeatureRecord(
        consumer=CONSUMER,
        fingerprint=builder.fingerprint,
        label=table.label,
        events=len(table),
        without_timestamp=untimed,
        numbers=tuple(table.names),
        left_out=tuple(table.left_out),
        categories={name: table.sizes[name] for name in table.categories},
        lists={name: table.sizes[name] for name in table.lists},
        config=config.model_dump(mode="json"),
    )
    if check:
        done = recompute_check(builder, rows, check)
        found = FeatureCheck(events=done.events, changed=tuple(done.features))
        record = record.model_copy(update={"check": found})
    _write(split, builder, rows, table)
    split.update(features=record)
    return record


def _write(
    split: SplitFolder, builder: FeatureBuilder, rows: pd.DataFrame, table: FeatureTable
) -> None:
    folder = split.path / "features"
    keys = rows[["user", "item", "seq", "fold"]]
    events = pd.concat([keys, table.frame()], axis=1)
    if table.label:
        events.insert(0, "label", table.label)
    write_parquet(folder / "events.parquet", events)
    items = pd.DataFrame({"itemId": builder.facts.items["itemId"]})
    for name, codes in table.lists.items():
        items[name] = [row[row > 0] for row in codes[:-1]]
    write_parquet(folder / "items.parquet", items)
    builder.save(folder)


def _config(settings: Mapping[str, Any]) -> FeatureConfig:
    try:
        return FeatureConfig(**settings)
    except ValidationError as error:
        first = first_problem(error)
        raise InputError(
            f"setting {first.key} of the features: {first.message}",
            f"Settings: {', '.join(FeatureConfig.model_fields)}",
        ) from None
