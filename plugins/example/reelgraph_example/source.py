"""The source ``csv``: one file with a line per rating."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from reelgraph.errors import InputError
from reelgraph.loader.source import CanonicalTables, GraphSchema, InteractionTable, Reading, Source

T = TypeVar("T", int, float)

COLUMNS = ("user", "item", "title", "rating", "timestamp")


class CsvSource(Source):
    """A comma-separated file with the columns user, item, title, rating, timestamp.

    Users and items become integers where all of them are, else they stay strings.
    ``timestamp`` is in epoch seconds.
    """

    name = "csv"
    description = "one CSV file: user, item, title, rating, timestamp"

    def read(self, path: Path | None, reading: Reading[Any]) -> CanonicalTables:
        """Read and check the whole file.

        :raises InputError: names the line and the column.
        """
        if path is None or not path.is_file():
            raise InputError(f"{path or 'no file'}: not a CSV file", "reelgraph load csv FILE")
        rows = pd.DataFrame(_rows(path), columns=list(COLUMNS))
        rows["user"], rows["item"] = _ids(rows["user"]), _ids(rows["item"])
        items = rows.drop_duplicates("item").rename(columns={"item": "itemId"})
        ratings = rows.rename(columns={"user": "userId", "item": "itemId"}).drop(columns="title")
        return CanonicalTables(
            source=self.name,
            id_space=f"csv:{path.stem}",
            schema=GraphSchema(item_label="Product"),
            users=None,
            items=items[["itemId", "title"]],
            entities=pd.DataFrame(columns=["entityId", "name", "labels"]),
            edges={},
            interactions=InteractionTable.of(str(path), ratings),
        )


def _rows(path: Path) -> Iterator[tuple[str, str, str, float, int]]:
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        missing = set(COLUMNS) - set(reader.fieldnames or ())
        if missing:
            raise InputError(
                f"{path}, line 1: no column {', '.join(sorted(missing))}",
                f"The first line is: {','.join(COLUMNS)}",
            )
        for row in reader:
            where = f"{path}, line {reader.line_num}"
            rating = _number(row["rating"], float, f"{where}, column rating")
            timestamp = _number(row["timestamp"], int, f"{where}, column timestamp")
            yield row["user"], row["item"], row["title"], rating, timestamp


def _number(text: str | None, kind: Callable[[str], T], where: str) -> T:
    try:
        return kind(text or "")
    except ValueError:
        raise InputError(f"{where}: '{text or ''}' is not a number") from None


def _ids(column: pd.Series) -> pd.Series:
    """Integers where all are; a leading zero or sign makes an id a string."""
    texts = column.astype(str)
    return texts.astype("int64") if texts.str.fullmatch(r"0|[1-9]\d*").all() else texts
