"""Readable titles and names."""

from __future__ import annotations

import pandas as pd
import pytest

from reelgraph.loader.reading.titles import readable, year_in
from reelgraph.loader.sources.ml100k.names import known_countries, known_people


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


@pytest.mark.parametrize("names", [known_people(), known_countries()])
def test_a_freebase_id_has_one_name_and_a_name_one_id(names: pd.Series[str]) -> None:
    assert len(names) > 40
    assert names.is_unique and names.index.is_unique
    assert names.index.str.match(r"m\.[0-9a-z_]+$").all()
    assert (names == names.str.strip()).all() and names.ne("").all()


def test_names_are_right_where_they_are_well_known() -> None:
    people = known_people()
    assert (people["m.06pj8"], people["m.0343h"]) == ("Steven Spielberg", "George Lucas")
    assert known_countries()["m.09c7w0"] == "United States"
