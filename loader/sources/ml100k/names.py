"""Names of Freebase people and countries, of which the source has the ids only.

``people.csv`` was derived and measured by ``bench/people.py``. What is in neither file has no name,
as nearly all subjects.
"""

from __future__ import annotations

from importlib import resources

import pandas as pd


def known_people() -> pd.Series[str]:
    """Names of people by freebaseId."""
    return _read("people.csv")


def known_countries() -> pd.Series[str]:
    """Names of countries by freebaseId."""
    return _read("countries.csv")


def _read(file_name: str) -> pd.Series[str]:
    with resources.files(__package__).joinpath(file_name).open(encoding="utf-8") as file:
        return pd.read_csv(file, dtype="str").set_index("freebaseId")["name"]
