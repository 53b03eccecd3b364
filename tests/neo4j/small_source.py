"""A small made-up data set for tests of loading, in memory."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pandas as pd

from reelgraph.loader.source import CanonicalTables, EdgeType, GraphSchema, InteractionTable

Row = tuple[int, int, float, int]  # user, item, rating, timestamp

SCHEMA = GraphSchema("Song", ("Artist",), (EdgeType("PLAYED_BY", "Song", "Artist"),))
ITEMS = 30


def some_rows(users: int = 20, seed: int = 0) -> list[Row]:
    """Five ratings a user, many of them at the same time."""
    chance = random.Random(seed)
    return [
        (user, item, float(chance.randint(1, 5)), chance.randint(1, 3))
        for user in range(1, users + 1)
        for item in chance.sample(range(1, ITEMS + 1), 5)
    ]


def small_tables(rows: Sequence[Row], schema: GraphSchema = SCHEMA) -> CanonicalTables:
    """Songs by three artists, and these ratings; the users are those of the ratings."""
    items = pd.DataFrame({"itemId": range(1, ITEMS + 1)})
    artists = ["artist:" + "abc"[item % 3] for item in items["itemId"]]
    return CanonicalTables(
        source="songs",
        id_space="songs",
        schema=schema,
        users=None,
        items=items.assign(title="song " + items["itemId"].astype("str")),
        entities=pd.DataFrame(
            [[f"artist:{one}", one, ["Artist"]] for one in "abc"],
            columns=["entityId", "name", "labels"],
        ),
        edges={"PLAYED_BY": pd.DataFrame({"start": items["itemId"], "end": artists})},
        interactions=InteractionTable.of(
            "songs.csv", pd.DataFrame(rows, columns=["userId", "itemId", "rating", "timestamp"])
        ),
    )
