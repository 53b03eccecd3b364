"""Freebase triples of the films in the catalogue, as edges of the graph.

Freebase states most relations in both directions. One direction is taken; rows of the
reverse one that say something new are added to it (there is one in the published file).
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Relation:
    """An edge type, the Freebase relation from the film, and the reverse one if it exists.

    ``kind`` is the first part of the entity's id; ``label`` is the role that a person
    gets by it, or the domain label of another entity. The edge starts at the person,
    or at the movie where the other end is not a person.
    """

    type: str
    kind: str
    label: str
    forward: str
    reverse: str | None = None

    @property
    def from_person(self) -> bool:
        return self.kind == "person"


RELATIONS = (
    Relation("DIRECTED", "person", "Director", "film.film.directed_by", "film.director.film"),
    Relation("WROTE", "person", "Writer", "film.film.written_by", "film.writer.film"),
    Relation("PRODUCED", "person", "Producer", "film.film.produced_by", "film.producer.film"),
    Relation("ACTED_IN", "person", "Actor", "film.film.actor", "film.actor.film"),
    Relation("PRODUCED_IN", "country", "Country", "film.film.country"),
    Relation("HAS_SUBJECT", "subject", "Subject", "film.film.subjects", "film.film_subject.films"),
)
# (a) film.film.sequel (b): b is the sequel of a, as in Star Wars → The Empire Strikes Back
SEQUEL = Relation("HAS_SEQUEL", "movie", "Movie", "film.film.sequel", "film.film.prequel")


@dataclass(frozen=True)
class FilmRelations:
    """``credits``: ``itemId, freebaseId, type``; ``sequels``: ``start, end`` (itemIds)."""

    credits: pd.DataFrame
    sequels: pd.DataFrame
    report: dict[str, int]


def film_relations(triples: pd.DataFrame, links: pd.DataFrame) -> FilmRelations:
    """The relations above for the films that ``links`` knows.

    :param triples: columns ``head, relation, tail``.
    :param links: columns ``itemId, freebaseId``; several items may be one film.
    """
    report = {"triples read": len(triples)}
    used = {name for one in (*RELATIONS, SEQUEL) for name in (one.forward, one.reverse) if name}
    other = ~triples["relation"].isin(used)
    report["triples dropped: relation not used"] = int(other.sum())
    report["triples dropped: the reverse of another"] = 0
    outside = 0
    parts = []
    for relation in RELATIONS:
        pairs = _pairs(triples, relation, report)
        linked = pairs.merge(links, left_on="film", right_on="freebaseId")
        outside += int((~pairs["film"].isin(links["freebaseId"])).sum())
        parts.append(linked[["itemId", "other"]].assign(type=relation.type))
    credits = pd.concat(parts, ignore_index=True).rename(columns={"other": "freebaseId"})
    pairs = _pairs(triples, SEQUEL, report)
    sequels = pairs.merge(
        links.rename(columns={"itemId": "start", "freebaseId": "film"}), on="film"
    ).merge(links.rename(columns={"itemId": "end", "freebaseId": "other"}), on="other")
    known = pairs["film"].isin(links["freebaseId"]) & pairs["other"].isin(links["freebaseId"])
    report["triples dropped: film outside the catalogue"] = outside + int((~known).sum())
    return FilmRelations(
        credits, sequels[["start", "end"]].drop_duplicates(ignore_index=True), report
    )


def _pairs(triples: pd.DataFrame, relation: Relation, report: dict[str, int]) -> pd.DataFrame:
    """Distinct ``film, other`` of one relation, from both of its directions."""
    forward = triples.loc[triples["relation"] == relation.forward, ["head", "tail"]]
    forward = forward.set_axis(["film", "other"], axis=1)
    reverse = triples.loc[triples["relation"] == relation.reverse, ["tail", "head"]]
    reverse = reverse.set_axis(["film", "other"], axis=1)
    both = pd.concat([forward, reverse], ignore_index=True)
    distinct = both.drop_duplicates(ignore_index=True)
    report["triples dropped: the reverse of another"] += len(both) - len(distinct)
    return distinct
