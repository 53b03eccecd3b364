"""Check 1, the reading part: test rows change no prediction and no feature."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ...artifacts import read_parquet
from ...model.features.builder import FeatureBuilder
from ...model.features.files import load_rows
from ...model.features.table import FeatureTable
from ..stages.work import Work
from .predictions import Difference, Predicted, compare, unlike
from .report import Row, absent, row, some
from .subject import Subject, feature_row

_PREDICTIONS = "predictions without the test rows"
_FEATURES = "features without the test rows"
_STORED = "stored predictions"


def check_unseen(subject: Subject) -> list[Row]:
    """Predictions by the saved weights, and features, from changed and from removed test rows."""
    return [_stored(subject), _predictions(subject), _features(subject)]


def _stored(subject: Subject) -> Row:
    """The stored predictions must be those that weights and files give."""
    made, run = subject.predicted, subject.work.run
    users = made.recommended["user"].unique()
    stored = read_parquet(run.predictions).drop(columns="fallback", errors="ignore")
    stored = stored[stored["user"].isin(users)]  # which excludes those without history
    attention = made.attention.iloc[:0]
    if run.attention.is_file():
        attention = read_parquet(run.attention)
        attention = attention[attention["user"].isin(users)]
    kept = Predicted(stored, attention, made.ratings, made.users, made.among)
    found = compare(made, kept)
    asked = f"{_asked(made)} made again from the saved weights"
    if not found:
        return row(1, _STORED, True, f"{asked}: the same, bit for bit")
    wrong = unlike(kept, made)
    if not wrong:
        text = f"{asked}: the same but for rounding, largest difference {found.largest:.2g}"
        return row(1, _STORED, True, text)
    told = f"{found.users:,} users have others ({', '.join(wrong)}); {_largest(found)}"
    return row(1, _STORED, False, f"{asked}: {told}")


def _predictions(subject: Subject) -> Row:
    if not subject.tests:
        return absent(1, _PREDICTIONS, "the split has no test rows")
    asked = f"{_asked(subject.predicted)} from copies with all {subject.tests:,} test rows"
    worst = {"changed": subject.of_changed, "removed": subject.of_removed}
    wrong = [f"{name}: {one.users:,} users, {_largest(one)}" for name, one in worst.items() if one]
    if wrong:
        return row(1, _PREDICTIONS, False, f"{asked} changed or removed differ: {some(wrong)}")
    return row(1, _PREDICTIONS, True, f"{asked} changed, then removed: no bit differs")


def _features(subject: Subject) -> Row:
    if subject.manifest.features is None:
        return absent(1, _FEATURES, "the split has no features")
    if not subject.tests:
        return absent(1, _FEATURES, "the split has no test rows")
    builder = subject.builder()
    if builder.config.history == "rolling":
        return absent(1, _FEATURES, "history rolling: test rows before an event are its past")
    first = _fitted(builder, subject.work)
    wrong: set[str] = set()
    for copy in (subject.changed, subject.removed):
        wrong |= _differing(first, _fitted(builder, copy))
    events = f"{len(first):,} events fitted and made again without test rows, and with others"
    if wrong:
        return feature_row(subject, 1, _FEATURES, False, f"{events}: {some(sorted(wrong))} differ")
    return row(1, _FEATURES, True, f"{events}: no bit differs")


def _fitted(builder: FeatureBuilder, work: Work) -> pd.DataFrame:
    """Keys and features of all events by a builder that is fitted on this copy."""
    rows = load_rows(work.split)
    fresh = FeatureBuilder(builder.config, builder.facts, builder.protocol).fit(rows)
    table: FeatureTable = fresh.transform(rows)
    keys = rows[["user", "seq", "fold"]].assign(item=rows["item"])
    return pd.concat([keys, table.frame()], axis=1)


def _differing(first: pd.DataFrame, second: pd.DataFrame) -> set[str]:
    """Features that differ in events of both; one whose item was changed is another event."""
    both = first.merge(second, on=["user", "seq", "item"], suffixes=("", "_"))
    names = [name for name in first.columns if name not in ("user", "seq", "item", "fold")]
    missing = {name for name in names if f"{name}_" not in both}
    return missing | {
        name
        for name in names
        if name not in missing
        and not np.array_equal(both[name].to_numpy(), both[f"{name}_"].to_numpy())
    }


def _asked(made: Predicted) -> str:
    among = f" of {made.among:,}" if made.among > made.users else ""
    rated = f" and {len(made.ratings):,} ratings" if len(made.ratings) else ""
    return f"predictions of {made.users:,}{among} users{rated}"


def _largest(found: Difference) -> str:
    if not np.isfinite(found.largest):
        return "lists of other lengths"
    return f"largest difference of a score {found.largest:.2g}"
