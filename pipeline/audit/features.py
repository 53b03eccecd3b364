"""Checks 2 and 3: features and evidence come from before the event."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ...artifacts import read_parquet
from ...model.features.audit import WARNING_R2, joint_fit, recompute_check
from ...model.features.files import load_rows
from .report import Row, absent, row, some
from .subject import Subject, feature_row

EVENTS = 1000  # events whose features are computed again

_PAST = "features from the past alone"
_STORED = "stored features"
_EVIDENCE = "evidence from the history"
_LINEAR = "linear fit of all features"


def check_past(subject: Subject) -> list[Row]:
    """Check 2: features computed again from earlier rows; evidence lies in the history."""
    if subject.manifest.features is None:
        return [absent(2, _PAST, "the split has no features"), _evidence(subject)]
    return [_features(subject), _stored(subject), _evidence(subject)]


def check_linear(subject: Subject) -> Row:
    """Check 3: held-out R² of one linear fit; above .5 it is a warning."""
    if subject.manifest.features is None:
        return absent(3, _LINEAR, "the split has no features")
    if "rating" not in subject.rows or subject.rows["rating"].isna().any():
        return absent(3, _LINEAR, "the data set has interactions without ratings")
    events = read_parquet(subject.work.split.path / "features" / "events.parquet")
    fold = events["fold"].to_numpy(str)
    if not subject.tests or not (fold == "train").any():
        return absent(3, _LINEAR, "the split has no test rows")
    ratings = events.merge(subject.rows, on=["user", "item", "seq"], how="left")["rating"]
    if ratings[fold == "test"].nunique() < 2:
        return absent(3, _LINEAR, "the ratings of all test events are equal: no R²")
    numbers = events[_numbers(events)].to_numpy(np.float32)
    fit = joint_fit(numbers, ratings.to_numpy(np.float64), fold)
    if not np.isfinite(fit):
        return absent(3, _LINEAR, f"R² {fit}: the features cannot be fitted")
    text = (
        f"R² {fit:.3f} on {int((fold == 'test').sum()):,} test events, {numbers.shape[1]} numbers"
    )
    if fit > WARNING_R2:
        text += f": above {WARNING_R2} a leak is likely; check 2 decides"
    return Row(3, _LINEAR, "warning" if fit > WARNING_R2 else "pass", text)


def _features(subject: Subject) -> Row:
    done = recompute_check(subject.builder(), load_rows(subject.work.split), EVENTS)
    text = f"{done.events:,} events computed again from the rows before them"
    if done.passed:
        return row(2, _PAST, True, f"{text}: no bit differs")
    told = f"{some(done.features)} not from the past alone, in {len(done.differences):,} values"
    return feature_row(subject, 2, _PAST, False, f"{text}: {told}; {_label(subject)}")


def _stored(subject: Subject) -> Row:
    """The stored table is what the builder makes: nothing was added or changed."""
    rows = load_rows(subject.work.split)
    made = subject.builder().transform(rows).frame()
    made = pd.concat([rows[["user", "item", "seq"]], made], axis=1)
    stored = read_parquet(subject.work.split.path / "features" / "events.parquet")
    keys = ["user", "item", "seq"]
    both = stored.merge(made, on=keys, how="outer", suffixes=("", "_"), indicator=True)
    names = [name for name in stored.columns if name not in (*keys, "fold", "label")]
    added = [name for name in names if name not in made]
    other = [
        name
        for name in names
        if name in made and not np.array_equal(both[name].to_numpy(), both[f"{name}_"].to_numpy())
    ]
    problems = []
    if added:
        problems.append(f"{some(added)} cannot be computed again from the past")
    if other or not (both["_merge"] == "both").all():
        problems.append(f"{some(other) or 'rows'} not as the builder makes them")
    text = f"{len(stored):,} events, {len(names)} columns, made again by the fitted builder"
    told = "; ".join(problems) or "no bit differs"
    return feature_row(subject, 2, _STORED, not problems, f"{text}: {told}")


def _evidence(subject: Subject) -> Row:
    """What predictions point to is what the user had in train and valid."""
    run = subject.work.run
    named = []
    predictions = read_parquet(run.predictions)
    if "evidenceIds" in predictions:
        evidence = predictions[["user", "evidenceIds"]].explode("evidenceIds").dropna()
        named.append(evidence.rename(columns={"evidenceIds": "item"}))
    if run.attention.is_file():
        named.append(read_parquet(run.attention)[["user", "item"]])
    if not named:
        return absent(2, _EVIDENCE, "the model gives no evidence")
    pairs = pd.concat(named).drop_duplicates()
    rows = subject.rows[["user", "item", "fold"]]
    known = rows[rows["fold"].isin(["train", "valid"])].drop_duplicates(["user", "item"])
    kind = known["item"].dtype
    found = pairs.astype({"item": kind}).merge(known, on=["user", "item"], how="left")
    outside = found[found["fold"].isna()]
    text = f"{len(pairs):,} pairs of user and evidence item, history train + valid (frozen)"
    if outside.empty:
        return row(2, _EVIDENCE, True, f"{text}: all lie in it")
    first = outside.iloc[0]
    return row(
        2,
        _EVIDENCE,
        False,
        f"{text}: {len(outside):,} do not, such as item {first['item']} of user {first['user']}",
    )


def _numbers(events: pd.DataFrame) -> list[str]:
    left_out = ("label", "user", "item", "seq", "fold")
    return [name for name in events.columns if name not in left_out and not name.endswith("_code")]


def _label(subject: Subject) -> str:
    label = subject.manifest.label
    return f"expected on {subject.protocol.name}: {label}" if label else "these features leak"
