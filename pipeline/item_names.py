"""Items by title or id and genres by name, in the files of a data set."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from ..artifacts import DatasetFolder, read_parquet
from ..errors import InputError
from ..model.data import IntArray
from ..results.named import described

GENRE = "Genre"
_NEAREST = 5


def read_items(dataset: DatasetFolder) -> pd.DataFrame:
    """``itemId, title, year`` of all items by index; the id where there is no title."""
    items = read_parquet(dataset.items).sort_values("index", ignore_index=True)
    titles = items["title"] if "title" in items else items["itemId"]
    years = items["year"] if "year" in items else pd.Series([None] * len(items), dtype="Int64")
    return pd.DataFrame({"itemId": items["itemId"], "title": titles.astype("str"), "year": years})


def find_items(items: pd.DataFrame, names: Sequence[str]) -> IntArray:
    """Indices of the named items, in the order of the names, each once.

    A name is an id, a title, or a title with its year: ``Toy Story (1995)``. An id goes before
    a title of the same text; capitals do not count.

    :param items: as :func:`read_items` gives them.
    :raises InputError: for a name that fits no item or several; names the nearest ones.
    """
    by_title = items["title"].str.casefold()
    with_year = by_title + " (" + items["year"].astype("str") + ")"
    ids = items["itemId"].astype("str")
    found = []
    for name in names:
        folded = name.strip().casefold()
        places = np.flatnonzero(ids == name.strip())
        if not len(places):
            places = np.flatnonzero((by_title == folded) | (with_year == folded))
        if len(places) != 1:
            raise _not_one(name, items, places, by_title)
        found.append(int(places[0]))
    return np.array(list(dict.fromkeys(found)), np.int64)


def items_of_genres(dataset: DatasetFolder, names: Sequence[str]) -> IntArray:
    """Indices of the items that belong to any of these genres, ascending.

    :raises InputError: for an unknown genre; names the nearest ones.
    """
    entities = read_parquet(dataset.entities)
    genres = entities[[GENRE in labels for labels in entities["labels"]]]
    if genres.empty:
        raise InputError(
            f"data set {dataset.fingerprint} has no genres: no entity has the label {GENRE}",
            "Name items instead: --like TITLE",
        )
    shown = genres["name"] if "name" in genres else genres["entityId"].astype("str")
    folded = shown.str.casefold()
    chosen: list[int] = []
    for name in names:
        same = (folded == name.strip().casefold()).to_numpy()
        if not same.any():
            raise _no_genre(name, sorted(shown.dropna().unique()))
        chosen += genres.loc[same, "index"].tolist()
    triples = read_parquet(dataset.triples)
    ends = [
        triples.loc[triples[there].isin(chosen), here].to_numpy(np.int64)
        for here, there in (("head", "tail"), ("tail", "head"))
    ]
    joined = np.unique(np.concatenate(ends))
    return joined[joined < len(read_parquet(dataset.items))]


def named_item(items: pd.DataFrame, place: int) -> dict[str, Any]:
    """``itemId, title, year`` of an item by its index."""
    row = items.iloc[place]
    year = None if pd.isna(row["year"]) else int(row["year"])
    return {"itemId": plain(row["itemId"]), "title": row["title"], "year": year}


def plain(value: Any) -> Any:
    """The value as Python has it."""
    return value.item() if isinstance(value, np.generic) else value


def _not_one(
    name: str, items: pd.DataFrame, places: IntArray, titles: pd.Series[str]
) -> InputError:
    if len(places):
        several = "; ".join(
            described(named_item(items, place)) for place in places.tolist()[:_NEAREST]
        )
        return InputError(f"'{name}' fits {len(places)} items: {several}", "Give the id.")
    folded = name.strip().casefold()
    inside = np.flatnonzero(titles.str.contains(folded, regex=False)).tolist()
    close = difflib.get_close_matches(folded, titles.tolist(), _NEAREST, 0.5)
    by_title = {title: place for place, title in reversed(list(enumerate(titles)))}
    near = list(dict.fromkeys([*inside[:_NEAREST], *(by_title[title] for title in close)]))
    said = "; ".join(described(named_item(items, place)) for place in near[:_NEAREST])
    return InputError(
        f"there is no item '{name}'",
        f"Did you mean: {said}" if said else "Give a title or an id of the data set.",
    )


def _no_genre(name: str, known: Sequence[str]) -> InputError:
    folded = {one.casefold(): one for one in known}
    close = difflib.get_close_matches(name.strip().casefold(), list(folded), _NEAREST, 0.5)
    near = [folded[one] for one in close] or list(known)[:20]
    return InputError(f"there is no genre '{name}'", f"Genres: {', '.join(near)}")
