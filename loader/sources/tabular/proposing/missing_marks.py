"""Texts such as ``?`` and ``N/A`` that mean 'no value'."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

# in lower case; of the doubtful ones it is less certain
_EMPTY = r"\n,na,n/a,#n/a,#na,nan,<na>,null,(null),?,??,-,--,---,undefined,(no genres listed)"
_DOUBTFUL = "none,unknown,(unknown),missing,nil,not available"
_MARKS = frozenset(_EMPTY.split(","))
_DOUBTFUL_MARKS = frozenset(_DOUBTFUL.split(","))


def marks_in(column: pd.Series[Any]) -> Iterator[str]:
    """The texts of a column that seem to mean 'no value', as the file has them."""
    for text in column.dropna().unique():
        if text.strip().lower() in _MARKS | _DOUBTFUL_MARKS:
            yield text


def is_doubtful(mark: str) -> bool:
    """Whether a mark could as well be a value."""
    return mark.strip().lower() in _DOUBTFUL_MARKS
