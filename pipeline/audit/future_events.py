"""Check 5: predictions do not change when what is later is deleted."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ...model.dataset import make_folds
from ...model.evaluation.questions import Questions, ask
from .predictions import Difference, compare, predict_again
from .report import Row, absent, row
from .subject import Subject

_LATER = "predictions without what is later"
_MOVING = "moving targets without what is later"
_QUESTIONS = 24  # moving targets that are asked again


def check_later(subject: Subject) -> list[Row]:
    """Delete what is later, by the protocol's kind of cut, and score again."""
    protocol = subject.protocol
    if protocol.cut_scope is None:
        return [absent(5, _LATER, protocol.why_no_cut)]
    if not subject.tests:
        return [absent(5, _LATER, "the split has no test rows")]
    if protocol.cut_scope == "user":
        return [_own_later(subject)]
    moving = [_moving(subject)] if protocol.target_rows != "all" else []
    return [_after_cut(subject), *moving]


def later_share(rows: pd.DataFrame) -> float | None:
    """Mean over users of the share of train rows that are later than the user's first test row.

    None without timestamps. Per-user splits rightly train on other users' later events.
    """
    if "timestamp" not in rows or rows["timestamp"].isna().any():
        return None
    train = np.sort(rows.loc[rows["fold"] == "train", "timestamp"].to_numpy(np.int64))
    test = rows[rows["fold"] == "test"]
    cuts = test.groupby("user")["timestamp"].min().to_numpy(np.int64)
    if not len(train) or not len(cuts):
        return None
    return float((1 - np.searchsorted(train, cuts, side="right") / len(train)).mean())


def _own_later(subject: Subject) -> Row:
    """Delete the test rows of one half of the users, then those of the other."""
    rows, folds = subject.rows, subject.folds
    half = pd.factorize(rows["user"])[0] % 2
    found = []
    for which in (0, 1):
        kept = rows[~((rows["fold"] == "test") & (half == which))]
        cut = make_folds(kept, folds.train.catalogue, folds.rules, folds.history.known)
        again = predict_again(subject.work, subject.model, cut, subject.pairs)
        found.append(compare(subject.predicted, again))
    share = later_share(rows)
    told = (
        "; without timestamps, it is not known which train rows are later"
        if share is None
        else f"; {share:.0%} of train rows are later than a user's test cut (mean over users)"
    )
    asked = f"fixed weights, {subject.predicted.users:,} users, their own later rows deleted"
    return _judged(_LATER, f"{asked}, in half of them at a time (check 1: in all)", found, told)


def _after_cut(subject: Subject) -> Row:
    """Everything at or after the cut is deleted: what is left is train and valid."""
    rows = subject.rows
    cut = int(rows.loc[rows["fold"] == "test", "timestamp"].min())
    after = subject.protocol.at_or_after_cut(rows)
    assert after is not None  # it has a cut, which is why this is asked
    late = int((after & (rows["fold"] != "test").to_numpy()).sum())
    asked = (
        f"as in check 1, {subject.tests:,} rows at or after the cut ({cut}) deleted, fixed weights"
    )
    if late:
        return row(5, _LATER, False, f"{late:,} rows of train or valid are at or after {cut}")
    return _judged(_LATER, asked, [subject.of_removed], "; training again (--full) decides")


def _moving(subject: Subject) -> Row:
    """The question before a target is asked again from rows that are not later than it."""
    asked, rows, folds = ask(subject.folds, "test"), subject.rows, subject.folds
    chosen = np.unique(np.linspace(0, len(asked.queries) - 1, _QUESTIONS).astype(int)).tolist()
    by_user = rows.groupby("user")
    differ, largest = 0, 0.0
    for number in chosen:
        query = asked.queries[number]
        own = by_user.get_group(query.user)
        target = own.iloc[len(query.items)]  # the history is all rows before the target
        mine = (rows["user"] == query.user) & (rows["seq"] > target["seq"])
        kept = rows[(rows["timestamp"] <= target["timestamp"]) & ~mine]
        again = ask(
            make_folds(kept, folds.train.catalogue, folds.rules, folds.history.known), "test"
        )
        second = subject.model.score([again.queries[_last_of(again, query.user)]])
        first = subject.model.score([query])
        if not np.array_equal(first, second):
            differ += 1
            largest = max(largest, float(np.abs(first - second).max()))
    text = f"{len(chosen)} of {len(asked.queries):,} targets, each without all later rows"
    told = f"{differ} have other scores, by {largest:.2g}" if differ else "no bit differs"
    return row(5, _MOVING, not differ, f"{text}: {told}")


def _last_of(asked: Questions, user: object) -> int:
    """The user's last question."""
    return max(n for n, query in enumerate(asked.queries) if query.user == user)


def _judged(what: str, asked: str, found: list[Difference], told: str = "") -> Row:
    users = sum(one.users for one in found)
    if users:
        return row(5, what, False, f"{asked}: the predictions of {users:,} users differ{told}")
    return row(5, what, True, f"{asked}: no bit differs{told}")
