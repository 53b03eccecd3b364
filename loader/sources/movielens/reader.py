"""How the files of the releases are written, and reading them with one account of bad rows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from ...reading.files import SourceFile
from ...reading.rejects import Rejects
from ...reading.textfile import Kind, Layout, read_table
from .releases import Release

Columns = dict[str, Kind]
Report = dict[str, int]

_SEPARATORS = {"100k": "|", "1m": "::", "10m": "::"}


def layout(
    release: Release,
    columns: Columns,
    names: tuple[str, ...] = (),
    missing: tuple[str, ...] = (),
) -> Layout:
    """The layout of a release's file; ``names`` of all its fields where ``columns`` lacks some."""
    if release.kind == "csv":
        return Layout(columns, missing=missing)
    encoding = "utf-8" if release.kind == "10m" else "latin-1"
    fields = names or tuple(columns)
    return Layout(
        columns, _SEPARATORS[release.kind], fields, quoted=False, encoding=encoding, missing=missing
    )


@dataclass
class Reader:
    """Reads tables; ``damaged`` counts rows with damaged encoding."""

    rejects: Rejects
    damaged: Counter[str] = field(default_factory=Counter)

    def table(self, file: SourceFile, form: Layout, key: str | None = None) -> pd.DataFrame:
        """All rows with ``line``; without ``key``, or with that of another, they are rejected."""
        frame = read_table(file, form, self.rejects, self.damaged)
        if key is None:
            return frame
        empty = frame[key].isna()
        self.reject(file, frame[empty], f"column {key}: it is empty", f"{key} is empty")
        frame = frame[~empty].astype({key: "int64"})
        again = frame[key].duplicated()
        self.reject(
            file,
            frame[again],
            f"column {key}: {{{key}}} occurs a second time",
            f"{key} twice",
        )
        return frame[~again]

    def reject(self, file: SourceFile, rows: pd.DataFrame, reason: str, kind: str) -> None:
        """Reject rows; ``reason`` may name their columns in braces."""
        for row in rows.to_dict("records"):
            values: dict[str, Any] = {str(name): value for name, value in row.items()}
            self.rejects.add(file.where, values["line"], reason.format(**values), kind=kind)
