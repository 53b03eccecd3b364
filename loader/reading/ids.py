"""What an id is: a whole number of up to 18 digits where such are the rule, else a text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd
import pyarrow as pa

from .rejects import Rejects

NOT_WHOLE = "is not a whole number of up to 18 digits, as the other ids are"
_TEXT_IDS = "Where ids are texts that only happen to be numbers: --text-ids."
BLANKS = " \t\r\n\xa0\u3000"  # also those of web pages and of wide type
_INTEGER = r"0|[1-9][0-9]{0,17}"
_WITH_POINT = r"(?:0|[1-9][0-9]{0,14})\.0"  # whole numbers as pandas writes them beside gaps
_ODD_AT_MOST = 0.1  # of the distinct ids; with more exceptions there is no rule


def trimmed(ids: pd.Series[Any], missing: Sequence[str] = ()) -> pd.Series[Any]:
    """Without blanks around them, as numbers are read; NA where no id is left.

    :param ids: texts, or numbers, which have no blanks.
    """
    if not pd.api.types.is_string_dtype(ids):
        return ids
    bare = ids.str.strip(BLANKS)
    return bare.where(~bare.isin(["", *missing]))


def as_ids(*columns: pd.Series[Any]) -> list[pd.Series[Any]]:
    """Ids as int64 where all of them, in all columns, are whole numbers; else as text.

    A number with leading zeros or more than 18 digits counts as text, because as a number
    it would be another id.
    """
    if all(_are_integers(column) for column in columns):
        return [column.astype("int64") for column in columns]
    return [column.astype("str") for column in columns]


def are_whole(ids: pd.Series[Any]) -> pd.Series[bool]:
    """Which ids are whole numbers."""
    if pd.api.types.is_integer_dtype(ids):
        return pd.Series(True, ids.index)
    return ids.str.fullmatch(_INTEGER)


def is_whole(id: Any) -> bool:
    return re.fullmatch(_INTEGER, str(id)) is not None


def without_points(ids: pd.Series[Any], whole: bool = False) -> pd.Series[Any]:
    """Ids as texts; ``7.0`` is 7 where numbers are the rule, or ``whole`` says so."""
    with_point = ids.str.fullmatch(_WITH_POINT)
    if not with_point.any():
        return ids
    plain = ids.str.removesuffix(".0").where(with_point, ids)
    if whole:
        return plain
    odd = ids[~are_whole(plain)]
    return plain if odd.nunique() <= _ODD_AT_MOST * ids.nunique() else ids


def odd_ones(ids: pd.Series[Any]) -> pd.Series[bool]:
    """Where whole numbers are the rule, the ids that are none; else no id is odd.

    One id such as ``bob`` must not turn all others into texts.
    """
    odd = ~are_whole(ids)
    few = ids[odd].nunique() <= _ODD_AT_MOST * ids.nunique()
    return odd if few else pd.Series(False, ids.index)


def as_integers(ids: pd.Series[Any]) -> pd.Series[Any]:
    """Texts that are whole numbers, as int64; much faster than by ``astype``."""
    return pd.Series(pa.array(ids, pa.string()).cast(pa.int64()).to_numpy(), ids.index)


def reject_odd(
    rejects: Rejects, where: str, column: str, lines: Iterable[int], ids: Iterable[Any]
) -> None:
    """Reject the rows at these lines for their ids.

    :raises InputError: when there are more bad rows than ``rejects`` allows.
    """
    for line, one in zip(lines, ids, strict=True):
        reason, kind = f"column {column}: '{one}' {NOT_WHOLE}", f"column {column} {NOT_WHOLE}"
        rejects.add(where, int(line), reason, str(one), kind, _TEXT_IDS)


def _are_integers(column: pd.Series[Any]) -> bool:
    return bool(are_whole(column).all())
