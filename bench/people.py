"""Names for the people of MovieLens 100K's Freebase graph, which has ids only.

    python bench/people.py ../shared/data                   # how right and how many the names are
    python bench/people.py ../shared/data --write           # the same, and writes people.csv
    python bench/people.py ../shared/data --run runs/RUN    # the same, and whom its reasons name

Files of credits (docs/sources.md) name the directors, the writers and the first actors of movies.
Who has the same movies in the same roles is the same person: see `assign`. Two measures, each in
ten parts. Held-out films: the credits of a tenth of the films are hidden, people are named by the
others, and each hidden credit of a name is looked up among the person's in Freebase; what Freebase
lacks counts as an error. Held-out people: a tenth of those who got a name are taken out of
Freebase, and nobody else should get their names.
"""

from __future__ import annotations

import unicodedata
from itertools import combinations
from pathlib import Path

import click
import numpy as np
import pandas as pd
from scipy.stats import binomtest

from reelgraph.artifacts import DatasetFolder, RunFolder, atomic, read_parquet
from reelgraph.loader.reading.files import find_files
from reelgraph.loader.reading.rejects import Rejects
from reelgraph.loader.sources import ml100k
from reelgraph.loader.sources.credits.formats import read_credits
from reelgraph.loader.sources.credits.tables import tidy
from reelgraph.loader.sources.ml100k.files import fetch
from reelgraph.loader.sources.ml100k.knowledge import RELATIONS, film_relations
from reelgraph.settings import load_settings

FILMS = 2  # in how many a person and a name must be; a film's only director in one
AGREEMENT = 0.8
PARTS, SEED = 10, 42
CREDITS = ("ml-100k-imdb", "ml-1m-imdb", "ml-latest-small-credits")
RESULT = Path(ml100k.__file__).with_name("people.csv")
_LOOSE = "Writer"  # Freebase lacks many, such as those of the book or the story
_CELL = ["film", "role"]


def assign(
    people: pd.DataFrame, names: pd.DataFrame, films: int = FILMS, agreement: float = AGREEMENT
) -> pd.DataFrame:
    """Who is who: ``person, name, films``, the number of films that both have.

    A name is a person's when both have credits in at least `films` films, or are the only director
    of one; when the person has at least the share `agreement` of the name's credits as director or
    actor, and the name of the person's as director; and when no other name has as many of the
    person's credits, nor another person as many of the name's. Those who got a name leave, and
    what was ambiguous is looked at again.

    :param people: ``film, role, person``, distinct rows.
    :param names: ``film, role, name``, distinct rows.
    """
    pairs = _pairs(people, names)
    pairs = pairs[(pairs["films"] >= films) | pairs["alone"]]
    pairs = pairs[pairs[["ofName", "ofPerson"]].min(axis=1) >= agreement]
    found = [pairs.iloc[:0]]
    while True:
        best = pairs[_is_best(pairs, "person") & _is_best(pairs, "name")]
        if best.empty:
            return pd.concat(found, ignore_index=True)[["person", "name", "films"]]
        found.append(best)
        pairs = pairs[~pairs["person"].isin(best["person"]) & ~pairs["name"].isin(best["name"])]


def _is_best(pairs: pd.DataFrame, by: str) -> pd.Series[bool]:
    """Whether a pair has more credits than each other pair of the same person or name."""
    most = pairs["credits"] == pairs.groupby(by)["credits"].transform("max")
    return most & (most.groupby(pairs[by]).transform("sum") == 1)


def _pairs(people: pd.DataFrame, names: pd.DataFrame) -> pd.DataFrame:
    """People and names with credits in common, and the shares that speak for each pair.

    A credit speaks against a pair only where the other side knows who had this role in the film.
    """
    common = people.merge(names, on=_CELL)
    sizes = [table.groupby(_CELL)["role"].transform("size") for table in (people, names)]
    only = people[sizes[0] == 1].merge(names[sizes[1] == 1], on=_CELL)
    only = only.loc[only["role"] == "Director", ["person", "name"]].drop_duplicates()
    common["directed"] = common["role"] == "Director"
    common["firm"] = common["role"] != _LOOSE
    pairs = common.groupby(["person", "name"], as_index=False).agg(
        credits=("role", "size"),
        films=("film", "nunique"),
        directed=("directed", "sum"),
        firm=("firm", "sum"),
    )
    pairs = pairs.merge(only.assign(alone=True), how="left")
    pairs["alone"] = pairs["alone"].notna()
    known = names[names["role"] != _LOOSE].merge(people[_CELL].drop_duplicates())
    pairs["ofName"] = pairs["firm"] / _counts(pairs["name"], known)
    known = people[people["role"] == "Director"].merge(names[_CELL].drop_duplicates())
    pairs["ofPerson"] = pairs["directed"] / _counts(pairs["person"], known)
    return pairs.fillna({"ofName": 1.0, "ofPerson": 1.0})


