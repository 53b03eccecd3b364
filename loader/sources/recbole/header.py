"""The typed header of an atomic file: ``user_id:token<TAB>rating:float``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ....errors import InputError
from ...reading.files import SourceFile, SourceFiles, find_files
from ...reading.ids import trimmed
from ...reading.rejects import Rejects
from ...reading.textfile import Kind, Layout, stream_table

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_. -]{0,79}")
_KINDS = ("token", "token_seq", "float", "float_seq")
SUFFIXES = ("inter", "item", "user", "kg", "link")


@dataclass(frozen=True)
class TypedColumn:
    """``text`` is the field of the header, ``name:kind``."""

    name: str
    kind: str

    @property
    def text(self) -> str:
        return f"{self.name}:{self.kind}"


@dataclass(frozen=True)
class Atomic:
    """One file with the columns that its header declares."""

    file: SourceFile
    columns: tuple[TypedColumn, ...]
    separator: str

    def column(self, name: str) -> TypedColumn | None:
        return next((one for one in self.columns if one.name == name), None)

    def need(self, *names: str) -> list[TypedColumn]:
        """These columns. :raises InputError: when one is not there."""
        for name in names:
            if self.column(name) is None:
                raise InputError(
                    f"{self.file.where}, line 1: no column '{name}'",
                    f"Found: {', '.join(one.text for one in self.columns)}",
                )
        return [one for name in names if (one := self.column(name))]

    def by_name_or_place(self, *names: str) -> list[TypedColumn]:
        """These columns; where one is not there, the first ones of the file in their stead.

        :raises InputError: when the file has too few columns.
        """
        if all(self.column(name) for name in names) or len(self.columns) < len(names):
            return self.need(*names)
        return list(self.columns[: len(names)])

    def layout(self, columns: Iterable[TypedColumn]) -> Layout:
        """Floats are numbers, all others texts; an empty field is missing."""
        kinds: dict[str, Kind] = {
            one.text: "number" if one.kind == "float" else "text" for one in columns
        }
        return Layout(kinds, self.separator, quoted=False, missing=("",))

    def read(self, columns: list[TypedColumn], rejects: Rejects) -> pd.DataFrame:
        """All rows, the columns by name, and ``line``."""
        frames = list(stream_table(self.file, self.layout(columns), rejects))
        return pd.concat(frames, ignore_index=True).rename(columns=names(columns))

    def distinct(self, columns: list[TypedColumn], key: str, rejects: Rejects) -> pd.DataFrame:
        """The rows whose key is there and occurs for the first time; others are rejected."""
        rows = self.read(columns, rejects)
        rows = rows.assign(**{key: trimmed(rows[key])})
        bad = (rows[key].isna() | rows[key].duplicated()).to_numpy()
        for line, value in zip(rows.loc[bad, "line"], rows.loc[bad, key], strict=True):
            missing = pd.isna(value)
            reason = f"no {key}" if missing else f"{key} '{value}' occurs a second time"
            rejects.add(self.file.where, int(line), reason, kind=f"{key} missing or twice")
        return rows[~bad].reset_index(drop=True)


def names(columns: Iterable[TypedColumn]) -> dict[str, str]:
    """From the header's fields to the names alone."""
    return {one.text: one.name for one in columns}


def find_atomic(path: Any, name: str | None, separator: str) -> tuple[str, dict[str, Atomic]]:
    """The data set's name and its files by suffix; ``.inter`` is among them.

    :param path: a folder, an archive, or one of the files.
    :raises InputError: when there is no ``.inter`` file or several, or a header is none.
    """
    is_file = path.is_file() and path.suffix.removeprefix(".") in SUFFIXES
    held = find_files(path.parent if is_file else path)
    name = name or (path.stem if is_file else _only_name(held))
    found = {suffix: held.find(f"{name}.{suffix}") for suffix in SUFFIXES}
    found["inter"] = held.need(f"{name}.inter")
    return name, {
        suffix: _atomic(file, separator) for suffix, file in found.items() if file is not None
    }


def _only_name(held: SourceFiles) -> str:
    names = sorted({one.name.removesuffix(".inter") for one in held.files if _is_inter(one)})
    if len(names) == 1:
        return names[0]
    if not names:
        raise InputError(
            f"{held.place}: there is no .inter file",
            "RecBole's atomic files are NAME.inter and, if there are any, NAME.item, NAME.user, "
            "NAME.kg and NAME.link.",
        )
    raise InputError(
        f"{held.place}: there are several data sets: {', '.join(names[:10])}",
        f"Say which: --name {names[0]}",
    )


def _is_inter(file: SourceFile) -> bool:
    return file.name.endswith(".inter")


def _atomic(file: SourceFile, separator: str) -> Atomic:
    with file.open() as raw:
        line = raw.readline().decode("utf-8-sig", errors="replace").rstrip("\r\n")
    columns = tuple(_column(file.where, field) for field in line.split(separator))
    known = [one.name for one in columns]
    for one in known:
        if known.count(one) > 1:
            raise InputError(
                f"{file.where}, line 1: the column '{one}' occurs twice",
                "Rename one of them.",
            )
    return Atomic(file, columns, separator)


def _column(where: str, field: str) -> TypedColumn:
    name, _, kind = field.rpartition(":")
    if not _NAME.fullmatch(name) or kind not in _KINDS:
        raise InputError(
            f"{where}, line 1: '{field[:80]}' is not a column of an atomic file",
            f"Its fields are name:kind, the name of letters, digits, _ . and -, the kind one of "
            f"{', '.join(_KINDS)}, as in user_id:token; separated by tabs, or what "
            "--field-separator says.",
        )
    return TypedColumn(name, kind)
