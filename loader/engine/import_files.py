"""Files for ``neo4j-admin database import``: nodes, relationships and the ledgers of a load.

Nodes have the numbers 0, 1, … in the order in which the driver would make them: users,
items and entities by id. Text is quoted and an empty cell is a missing value, so no content
can be taken for anything else; what a file cannot hold exactly is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute
import pyarrow.csv

from ...errors import InputError

ARRAY_DELIMITER = "\x1f"  # 'unit separator'
_NAME = re.compile(r"\w[\w .-]*")
_OPTIONS = pyarrow.csv.WriteOptions(include_header=False)
_TYPES: tuple[tuple[Callable[[Any], bool], str, pa.DataType], ...] = (
    (pd.api.types.is_bool_dtype, "boolean", pa.bool_()),
    (pd.api.types.is_integer_dtype, "long", pa.int64()),
    (pd.api.types.is_float_dtype, "double", pa.float64()),
)
_TEXT = ("string", pa.string())
_HINT = "Load it without --bulk, by the driver."


@dataclass
class ImportFiles:
    """The files in ``folder`` and the options of the admin tool that name them."""

    folder: Path
    options: list[str] = field(default_factory=list)
    nodes: int = 0
    relationships: int = 0
    _multiline: bool = False

    def add_nodes(self, name: str, labels: Iterable[str], frame: pd.DataFrame) -> None:
        """Write nodes with the next numbers; a column ``labels`` has further labels of each."""
        fixed = sorted(set(labels))
        if "labels" in frame:
            own = [sorted({*fixed, *row}) for row in frame["labels"]]
        else:
            own = [fixed] * len(frame)
        columns = [(":ID", pa.array(np.arange(self.nodes, self.nodes + len(frame))))]
        columns.append((":LABEL", _joined("labels", own)))
        columns += _properties(frame.drop(columns="labels", errors="ignore"))
        self._write("--nodes=", name, columns[0][0], columns, iter(()))
        self.nodes += len(frame)

    def add_relationships(self, name: str, relationship_type: str, frame: pd.DataFrame) -> None:
        """Write relationships of one type; ``start`` and ``end`` are numbers of nodes."""
        self.add_relationship_chunks(name, relationship_type, iter((frame,)))

    def add_relationship_chunks(
        self, name: str, relationship_type: str, frames: Iterator[pd.DataFrame]
    ) -> None:
        """The same for rows that come in chunks with the same columns."""
        if not re.fullmatch(r"[A-Za-z_]\w*", relationship_type, re.ASCII):
            raise _refused(f"the relationship type '{relationship_type}'")
        tables = (self._relationship_columns(frame) for frame in frames)
        first = next(tables)
        self._write(f"--relationships={relationship_type}=", name, ":START_ID", first, tables)

    def arguments(self, database: str, overwrite: bool = False) -> list[str]:
        """The arguments of ``neo4j-admin`` that import the files; bad rows are not tolerated.

        They name the files without the folder, from which the tool has to be started: it
        splits such an option at each comma and reads what stands before a ``=`` as labels.

        :param overwrite: replace the database; without it the tool refuses one that exists.
        """
        return [
            "database",
            "import",
            "full",
            database,
            *self.options,
            "--id-type=actual",
            f"--array-delimiter=U+{ord(ARRAY_DELIMITER):04X}",
            "--bad-tolerance=0",
            "--skip-bad-relationships=false",
            *(["--overwrite-destination=true"] if overwrite else []),
            "--report-file=import.report",
            *(["--multiline-fields=true"] if self._multiline else []),
        ]

    def _relationship_columns(self, frame: pd.DataFrame) -> list[tuple[str, pa.Array]]:
        self.relationships += len(frame)
        ends = [(":START_ID", pa.array(frame["start"])), (":END_ID", pa.array(frame["end"]))]
        return [*ends, *_properties(frame.drop(columns=["start", "end"]))]

    def _write(
        self,
        option: str,
        name: str,
        first_column: str,
        columns: list[tuple[str, pa.Array]],
        more: Iterator[list[tuple[str, pa.Array]]],
    ) -> None:
        header, data = self.folder / f"{name}-header.csv", self.folder / f"{name}.csv"
        names = [column for column, _ in columns]
        assert names[0] == first_column
        header.write_text(",".join(names) + "\n", encoding="utf-8")
        table = self._table(columns)
        with pyarrow.csv.CSVWriter(str(data), table.schema, write_options=_OPTIONS) as writer:
            writer.write_table(table)
            for one in more:
                writer.write_table(self._table(one).cast(table.schema))
        # Neo4j 2026 looks for the folder of each, which a bare name has not
        self.options.append(f"{option}./{header.name},./{data.name}")

    def _table(self, columns: list[tuple[str, pa.Array]]) -> pa.Table:
        for _, values in columns:
            if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
                lines = pa.compute.match_substring_regex(values, "[\n\r]")
                self._multiline |= bool(pa.compute.any(lines).as_py())
        return pa.table([values for _, values in columns], names=[name for name, _ in columns])


def _properties(frame: pd.DataFrame) -> list[tuple[str, pa.Array]]:
    columns = []
    for name in frame.columns:
        if not _NAME.fullmatch(name) or name != name.strip():
            raise _refused(f"the property name '{name}'")
        kind, values = _column(name, frame[name])
        columns.append((f"{name}:{kind}", values))
    return columns


def _column(name: str, column: pd.Series[Any]) -> tuple[str, pa.Array]:
    """Neo4j's name of the type, and the values with nulls for missing ones."""
    if column.dtype == object:
        kinds = {type(value) for value in column[column.notna()]}
        if kinds and kinds <= {list, tuple, np.ndarray}:
            return _lists(name, column)
        if len(kinds) > 1 or not kinds <= {str, bool, int, float}:
            raise _refused(f"{name} with values of several types")
        column = column.convert_dtypes(convert_integer=kinds == {int}) if kinds else column
    kind, arrow = _TEXT
    for fits, its_kind, its_arrow in _TYPES:
        if fits(column):
            kind, arrow = its_kind, its_arrow
    values = pa.array(column, type=arrow, from_pandas=True)
    if kind == "double" and pa.compute.any(pa.compute.is_inf(values)).as_py():
        raise _refused(f"an infinite value of {name}")
    return kind, values


def _lists(name: str, column: pd.Series[Any]) -> tuple[str, pa.Array]:
    missing = column.isna().to_numpy()
    rows = [
        None if gone else np.asarray(row, dtype=object).tolist()
        for row, gone in zip(column, missing, strict=True)
    ]
    kinds = {type(value) for row in rows for value in row or ()}
    names: dict[type, str] = {str: "string", int: "long", float: "double"}
    kind = kinds.pop() if len(kinds) == 1 else None
    if any(row == [] or (row and "" in row) for row in rows):
        raise _refused(f"{name} with empty lists or empty texts in lists")
    if kind not in names:
        raise _refused(f"{name} with lists of values of several types")
    return f"{names[kind]}[]", _joined(name, rows)


def _joined(name: str, rows: Iterable[Iterable[Any] | None]) -> pa.Array:
    texts = [None if row is None else [str(value) for value in row] for row in rows]
    if any(ARRAY_DELIMITER in text for row in texts for text in row or ()):
        raise _refused(f"{name} with the control character U+{ord(ARRAY_DELIMITER):04X}")
    return pa.array(
        [None if row is None else ARRAY_DELIMITER.join(row) for row in texts], type=pa.string()
    )


def _refused(what: str) -> InputError:
    return InputError(f"files for neo4j-admin cannot hold {what}", _HINT)
