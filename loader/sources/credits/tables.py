"""Credits as people and edges."""

from __future__ import annotations

import re
import unicodedata

import pandas as pd

from ...source import EdgeType
from .formats import CreditRows

EDGES = (
    EdgeType("ACTED_IN", "Person", "Movie", "Entity", "Item"),
    EdgeType("DIRECTED", "Person", "Movie", "Entity", "Item"),
    EdgeType("WROTE", "Person", "Movie", "Entity", "Item"),
)
LABELS = ("Person", "Actor", "Director", "Writer")
_TYPES = {"Actor": "ACTED_IN", "Director": "DIRECTED", "Writer": "WROTE"}
_JOB = re.compile(r"\s*\(.*")  # 'Nick Park (story by)', 'Lawrence Silk(co-director)'
_NOTHING = ("", "N/A")

Report = dict[str, int]


def tidy(text: str) -> str:
    """A name with single spaces, composed Unicode, and without the job in brackets."""
    return " ".join(unicodedata.normalize("NFC", _JOB.sub("", text)).split())


def credit_tables(rows: CreditRows) -> tuple[pd.DataFrame, dict[str, pd.DataFrame], Report]:
    """Entities (``entityId, name, labels``), edges by type (``start, end``), and counts.

    Persons of one name are one person: the files say no more about them.
    """
    frame = pd.DataFrame(
        {
            "movie": pd.Series([one.movie for one in rows.credits], dtype="int64"),
            "role": pd.Series([one.role for one in rows.credits], dtype="object"),
            "text": pd.Series([one.text for one in rows.credits], dtype="object"),
        }
    )
    names = {text: tidy(text) for text in set(frame["text"])}
    frame["name"] = frame["text"].map(names)
    frame = frame[~frame["name"].isin(_NOTHING)]
    without_job = frame["text"].map(lambda text: _JOB.sub("", text))
    report = {
        "rows read": len(rows.movies),
        "rows without credits": len(set(rows.movies) - set(frame["movie"])),
        **rows.mended,
        "names read": len(frame),
        "names with a job in brackets, taken off": int((without_job != frame["text"]).sum()),
        "names cleaned of spaces or Unicode forms": int((frame["name"] != without_job).sum()),
    }
    frame = frame.drop_duplicates(["movie", "role", "name"])
    report["names dropped: the same work for the same movie"] = report["names read"] - len(frame)
    frame["start"] = "person:" + frame["name"]
    edges = {
        _TYPES[role]: _edges(frame[frame["role"] == role])
        for role in ("Actor", "Director", "Writer")
    }
    return _people(frame), edges, report


def _edges(frame: pd.DataFrame) -> pd.DataFrame:
    edges = frame[["start", "movie"]].set_axis(["start", "end"], axis=1)
    return edges.sort_values(["start", "end"], ignore_index=True)


def _people(frame: pd.DataFrame) -> pd.DataFrame:
    roles = frame.groupby("start")["role"].agg(lambda held: ["Person", *sorted(set(held))])
    names = frame.drop_duplicates("start").set_index("start")["name"]
    return pd.DataFrame(
        {"entityId": roles.index, "name": names[roles.index].to_numpy(), "labels": roles.to_numpy()}
    )
