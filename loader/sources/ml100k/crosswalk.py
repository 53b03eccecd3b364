"""The published ``ml-100k.link`` names its items by ids of other MovieLens sets."""

from __future__ import annotations

from importlib import resources

import pandas as pd


def corrected(links: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, int]]:
    """The links of the published file by ids of MovieLens 100K, and what was dropped.

    :param links: ``itemId`` (integers, of the file), ``freebaseId``.
    """
    with resources.files(__package__).joinpath("crosswalk.csv").open(encoding="utf-8") as file:
        crosswalk = pd.read_csv(file)
    films = links.rename(columns={"itemId": "movieLensId"})
    unused = ~films["movieLensId"].isin(crosswalk["movieLensId"])
    found = crosswalk.merge(films, on="movieLensId")[["itemId", "freebaseId"]]
    return found, {
        "links corrected by title and year": len(found),
        "links dropped: film outside the catalogue": int(unused.sum()),
    }
