"""Readable titles and names."""

from __future__ import annotations

import pandas as pd
import pytest

from reelgraph.loader.reading.titles import readable, year_in
from reelgraph.loader.sources.ml100k.names import movie_names, person_names, topic_names

MOVIES = movie_names(
    pd.DataFrame(
        {"itemId": [1, 2, 3], "title": ["One", "Two", "Three"], "year": [1991, 1992, None]}
    ).astype({"year": "Int64"})
)
RATINGS = pd.Series({1: 10, 2: 20})


@pytest.mark.parametrize(
    ("raw", "title"),
    [
        ("Toy Story", "Toy Story"),
        ("Usual Suspects, The", "The Usual Suspects"),
        ("Enfer, L'", "L'Enfer"),
        ("Good, The Bad and The Ugly, The", "The Good, The Bad and The Ugly"),
        ("Paris, Texas", "Paris, Texas"),
        (
            "Horseman on the Roof, The (Hussard sur le toit, Le)",
            "The Horseman on the Roof (Le Hussard sur le toit)",
        ),
        (
            "Fist, The (a.k.a. Big Boss, The) (Tang shan) (Boss, El)",
            "The Fist (a.k.a. The Big Boss) (Tang shan) (El Boss)",
        ),
        ("Land Before Time III (1995)", "Land Before Time III (1995)"),
    ],
)
def test_titles_are_readable(raw: str, title: str) -> None:
    assert readable(raw) == title


def test_year_in_a_title() -> None:
    assert year_in("Stalker (1979)") == ("Stalker", "1979")
    assert year_in("1984") == ("1984", "")
    assert year_in("Death Note (2006–2007)") == ("Death Note", "2006")
    assert year_in("Land Before Time III (1995) (V)") == ("Land Before Time III", "1995")
    assert year_in(" 2001 (A Space Odyssey) (1968) ") == ("2001 (A Space Odyssey)", "1968")


def credits(*rows: tuple[int, str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["itemId", "freebaseId", "type"])


def test_one_director_needs_no_number() -> None:
    names = person_names(credits((1, "m.a", "DIRECTED"), (2, "m.b", "DIRECTED")), MOVIES, RATINGS)
    assert names.to_dict() == {"m.a": "director of One (1991)", "m.b": "director of Two (1992)"}


def test_several_are_numbered_by_the_ratings_of_their_movies() -> None:
    cast = credits(
        (1, "m.a", "ACTED_IN"),
        (1, "m.b", "ACTED_IN"),
        (1, "m.c", "ACTED_IN"),
        (2, "m.c", "ACTED_IN"),
    )
    names = person_names(cast, MOVIES, RATINGS)
    assert names["m.a"] == "actor 2 of One (1991)"
    assert names["m.b"] == "actor 3 of One (1991)"
    assert names["m.c"] == "actor of Two (1992)"


def test_the_role_with_most_movies_then_director_first() -> None:
    rows = credits(
        (1, "m.a", "ACTED_IN"), (2, "m.a", "ACTED_IN"), (1, "m.a", "DIRECTED"),
        (3, "m.b", "WROTE"), (3, "m.b", "DIRECTED"),
    )  # fmt: skip
    names = person_names(rows, MOVIES, RATINGS)
    assert names.to_dict() == {"m.a": "actor of Two (1992)", "m.b": "director of Three"}


def test_names_do_not_depend_on_the_order_of_rows() -> None:
    rows = credits(
        *[(m, p, r) for m in (1, 2, 3) for p in ("m.a", "m.b") for r in ("WROTE", "ACTED_IN")]
    )
    names = person_names(rows, MOVIES, RATINGS)
    assert person_names(rows[::-1], MOVIES, RATINGS).equals(names)
    assert names.is_unique


def test_subjects_are_named_by_their_movies_and_numbered() -> None:
    rows = credits(
        (1, "m.a", "HAS_SUBJECT"), (2, "m.a", "HAS_SUBJECT"), (3, "m.a", "HAS_SUBJECT"),
        (1, "m.b", "HAS_SUBJECT"), (1, "m.c", "HAS_SUBJECT"),
    )  # fmt: skip
    assert topic_names("subject", rows, MOVIES, RATINGS).to_dict() == {
        "m.a": "subject of Two (1992), One (1991)",
        "m.b": "subject 1 of One (1991)",
        "m.c": "subject 2 of One (1991)",
    }


def test_known_countries_have_their_names() -> None:
    rows = credits((1, "m.09c7w0", "PRODUCED_IN"), (1, "m.x", "PRODUCED_IN"))
    names = topic_names("country", rows, MOVIES, RATINGS)
    assert names["m.09c7w0"] == "United States"
    assert names["m.x"].startswith("country 2 of One")
