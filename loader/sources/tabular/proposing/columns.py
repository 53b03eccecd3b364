"""What a column of a file seems to hold, by its name and first values."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from ....reading.ids import without_points
from ....reading.times import DIGITS, Times
from ..lists import fields_of, read_list, records
from ..scales import Scale
from ..values import typed
from .vocabulary import KNOWLEDGE, PERSONS, TIMES, meaning

_FORMATS = (
    *("%d %B %Y", "%d %b %Y", "%B %d, %Y", "%b %d, %Y", "%m %d, %Y", "%Y/%m/%d", "%d-%b-%Y"),
    *("%d-%m-%Y", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d %H:%M:%S", "%d/%m/%Y %H:%M"),
    *("%m/%d/%Y %H:%M", "%d.%m.%Y %H:%M", "%a %b %d %H:%M:%S %z %Y"),
)
_RECENT = (6e8, 2.2e9)  # seconds from 1989 to 2039: numbers that are times whatever their name
_UNITS = (1, 10**3, 10**6, 10**9)  # seconds to nanoseconds
_CODE = r"[0-9a-fA-F-]{16,}|https?://.*|[^\s]*\d[^\s]*"
_SEPARATORS = ("|", ";", ",", " / ", "/")


@dataclass(frozen=True, eq=False)
class Column:
    """A column's name and first values (texts, NA where missing)."""

    name: str
    values: pd.Series[Any]

    @cached_property
    def words(self) -> frozenset[str]:
        return meaning(self.name)

    @cached_property
    def is_list(self) -> bool:
        """A column of lists or records in a Parquet file."""
        return not is_text_column(self.values)

    @cached_property
    def present(self) -> pd.Series[Any]:
        return self.values.dropna()

    @cached_property
    def ids(self) -> frozenset[str]:
        """The values as ids: several in a field apart, ``7.0`` is 7 where all are numbers."""
        if self.is_list:
            return frozenset(one for value in self.present for one in value if isinstance(one, str))
        texts = self.present
        if self.is_text and self.separator is not None:
            texts = texts.str.split(self.separator[0], regex=False).explode().str.strip()
        return frozenset(without_points(texts))

    @cached_property
    def numbers(self) -> pd.Series[Any] | None:
        """The values as numbers, where all of them are."""
        if self.is_list or self.present.empty:
            return None
        found = typed(self.values)
        return found if pd.api.types.is_numeric_dtype(found) and not self.is_boolean else None

    @cached_property
    def is_boolean(self) -> bool:
        return not self.is_list and pd.api.types.is_bool_dtype(typed(self.values))

    @cached_property
    def is_text(self) -> bool:
        kinds = self.is_list or self.is_boolean or self.numbers is not None
        return not kinds and not self.present.empty

    @cached_property
    def length(self) -> float:
        """How long the texts are, in the middle."""
        return float(self.present.str.len().mean()) if self.is_text else 0.0

    @cached_property
    def scale(self) -> Scale | None:
        return None if self.numbers is None else Scale.of(self.numbers)

    @cached_property
    def unique(self) -> bool:
        return not self.is_list and len(self.present) == len(self.values) and self.share == 1.0

    @cached_property
    def share(self) -> float:
        """Distinct values per value: 1 where none occurs twice."""
        if self.is_list or self.present.empty:
            return 0.0
        return float(self.present.nunique() / len(self.present))

    @cached_property
    def repeats(self) -> bool:
        """Whether few values cover many rows."""
        if self.is_list:
            return False
        values = self.present
        return len(values) > 1 and 1 < values.nunique() <= max(2, len(values) // 2)

    @cached_property
    def time(self) -> Times | None:
        """How it says when, or None for a column that does not."""
        if self.is_list or self.present.empty:
            return None
        named = bool(self.words & TIMES)
        if self.numbers is not None:
            return self._time_by_number(named)
        for format in (None, *_FORMATS):
            if self._fits(Times(None, format)):
                return Times(None, format)
        return None

    def _time_by_number(self, named: bool) -> Times | None:
        assert self.numbers is not None
        first, last = float(self.numbers.min()), float(self.numbers.max())
        lengths = set(self.present.str.len())
        if len(lengths) == 1 and (format := DIGITS.get(lengths.pop())) and (named or first > 1e11):
            days = self.present.str.fullmatch(r"(19|20)\d+").all()
            if days and self._fits(Times(None, format)):
                return Times(None, format)
        likely = any(_RECENT[0] < first / unit <= last / unit < _RECENT[1] for unit in _UNITS)
        return Times.guess(self.values) if likely or (named and first >= 1e8) else None

    def _fits(self, style: Times) -> bool:
        found = style.seconds(self.values)
        return bool(found.notna().sum() == self.values.notna().sum())

    def mostly(self, kind: str) -> Column | None:
        """With the values alone that are numbers, or times, where half of them are, at least."""
        if not self.is_text:
            return None
        found = pd.to_numeric(self.values, errors="coerce").notna()
        tried = [] if kind == "numbers" or found.mean() >= 0.5 else [None, *_FORMATS]
        for format in tried:
            fits = Times(None, format).seconds(self.values).notna()
            found = fits if fits.sum() > found.sum() else found
        good = Column(self.name, self.values.where(found))
        fine = good.scale is not None if kind == "numbers" else good.time is not None
        return good if fine and found.sum() * 2 >= len(self.present) else None

    def odd(self, good: Column) -> str:
        """The first value that is here and not among the good ones."""
        return str(self.values[self.values.notna() & good.values.isna()].iloc[0])

    @cached_property
    def is_bracketed(self) -> bool:
        """Whether its texts are lists in brackets."""
        if not self.is_text:
            return False
        marked = self.present[self.present.str.match(r"\s*[\[{(].*[\]})]\s*$")]
        listed = [read_list(text, self.list_field) is not None for text in marked[:200]]
        begins = (
            marked.str.match(r"\s*(\[|\(\s*['\"]|\{[^:]*\}\s*$)").mean() if len(marked) else 0.0
        )
        return (
            sum(listed) > 0.9 * len(listed)
            and begins >= 0.5
            and len(marked) * 2 >= len(self.present)
        )

    @cached_property
    def list_field(self) -> str | None:
        """Of lists of records, the field that names them; empty where none seems to."""
        names = next((found for one in self.present[:200] if (found := fields_of(one))), None)
        known = ("name", "title", "label", "value", "id")
        return next((name for name in known if name in names), "") if names else None

    @cached_property
    def list_values(self) -> list[str]:
        """The values in the first lists."""
        first = self.present[:200]
        if self.is_list:
            lists = [records(value, self.list_field) for value in first]
        else:
            lists = [read_list(text, self.list_field) for text in first]
        return [value for one in lists for value in one or ()]

    @cached_property
    def is_code(self) -> bool:
        """Whether its texts are codes or addresses, which people do not read."""
        return self.is_text and bool(self.present.str.fullmatch(_CODE).mean() > 0.5)

    @cached_property
    def separator(self) -> tuple[str, bool] | None:
        """What separates several values in a field, and whether that is certain."""
        if not self.is_text or self.time is not None or self.is_bracketed:
            return None
        for separator in _SEPARATORS:
            if (sure := self._separated(separator)) is not None:
                return (", " if self._spaced(separator) else separator), sure
        return None

    def _separated(self, separator: str) -> bool | None:
        """Whether it certainly separates values; None where it does not seem to."""
        texts = self.present
        several = texts.str.contains(separator, regex=False)
        parts = texts.str.split(separator, regex=False).explode().str.strip()
        if not several.any() or parts.str.len().mean() > 40 or (parts == "").mean() > 0.5:
            return None
        known = bool(self.words & KNOWLEDGE)
        often = several.sum() >= max(2, 0.1 * len(texts))
        again = parts.nunique() <= 0.7 * len(parts)
        if separator == "|":
            return (known and again) or (often and again)
        names = parts.str.contains(" ") | parts.str.fullmatch(_CODE)
        if self.words & PERSONS and names.mean() < 0.5:
            return None  # 'Moreau, Ada' is one person
        if separator == "/":
            return True if known and again and often else None
        if often and again:
            return True
        return (again and several.sum() > 0) if known else None

    def _spaced(self, separator: str) -> bool:
        """Whether a comma counts only before a blank, as in 'Drama, War'."""
        commas = self.present.str.count(",").sum()
        return separator == "," and bool(self.present.str.count(", ").sum() == commas)

    def ambiguous_days(self) -> bool:
        """Whether day and month could as well be the other way round."""
        format = self.time.format if self.time else None
        if format is None or "%d/%m" not in format:
            return False
        return self._fits(Times(None, format.replace("%d/%m", "%m/%d")))


def is_text_column(column: pd.Series[Any]) -> bool:
    return not column.map(lambda value: isinstance(value, list | dict)).any()
