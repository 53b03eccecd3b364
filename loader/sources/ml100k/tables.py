"""The canonical tables of MovieLens 100K, from the columns of its files."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ....errors import InputError
from ...reading.files import SourceFiles
from ...reading.titles import readable, year_in
from .knowledge import RELATIONS, FilmRelations


def users_table(raw: pd.DataFrame, files: SourceFiles) -> pd.DataFrame:
    users = raw.set_axis(["userId", "age", "gender", "occupation"], axis=1)
    where = files.need("ml-100k.user").where
    _refuse_repeated(where, users["userId"], "user_id:token")
    wrong = ~users["age"].str.fullmatch(r"\d{0,3}")
    if wrong.any():
        row = int(wrong.to_numpy().argmax())
        raise InputError(
            f"{where}, line {row + 2}, column age:token: '{users['age'][row]}' is not an age",
            "Mend this line; an empty age is allowed.",
        )
    users["age"] = pd.to_numeric(users["age"].replace("", None)).astype("Int64")
    for name in ("gender", "occupation"):
        users[name] = users[name].replace("", None)
    return users.sort_values("userId", ignore_index=True)


def movies_table(
    raw: pd.DataFrame, files: SourceFiles
) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, int]]:
    """Movies, their genres (``itemId, genre``), and what was not known."""
    items = raw.set_axis(["itemId", "title", "year", "genres"], axis=1)
    _refuse_repeated(files.need("ml-100k.item").where, items["itemId"], "item_id:token")
    has_year = items["year"].str.fullmatch(r"\d{4}")
    from_title = items["title"].map(year_in)  # one title ends with the year, others have none
    items["title"] = items["title"].where(has_year, from_title.str[0])
    items["year"] = items["year"].where(has_year, from_title.str[1])
    items["year"] = pd.to_numeric(items["year"], errors="coerce").astype("Int64")
    items["title"] = items["title"].map(readable)
    genres = items.assign(genre=items["genres"].str.split()).explode("genre")
    genres = genres.loc[genres["genre"].notna(), ["itemId", "genre"]].drop_duplicates()
    known = genres["genre"] != "unknown"
    report = {
        "movies without a year": int(items["year"].isna().sum()),
        "genres dropped: 'unknown'": int((~known).sum()),
    }
    movies = items[["itemId"]].assign(
        movieId=items["itemId"], title=items["title"], year=items["year"]
    )
    return movies.sort_values("itemId", ignore_index=True), genres[known], report


def interactions_table(raw: pd.DataFrame) -> pd.DataFrame:
    interactions = raw.set_axis(["userId", "itemId", "rating", "timestamp"], axis=1)
    return interactions.astype({"timestamp": "int64"})


def entities_table(
    genres: pd.DataFrame, knowledge: FilmRelations, names: pd.Series[str]
) -> pd.DataFrame:
    """``entityId, name, labels, freebaseId`` of genres, people, countries and subjects.

    :param names: by freebaseId; the others have none.
    """
    distinct_genres = sorted(genres["genre"].unique())
    parts = [
        pd.DataFrame(
            {
                "entityId": [f"genre:{genre}" for genre in distinct_genres],
                "name": distinct_genres,
                "labels": [["Genre"] for _ in distinct_genres],
            }
        )
    ]
    for kind in ("person", "country", "subject"):
        label_of = {one.type: one.label for one in RELATIONS if one.kind == kind}
        credits = knowledge.credits[knowledge.credits["type"].isin(label_of)]
        roles = credits["type"].map(label_of).groupby(credits["freebaseId"]).agg(set)
        base = ["Person"] if kind == "person" else []
        parts.append(
            pd.DataFrame(
                {
                    "entityId": kind + ":" + roles.index,
                    "name": names.reindex(roles.index).to_numpy(),
                    "labels": [base + sorted(labels) for labels in roles],
                    "freebaseId": roles.index,
                }
            )
        )
    return pd.concat(parts, ignore_index=True).sort_values("entityId", ignore_index=True)


def edges_table(genres: pd.DataFrame, knowledge: FilmRelations) -> dict[str, pd.DataFrame]:
    """``start, end`` by type, sorted, as the schema directs them."""
    edges = {"HAS_GENRE": (genres["itemId"], "genre:" + genres["genre"])}
    for relation in RELATIONS:
        rows = knowledge.credits[knowledge.credits["type"] == relation.type]
        entity = relation.kind + ":" + rows["freebaseId"]
        ends = (entity, rows["itemId"]) if relation.from_person else (rows["itemId"], entity)
        edges[relation.type] = ends
    edges["HAS_SEQUEL"] = (knowledge.sequels["start"], knowledge.sequels["end"])
    return {
        name: pd.DataFrame({"start": start, "end": end}).sort_values(
            ["start", "end"], ignore_index=True
        )
        for name, (start, end) in edges.items()
    }


def _refuse_repeated(where: str, ids: pd.Series[Any], column: str) -> None:
    repeated = ids.duplicated().to_numpy()
    if repeated.any():
        row = int(repeated.argmax())
        raise InputError(
            f"{where}, line {row + 2}, column {column}: '{ids[row]}' occurs a second time",
            "Keep one row for each id.",
        )