def _counts(ids: pd.Series[str], rows: pd.DataFrame) -> pd.Series[float]:
    """How many rows have each id; NaN for none."""
    return ids.map(rows[ids.name].value_counts()).astype("float64")


def hidden_films(people: pd.DataFrame, names: pd.DataFrame) -> pd.DataFrame:
    """Hidden credits of names that were given: ``person, name, films, film, role, right``."""
    part = _parts(names["film"])
    known = people[_CELL].drop_duplicates()
    found = []
    for number in range(PARTS):
        given = assign(people, names[part != number])
        asked = names[part == number].merge(known).merge(given, on="name")
        found.append(asked.merge(people.assign(right=True), how="left"))
    checks = pd.concat(found, ignore_index=True)
    return checks.assign(right=checks["right"].notna())


def hidden_people(people: pd.DataFrame, names: pd.DataFrame) -> pd.DataFrame:
    """Names whose person was taken out of Freebase: ``name, films, right``."""
    given = assign(people, names)
    part = _parts(given["person"])
    found = []
    for number in range(PARTS):
        lost = given[part == number]
        others = assign(people[~people["person"].isin(lost["person"])], names)
        found.append(lost.assign(right=~lost["name"].isin(others["name"])))
    return pd.concat(found, ignore_index=True)


def _parts(values: pd.Series[str]) -> pd.Series[int]:
    """A random part for each distinct value."""
    distinct = np.sort(values.unique())
    drawn = np.random.default_rng(SEED).permutation(len(distinct)) % PARTS
    return values.map(pd.Series(drawn, distinct))


def contradicted(names: pd.DataFrame) -> set[str]:
    """Films of which two files have no director in common: one of them means another film.

    :param names: ``film, role, name, file``.
    """
    directors = names[names["role"] == "Director"]
    by_film = directors.groupby(["film", "file"])["name"].agg(set).groupby("film")
    return {
        str(film)
        for film, lists in by_film
        if any(not one & other for one, other in combinations(lists, 2))
    }


def folded(name: str) -> str:
    """The letters and digits of a name without accents and case: what its spellings share."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in plain if letter.isalnum())


def spellings(names: pd.DataFrame) -> pd.Series[str]:
    """How each name is written most often; of equals, with accents.

    :param names: ``name, written``.
    """
    counts = names.groupby(["name", "written"]).size().rename("times").reset_index()
    counts["plain"] = counts["written"].map(str.isascii)
    order = ["name", "times", "plain", "written"]
    counts = counts.sort_values(order, ascending=[True, False, True, True])
    return counts.drop_duplicates("name").set_index("name")["written"]


def read_people(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """``film, role, person`` of all films that have a link, and ``movieLensId, film``."""
    links = pd.read_csv(folder / "ml-100k.link", sep="\t", header=0, names=["itemId", "freebaseId"])
    triples = pd.read_csv(
        folder / "ml-100k.kg", sep="\t", header=0, names=["head", "relation", "tail"]
    )
    films = links.rename(columns={"itemId": "movieLensId", "freebaseId": "film"})
    credits = film_relations(triples, links).credits.rename(
        columns={"itemId": "movieLensId", "freebaseId": "person"}
    )
    roles = {one.type: one.label for one in RELATIONS if one.kind == "person"}
    people = credits.assign(role=credits["type"].map(roles)).merge(films)
    return people.loc[people["role"].notna(), [*_CELL, "person"]].drop_duplicates(), films


def read_names(data: Path, films: pd.DataFrame, crosswalk: pd.DataFrame) -> pd.DataFrame:
    """``film, role, name, written, file`` of all files of credits."""
    parts = []
    for folder in CREDITS:
        file = find_files(data / folder).need(
            "auxiliary.txt", "movies_extrainfos.dat", "movies.csv"
        )
        rows = read_credits(file, Rejects(limit=0))
        part = pd.DataFrame(
            [(one.movie, one.role, tidy(one.text), folder) for one in rows.credits],
            columns=["movieLensId", "role", "written", "file"],
        )
        if rows.format == "pairs":  # by ids of MovieLens 100K
            part = part.rename(columns={"movieLensId": "itemId"}).merge(crosswalk)
        parts.append(part.merge(films))
    names = pd.concat(parts, ignore_index=True)
    names["name"] = names["written"].map(folded)
    damaged = names["written"].str.contains("[\N{REPLACEMENT CHARACTER}?]")
    return names[~damaged & ~names["name"].isin(["", "na"])].drop(columns=["movieLensId", "itemId"])


def share(right: pd.Series[bool]) -> str:
    """``0.993 [0.989, 0.996] of 1,234``, with Wilson's 95 % interval."""
    between = binomtest(int(right.sum()), len(right)).proportion_ci(method="wilson")
    return f"{right.mean():.3f} [{between.low:.3f}, {between.high:.3f}] of {len(right):,}"


