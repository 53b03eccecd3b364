"""Tags: words that users gave to movies, as entities and events."""

from __future__ import annotations

import unicodedata
from typing import Any

import pandas as pd

from .reader import Columns, Reader, Report, layout
from .releases import Release

_TAG: Columns = {
    "userId": "integer",
    "movieId": "integer",
    "tag": "text",
    "timestamp": "integer",
}


def read_tags(release: Release, known: pd.Series[Any], reader: Reader) -> pd.DataFrame | None:
    """``userId, itemId, tag, timestamp``, a row per tagging; None without a file of tags.

    :param known: the ids of the movies; tags of others are rejected.
    """
    file = release.files.find({"csv": "tags.csv", "10m": "tags.dat"}.get(release.kind, ""))
    if file is None:
        return None
    frame = reader.table(file, layout(release, _TAG))
    fits = frame["movieId"].isin(known)
    reason = "column movieId: there is no movie {movieId}"
    reader.reject(file, frame[~fits], reason, "tag of an unknown movie")
    frame = frame[fits].rename(columns={"movieId": "itemId"})
    return frame[["userId", "itemId", "tag", "timestamp"]]


def tag_tables(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, Report]:
    """Tags as entities, and who gave them when: ``start`` (movie), ``end``, ``timestamp, userId``.

    Tags that differ in case or spaces only are one, named as it is written most often. A
    user's second row of one tag for one movie is left out.
    """
    by_text = {
        text: " ".join(unicodedata.normalize("NFC", text).split()) for text in set(rows["tag"])
    }
    written = rows["tag"].map(by_text)
    frame = rows.assign(name=written, key=written.str.casefold())
    empty = frame["key"] == ""
    frame = frame[~empty].sort_values(["itemId", "key", "timestamp", "userId"], kind="stable")
    again = frame.duplicated(["itemId", "key", "userId"])
    frame = frame[~again]
    spellings = frame.groupby(["key", "name"]).size().rename("times").reset_index()
    best = spellings.sort_values(["key", "times", "name"], ascending=[True, False, True])
    best = best.drop_duplicates("key")
    entities = pd.DataFrame(
        {
            "entityId": ("tag:" + best["key"]).to_numpy(),
            "name": best["name"].to_numpy(),
            "labels": [["Tag"] for _ in range(len(best))],
        }
    )
    edges = pd.DataFrame(
        {
            "start": frame["itemId"],
            "end": "tag:" + frame["key"],
            "timestamp": frame["timestamp"],
            "userId": frame["userId"],
        }
    ).reset_index(drop=True)
    report = {
        "tags read": len(rows),
        "tags dropped: no text": int(empty.sum()),
        "tags dropped: given again by the same user": int(again.sum()),
        "users who tag": int(rows["userId"].nunique()),
    }
    return entities, edges, report
