"""What a plain file says of the items: the genres of each, as vectors."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from ..errors import InputError
from .data import Catalogue, FloatArray

_ID = {"item", "itemid", "id", "movieid", "movie"}
_GENRES = {"genres", "genre"}
_EMPTY = {"", "(no genres listed)"}


def read_genres(path: Path, catalogue: Catalogue) -> FloatArray:
    """``(items, genres)``: 1 where the item has the genre; zeros for an item of no known genre.

    The file has an id, perhaps a title, and genres with ``|`` between them, by tab, comma or
    ``::``. A header names ``item`` (or ``id``, ``movieId``) and ``genres``; without one the id is
    the first column and the genres are the last.

    :raises InputError: for a file without such columns, or of other items.
    """
    rows = _cells(path)
    header = [cell.strip().lower().replace("_", "") for cell in rows[0]]
    id_at = next((n for n, name in enumerate(header) if name in _ID), None)
    genres_at = next((n for n, name in enumerate(header) if name in _GENRES), None)
    if id_at is not None and genres_at is None:
        raise InputError(f"{path} has no column 'genres'", f"It has: {', '.join(header)}")
    first = 1 if id_at is not None else 0
    id_at, genres_at = id_at or 0, len(header) - 1 if genres_at is None else genres_at
    place = {str(item): n for n, item in enumerate(catalogue.item_ids)}
    found: dict[int, set[str]] = {}
    for line, cells in enumerate(rows[first:], first + 1):
        if len(cells) != len(header):
            raise InputError(
                f"{path}, line {line} has {len(cells)} columns, and the first line {len(header)}",
                "Mend the line; a title with a comma needs quotes.",
            )
        if (item := place.get(cells[id_at].strip())) is not None:
            names = {name.strip() for name in cells[genres_at].split("|")}
            found[item] = found.get(item, set()) | (names - _EMPTY)
    if not found:
        raise InputError(f"{path} names none of the items of the ratings", "Check the ids.")
    genres = sorted(set().union(*found.values()))
    column = {name: n for n, name in enumerate(genres)}
    vectors = np.zeros((len(catalogue), max(len(genres), 1)), np.float32)
    for item, of_item in found.items():
        vectors[item, [column[name] for name in of_item]] = 1
    return vectors


def _cells(path: Path) -> list[list[str]]:
    """Rows of the file; text that is not UTF-8 is Latin-1, as in MovieLens 1M."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error}", "Check the file.") from None
    if b"\0" in data:
        raise InputError(f"{path} is not a text file", "Give id, title, genres as text.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        raise InputError(f"{path} is empty", "Give a row per item: id, title, genres.")
    if "::" in lines[0]:
        return [line.split("::") for line in lines]
    return list(csv.reader(lines, delimiter="\t" if "\t" in lines[0] else ","))