def measures(people: pd.DataFrame, names: pd.DataFrame) -> list[str]:
    """How right the names are, by how many films a person and a name have in common."""
    checks, lost = hidden_films(people, names), hidden_people(people, names)
    lines = ["held-out films: credits of the name that the person has in Freebase"]
    for what, rows in (
        ("as director or actor", checks[checks["role"] != _LOOSE]),
        ("as writer", checks[checks["role"] == _LOOSE]),
    ):
        lines.append(f"  {what:<24}{share(rows['right'])}")
        lines += _by_films(rows)
    lines.append("held-out people: names that nobody else gets")
    return [*lines, f"  {'all':<24}{share(lost['right'])}", *_by_films(lost)]


def _by_films(rows: pd.DataFrame) -> list[str]:
    groups = rows.groupby(rows["films"].clip(upper=4))["right"]
    words = {1: "only director of 1 film", 4: "4 or more films"}
    return [f"    {words.get(n, f'{n} films'):<24}{share(right)}" for n, right in groups]


def coverage(people: pd.DataFrame, named: pd.Series[str]) -> list[str]:
    """Shares of people and of their edges in the catalogue that have a name."""
    films = people.groupby("person")["film"].nunique()
    several = people["person"].map(films) > 1
    rows = {"people": people, "of two films or more": people[several]}
    rows |= {f"as {role.lower()}": part for role, part in people.groupby("role")}
    lines = ["named, of the people and of their credits in the catalogue"]
    for what, part in rows.items():
        ids = pd.Series(part["person"].unique())
        counts = f"{ids.isin(named).mean():.3f} of {len(ids):,}"
        lines.append(
            f"  {what:<24}{counts:<18}{part['person'].isin(named).mean():.3f} of {len(part):,}"
        )
    return lines


def shown(run: RunFolder, named: pd.Series[str], n: int = 10, evidence: int = 3) -> list[str]:
    """What a run's reasons show: each person whom an item of a list shares with its evidence."""
    dataset = DatasetFolder(run.path.resolve().parents[1] / "datasets" / run.manifest().dataset)
    entities, triples = read_parquet(dataset.entities), read_parquet(dataset.triples)
    person = entities[entities["entityId"].str.startswith("person:")].set_index("index")["entityId"]
    edges = pd.concat(
        [
            triples.set_axis(["item", "relation", "person"], axis=1),
            triples.set_axis(["person", "relation", "item"], axis=1),
        ]
    )
    edges = edges[edges["person"].isin(person.index)].drop(columns="relation").drop_duplicates()
    ids = read_parquet(dataset.items).set_index("itemId")["index"]
    rows = read_parquet(run.predictions)
    rows = rows[rows["rank"] <= n].assign(
        because=rows["evidenceIds"].map(lambda all: all[:evidence])
    )
    pairs = rows[["item", "because"]].explode("because").dropna()
    pairs = pairs.apply(lambda column: column.map(ids)).reset_index(names="row")
    pairs["pair"] = range(len(pairs))
    both = pairs.merge(edges, on="item").merge(
        edges.rename(columns={"item": "because"}), on=["because", "person"]
    )
    both["named"] = both["person"].map(person).str.removeprefix("person:").isin(named)
    any_named = both.groupby("pair")["named"].any()
    return [
        f"reasons of the first {n} with {evidence} pieces of evidence: {len(pairs):,}",
        f"  that share people       {len(any_named):,}, of these with one that has a name "
        f"{any_named.mean():.3f}",
        f"  people shared           {len(both):,}, of these named {both['named'].mean():.3f}",
    ]


@click.command(help=__doc__)
@click.argument("data", type=click.Path(exists=True, path_type=Path))
@click.option("--write", is_flag=True, help=f"Write {RESULT.name} beside the loader.")
@click.option("--run", "run", type=click.Path(exists=True, path_type=Path), help="A run's folder.")
def main(data: Path, write: bool, run: Path | None) -> None:
    people, films = read_people(fetch(load_settings().settings.cache_dir))
    crosswalk = pd.read_csv(RESULT.with_name("crosswalk.csv"))
    every = read_names(data, films, crosswalk)
    out = contradicted(every)
    written = every[~every["film"].isin(out)]
    names = written[[*_CELL, "name"]].drop_duplicates()
    click.echo(f"{len(films):,} films, {len(out)} left out because the files contradict each other")
    given = assign(people, names)
    here = people[people["film"].isin(films.merge(crosswalk)["film"])]
    given = given[given["person"].isin(here["person"])]
    lines = measures(people, names) + coverage(here, given["person"])
    if run is not None:
        lines += shown(RunFolder(run), given["person"])
    click.echo("\n".join(lines))
    if write:
        table = given[["person"]].assign(name=given["name"].map(spellings(written)))
        table = table.set_axis(["freebaseId", "name"], axis=1).sort_values("freebaseId")
        with atomic(RESULT) as temporary:
            table.to_csv(temporary, index=False)
        click.echo(f"{len(table):,} names in {RESULT}")


if __name__ == "__main__":
    main()
