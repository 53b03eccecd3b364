"""Checks 1, 3 and 4 of what a model gets beside the interactions.

Check 1 supplies each need again where test rows are others. Check 3 asks whether a property
is a figure of all ratings, which no export can tell from a fact. Check 4 compares with what
the run was begun with, and the data set's files with the fingerprint that names them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ...errors import ReelgraphError
from ...export.dataset import content_fingerprint
from ...model.needs import EmbeddingNeed, ItemPropertiesNeed, PathsNeed, UserPropertiesNeed
from ..inputs import supply_again
from ..stages.work import Work
from .report import Row, absent, row, some
from .subject import Subject

_AGAIN = "inputs with other test rows"
_BEGUN = "inputs as the run was begun"
_FILES = "files of the data set"
_FIGURES = "properties beside figures of all ratings"
_ALIKE = 0.99  # rank correlation with a figure from which a property is taken for it
_FEWEST = 5  # users or items whose figure test rows change

Floats = npt.NDArray[np.float64]


def check_inputs(subject: Subject) -> list[Row]:
    """What the model's needs were met with; nothing to check for a model without needs."""
    if not subject.work.inputs:
        return []
    return [_again(subject), _begun(subject), _files(subject), _figures(subject)]


def _again(subject: Subject) -> Row:
    """The same needs from a copy with other test rows give the same values."""
    if not subject.tests:
        return absent(1, _AGAIN, "the split has no test rows")
    names = ", ".join(one.need for one in subject.work.inputs if one.absent is None)
    try:
        now, changed = _fingerprints(subject.work), _fingerprints(subject.changed)
    except ReelgraphError as error:
        return Row(1, _AGAIN, "warning", f"cannot be supplied again: {error.message}")
    wrong = [name for name, value in now.items() if changed[name] != value]
    if wrong:
        return row(1, _AGAIN, False, f"{some(wrong)}: others with other test rows")
    return row(1, _AGAIN, True, f"{names or 'none'}: no bit differs")


def _begun(subject: Subject) -> Row:
    try:
        now = _fingerprints(subject.work)
    except ReelgraphError as error:
        return row(4, _BEGUN, False, error.message)
    begun = {one.need: one.fingerprint for one in subject.work.inputs}
    wrong = [name for name, value in now.items() if begun[name] != value]
    if wrong:
        return row(4, _BEGUN, False, f"{some(wrong)}: changed since the run was begun")
    return row(4, _BEGUN, True, f"{some([*now]) or 'none'}: the recorded fingerprints")


def _files(subject: Subject) -> Row:
    """What comes from the data set's own files rests on their being what was exported."""
    jobs = (EmbeddingNeed, PathsNeed)  # their records are checked by graph jobs
    if all(isinstance(need, jobs) for need in subject.work.config.needs()):
        return absent(4, _FILES, "the model reads outputs of jobs only")
    dataset = subject.work.split.dataset
    found = content_fingerprint(dataset)
    if found == dataset.fingerprint:
        return row(4, _FILES, True, f"their content has the fingerprint {found}")
    told = f"their content has the fingerprint {found}: changed since the export"
    return row(4, _FILES, False, f"{dataset.fingerprint}: {told}")


def _figures(subject: Subject) -> Row:
    """No property ranks items or users as a figure of train and test together does."""
    tables = list(_tables(subject))
    if not tables:
        return absent(3, _FIGURES, "the model reads no properties")
    wrong = [
        f"{name} of {table.what}s is the {figure} of all rows, test rows included"
        for table in tables
        for name, figure in _taken(table, subject.rows)
    ]
    if wrong:
        return row(3, _FIGURES, False, "; ".join(wrong))
    names = [str(name) for table in tables for name in table.frame]
    return row(3, _FIGURES, True, f"{some(names)}: none is a count, mean or sum of all ratings")


@dataclass(frozen=True)
class _Table:
    """Properties of users or items: ``what`` names the column of rows, ``ids`` the frame's rows."""

    what: str
    ids: npt.NDArray[Any]
    frame: pd.DataFrame


def _tables(subject: Subject) -> Iterator[_Table]:
    supplied = subject.work.supplied()
    for need in supplied:
        if isinstance(need, ItemPropertiesNeed):
            ids = subject.folds.history.catalogue.item_ids
            yield _Table("item", ids, supplied[need])
        if isinstance(need, UserPropertiesNeed):
            yield _Table("user", subject.folds.history.users, supplied[need])


def _taken(table: _Table, rows: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """Properties that are figures of all rows, each with the figure's name."""
    whole = _stats(table, rows)
    known = _stats(table, rows[rows["fold"] != "test"])
    for name in table.frame:
        values = np.asarray(pd.to_numeric(table.frame[name], errors="coerce"), np.float64)
        for figure in whole:
            if _is_figure(values, whole[figure], known[figure]):
                yield str(name), figure
                break


def _stats(table: _Table, rows: pd.DataFrame) -> dict[str, Floats]:
    """Figures of each user or item, in the table's order; NaN without rows."""
    groups = rows.groupby(table.what)
    found: dict[str, pd.Series[Any]] = {"count": groups.size()}
    if "rating" in rows:
        found |= {"mean": groups["rating"].mean(), "sum": groups["rating"].sum()}
    return {name: np.asarray(one.reindex(table.ids), np.float64) for name, one in found.items()}


def _is_figure(values: Floats, whole: Floats, known: Floats) -> bool:
    """Whether the values go with the figure of all rows, and less with that of the known ones."""
    moved = np.isfinite(values) & np.isfinite(whole) & (whole != np.nan_to_num(known, nan=-1))
    if moved.sum() < _FEWEST:
        return False
    with_all = _rank_correlation(values[moved], whole[moved])
    return with_all >= _ALIKE and with_all > _rank_correlation(values[moved], known[moved])


def _rank_correlation(one: Floats, other: Floats) -> float:
    """Spearman's without its sign, 0 where one of them is constant."""
    frame = pd.DataFrame({"one": one, "other": other}).dropna()
    if (frame.nunique() < 2).any():
        return 0.0
    return abs(float(frame["one"].corr(frame["other"], method="spearman")))


def _fingerprints(work: Work) -> dict[str, str | None]:
    inputs = supply_again(work.config, work.split, work.inputs)[1]
    return {one.need: one.fingerprint for one in inputs if one.absent is None}
