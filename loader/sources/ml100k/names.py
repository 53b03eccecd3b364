"""Readable names for Freebase entities, whose own names the source does not have.

A person is named by what they did: the role in which they have most movies (of equals the
first of director, writer, producer, actor) and the movie of theirs with most ratings, as in
``director of Titanic (1997)``. Where several have that role in that movie they are numbered,
those whose movies have more ratings first: ``actor 3 of Titanic (1997)``. A country has its
name where it is known, and a subject the two movies with most ratings that are about it.
"""

from __future__ import annotations

from importlib import resources

import pandas as pd

from .knowledge import RELATIONS

_NUMBERED_ROLES = {
    relation.type: (order, relation.label.lower())
    for order, relation in enumerate(RELATIONS)
    if relation.kind == "person"
}


def movie_names(items: pd.DataFrame) -> pd.Series[str]:
    """'Titanic (1997)' by itemId; the title alone where the year is not known."""
    years = items["year"].astype("string")
    names = items["title"].astype("string") + (" (" + years + ")").fillna("")
    return pd.Series(names.to_numpy(), index=items["itemId"], dtype="str")


def person_names(
    credits: pd.DataFrame, movies: pd.Series[str], ratings: pd.Series[int]
) -> pd.Series[str]:
    """Names by freebaseId.

    :param credits: ``itemId, freebaseId, type`` of people, distinct rows.
    :param movies: the movies' names by itemId.
    :param ratings: number of ratings by itemId; a movie that is not in it has none.
    """
    table = credits.assign(
        ratings=credits["itemId"].map(ratings).fillna(0).astype(int),
        order=credits["type"].map({role: order for role, (order, _) in _NUMBERED_ROLES.items()}),
    )
    table["movies"] = table.groupby(["freebaseId", "type"])["itemId"].transform("size")
    table["fame"] = table.groupby(["freebaseId", "type"])["ratings"].transform("sum")
    table = table.sort_values(
        ["itemId", "type", "fame", "freebaseId"], ascending=[True, True, False, True]
    )
    cast = table.groupby(["itemId", "type"])
    table["number"] = cast.cumcount() + 1
    table["of"] = cast["freebaseId"].transform("size")
    best = table.sort_values(
        ["freebaseId", "movies", "order", "ratings", "itemId"],
        ascending=[True, False, True, False, True],
    ).drop_duplicates("freebaseId")
    roles = best["type"].map({role: word for role, (_, word) in _NUMBERED_ROLES.items()})
    numbers = (" " + best["number"].astype(str)).where(best["of"] > 1, "")
    names = roles + numbers + " of " + best["itemId"].map(movies)
    return distinct(pd.Series(names.to_numpy(), index=best["freebaseId"], dtype="str"))


def topic_names(
    kind: str, credits: pd.DataFrame, movies: pd.Series[str], ratings: pd.Series[int]
) -> pd.Series[str]:
    """'subject of Die Hard (1988), Brazil (1985)' by freebaseId, for subjects and countries.

    Those of the same movies are numbered: 'subject 2 of The Right Stuff (1983)'.
    """
    table = credits.assign(ratings=credits["itemId"].map(ratings).fillna(0))
    table = table.sort_values(["freebaseId", "ratings", "itemId"], ascending=[True, False, True])
    table["movie"] = table["itemId"].map(movies)
    table = table.drop_duplicates(["freebaseId", "movie"])  # some movies are in twice
    best = table[table.groupby("freebaseId").cumcount() < 2]
    about = best.groupby("freebaseId")["movie"].agg(", ".join)
    same = about.groupby(about)
    numbers = (" " + (same.cumcount() + 1).astype(str)).where(same.transform("size") > 1, "")
    names = kind + numbers + " of " + about
    if kind == "country":
        names.update(known_countries())
    return distinct(names)


def distinct(names: pd.Series[str]) -> pd.Series[str]:
    """Number the second and later of equal names, in the order of the index."""
    names = names.sort_index()
    number = names.groupby(names).cumcount() + 1
    return names.where(number == 1, names + " #" + number.astype(str))


def known_countries() -> pd.Series[str]:
    with resources.files(__package__).joinpath("countries.csv").open(encoding="utf-8") as file:
        return pd.read_csv(file, dtype=str).set_index("freebaseId")["name"]
