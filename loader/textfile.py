"""Reading separated text files into columns, with errors that name file, line and column.

The fast way is pandas' C reader with declared types. Only where that fails are the lines
looked at one by one, to say where.
"""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import pandas as pd

from ..errors import InputError

Kind = Literal["text", "number"]

_AGAIN = "Get the file again, or mend this line; nothing was written."


def read_table(
    where: str, data: bytes, columns: Mapping[str, Kind], separator: str = "\t"
) -> pd.DataFrame:
    """The wanted columns of a file with a header line, in the order of its lines.

    Numbers are float64 and finite, texts are strings (an empty field is an empty string).

    :param where: the file's name, for errors.
    :param columns: names as the header spells them, with the kind of value.
    :raises InputError: for an empty or cut-off file, a wrong header, a line with too few or
        too many fields, something that is not a number, or text that is not UTF-8.
    """
    _check_ends(where, data)
    header = data.partition(b"\n")[0].decode(errors="replace").rstrip("\r").split(separator)
    absent = [name for name in columns if name not in header]
    if absent:
        raise InputError(
            f"{where}, line 1: the header has no column '{absent[0]}'",
            f"Expected: {', '.join(columns)}; found: {', '.join(header)}",
        )
    types: dict[str, Any] = dict.fromkeys(header, str)
    types.update({name: np.float64 for name, kind in columns.items() if kind == "number"})
    try:
        frame = pd.read_csv(
            io.BytesIO(data),
            sep=separator,
            dtype=types,
            keep_default_na=False,
            quoting=3,  # csv.QUOTE_NONE: titles hold quotation marks
            skip_blank_lines=False,
            index_col=False,
            encoding="utf-8",
        )
    except ValueError as error:  # ParserError and UnicodeDecodeError are ValueErrors
        raise _located(where, data, header, columns, separator) or InputError(
            f"{where} cannot be read: {error}", _AGAIN
        ) from None
    wanted = frame[list(columns)]
    if frame.isna().any(axis=None) or not _finite(wanted):
        raise _located(where, data, header, columns, separator) or InputError(
            f"{where} holds values that cannot be read", _AGAIN
        )
    if wanted.empty:
        raise InputError(f"{where} has a header but no rows", "Get the file again.")
    return wanted


def _finite(frame: pd.DataFrame) -> bool:
    return bool(np.isfinite(frame.select_dtypes("number").to_numpy()).all())


def _check_ends(where: str, data: bytes) -> None:
    if not data.strip():
        raise InputError(f"{where} is empty", "Get the file again.")
    if not data.endswith(b"\n"):
        last = data.count(b"\n") + 1
        raise InputError(
            f"{where}, line {last}: the last line has no end, the file looks cut off",
            "Get the file again; if it is complete, end its last line with a newline.",
        )


def _located(
    where: str, data: bytes, header: list[str], columns: Mapping[str, Kind], separator: str
) -> InputError | None:
    """The first thing that is wrong, line by line."""
    for number, raw in enumerate(data.splitlines()[1:], start=2):
        at = f"{where}, line {number}"
        try:
            fields = raw.decode().split(separator)
        except UnicodeDecodeError:
            return InputError(f"{at}: this is not UTF-8 text", _AGAIN)
        if len(fields) != len(header):
            return InputError(f"{at}: {len(fields)} fields instead of {len(header)}", _AGAIN)
        for name, field in zip(header, fields, strict=True):
            if columns.get(name) == "number" and not is_number(field):
                return InputError(f"{at}, column {name}: '{field}' is not a number", _AGAIN)
    return None


def is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def as_ids(*columns: pd.Series[Any]) -> list[pd.Series[Any]]:
    """Ids as int64 where all of them, in all columns, are whole numbers; else unchanged.

    A number with leading zeros or more than 18 digits counts as text, because as a number
    it would be another id.
    """
    if all(column.str.fullmatch(r"0|[1-9]\d{0,17}").all() for column in columns):
        return [column.astype("int64") for column in columns]
    return list(columns)
