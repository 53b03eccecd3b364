"""The export: the graph's users, items, entities, interactions and triples as Parquet files."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from ..artifacts import (
    MANIFEST,
    SCHEMA_VERSION,
    DatasetFolder,
    digest,
    frame_digest,
    write_manifest,
    write_parquet,
)
from ..errors import InputError
from ..graph.connection import GraphLike
from .histories import read_interactions
from .reading import Facts, count_events, read_facts, read_nodes, read_triples

_TABLES = ("interactions", "users", "items", "entities", "triples")


@dataclass(frozen=True)
class _Content:
    """The tables of a data set, by file name, and what the graph says about itself.

    ``events`` counts the relationships that are no triples because they have a timestamp.
    """

    facts: Facts
    tables: Mapping[str, pd.DataFrame]
    events: Mapping[str, int]

    def fingerprint(self) -> str:
        """Digest of what the files say, the same for the same graph on any machine."""
        about: list[Any] = [SCHEMA_VERSION, self.facts.id_space, self.facts.interaction_type]
        if self.events:
            about.append(self.events)
        return digest([*about, frame_digest(*(self.tables[name] for name in _TABLES))], 16)

    def manifest(self, fingerprint: str) -> dict[str, Any]:
        interactions, triples = self.tables["interactions"], self.tables["triples"]
        relations = triples["relation"].value_counts().sort_index()
        return {
            "fingerprint": fingerprint,
            "name": self.facts.name,
            "idSpace": self.facts.id_space,
            "interactionType": self.facts.interaction_type,
            "userIdType": _id_type(self.tables["users"]["userId"]),
            "itemIdType": _id_type(self.tables["items"]["itemId"]),
            "ratings": "rating" in interactions,
            "timestamps": "timestamp" in interactions,
            "counts": {name: len(self.tables[name]) for name in _TABLES},
            "relationTypes": {str(name): int(count) for name, count in relations.items()},
            "eventTypesLeftOut": dict(self.events),
            "createdAt": datetime.now(UTC).isoformat(timespec="seconds"),
        }


def export_dataset(graph: GraphLike, datasets_dir: Path, progress: bool = True) -> DatasetFolder:
    """Write the graph's content to ``datasets_dir/<fingerprint>`` and return that folder.

    The same graph gives the same fingerprint and the same bytes; a complete folder with
    that fingerprint is used as it is, with its splits. Results of runs (``RECOMMENDED``,
    vectors, …) are not part of the content.

    :raises InputError: when the graph has no users, items or interactions, an id is
        missing, or rows have no ``seq``; says what to do.
    :raises DatabaseError: when the server fails or the graph changes while it is read.
    """
    content = _read(graph, progress)
    fingerprint = content.fingerprint()
    folder = DatasetFolder(datasets_dir / fingerprint)
    if not (folder.path / MANIFEST).is_file():
        _write(folder, content)
    folder.manifest()  # refuses another schema version
    return folder


def _read(graph: GraphLike, progress: bool) -> _Content:
    facts = read_facts(graph)
    for role in ("users", "items"):
        if not facts.counts[role]:
            raise InputError(
                f"the graph has no {role}: no node has the label {role[:-1].title()}",
                "Load a data set first: reelgraph load ml-100k",
            )
    users = read_nodes(graph, "users", "userId", "User").drop(columns="labels")
    items = _named(read_nodes(graph, "items", "itemId", "Item"), "itemId", "title")
    entities = _named(read_nodes(graph, "entities", "entityId", "Entity"), "entityId", "name")
    tables = _indexed({"items": items, "entities": entities, "users": users})
    tables["interactions"] = read_interactions(graph, facts, users, items, progress)
    tables["triples"] = read_triples(graph, facts, tables["items"], tables["entities"])
    return _Content(facts, tables, count_events(graph, facts))


def _named(frame: pd.DataFrame, key: str, name: str) -> pd.DataFrame:
    """With ``name`` (title or name) behind the id; the other one or the id where it is missing."""
    sources = [column for column in (name, "title", "name", key) if column in frame]
    readable = frame[sources[0]].astype("str")
    for source in sources[1:]:
        readable = readable.fillna(frame[source].astype("str"))
    frame = frame.assign(**{name: readable})
    first = [key, name, *(["year"] if "year" in frame else []), "labels"]
    return frame[[*first, *(column for column in frame if column not in first)]]


def _indexed(frames: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Each frame with ``index`` behind its id: one index space, in the order given."""
    start = 0
    indexed = {}
    for role, frame in frames.items():
        index = pd.RangeIndex(start, start + len(frame)).astype("int32")
        other = frame.drop(columns="index", errors="ignore")  # a property of that name gives way
        other.insert(1, "index", index)
        indexed[role] = other
        start += len(frame)
    return indexed


def _write(folder: DatasetFolder, content: _Content) -> None:
    """All files into a folder of a temporary name, then renamed."""
    temporary = folder.path.with_name(f".{folder.fingerprint}.{os.getpid()}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    try:
        for name in _TABLES:
            write_parquet(temporary / f"{name}.parquet", content.tables[name])
        write_manifest(temporary, content.manifest(folder.fingerprint))
        if folder.path.exists() and not (folder.path / MANIFEST).is_file():
            shutil.rmtree(folder.path)  # what an interrupted copy left
        temporary.rename(folder.path)
    except OSError:
        if not (folder.path / MANIFEST).is_file():  # else another process was quicker
            raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _id_type(ids: pd.Series[Any]) -> str:
    return "INTEGER" if pd.api.types.is_integer_dtype(ids) else "STRING"
