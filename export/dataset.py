"""The export: the graph's users, items, entities, interactions and triples as Parquet files."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from ..artifacts import (
    MANIFEST,
    SCHEMA_VERSION,
    DatasetCounts,
    DatasetFolder,
    DatasetManifest,
    IdType,
    digest,
    frame_digest,
    write_manifest,
    write_parquet,
)
from ..errors import InputError
from ..graph.connection import GraphLike
from ..graph.contents import DatasetFacts, read_facts
from ..graph.unfinished import check_finished
from .histories import read_histories
from .interactions import write_interactions
from .reading import count_events, read_nodes, read_triples

_ABANDONED = 24 * 3600  # seconds without a write after which an export was killed
_FRAMES = ("users", "items", "entities", "triples")


@dataclass(frozen=True)
class _Content:
    """What a data set consists of, and what the graph says about itself.

    ``interactions`` is their file, ``frames`` are the other tables by name; ``events``
    counts the relationships that are not triples because they have a timestamp.
    """

    facts: DatasetFacts
    interactions: Path
    frames: Mapping[str, pd.DataFrame]
    events: Mapping[str, int]

    def fingerprint(self) -> str:
        """Digest of what the files say, the same for the same graph on any machine."""
        facts = (self.facts.id_space, self.facts.interaction_type)
        frames = (self.frames[name] for name in _FRAMES)
        return _fingerprint(facts, self.events, frame_digest(self.interactions, *frames))

    def manifest(self, fingerprint: str) -> DatasetManifest:
        interactions = pq.read_metadata(self.interactions)
        columns = interactions.schema.names
        relations = self.frames["triples"]["relation"].value_counts().sort_index()
        counts = {name: len(self.frames[name]) for name in _FRAMES}
        return DatasetManifest(
            fingerprint=fingerprint,
            name=self.facts.name,
            id_space=self.facts.id_space,
            interaction_type=self.facts.interaction_type,
            user_id_type=_id_type(self.frames["users"]["userId"]),
            item_id_type=_id_type(self.frames["items"]["itemId"]),
            ratings="rating" in columns,
            timestamps="timestamp" in columns,
            counts=DatasetCounts(interactions=interactions.num_rows, **counts),
            relation_types={str(name): int(count) for name, count in relations.items()},
            event_types_left_out=dict(self.events),
            created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        )


def export_dataset(graph: GraphLike, datasets_dir: Path, progress: bool = True) -> DatasetFolder:
    """Write the graph's content to ``datasets_dir/<fingerprint>`` and return that folder.

    The same graph gives the same fingerprint and the same bytes; a complete folder with
    that fingerprint is used as it is, with its splits. Results of runs (``RECOMMENDED``,
    vectors, …) are not part of the content. Interactions are written while they are read,
    so memory grows with the number of nodes and triples, but not with theirs; all goes into
    a hidden folder in ``datasets_dir`` first.

    :raises InputError: when the graph is half loaded, half emptied or half adopted, has no
        users, items or interactions, an id is missing, or rows have no ``seq``; says what to
        do.
    :raises DatabaseError: when the server fails or the graph changes while it is read.
    """
    temporary = datasets_dir / f".export.{os.getpid()}.tmp"
    shutil.rmtree(temporary, ignore_errors=True)
    _remove_abandoned(datasets_dir)
    try:
        content = _read(graph, temporary, progress)
        folder = DatasetFolder(datasets_dir / content.fingerprint())
        if not (folder.path / MANIFEST).is_file():
            _write(folder, temporary, content)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    folder.manifest()  # refuses what this version does not understand
    return folder


def content_fingerprint(dataset: DatasetFolder) -> str:
    """The fingerprint of what the files of a data set say now.

    It is the folder's name unless they were changed since the export.

    :raises ArtifactError: when a file is missing or damaged.
    """
    manifest = dataset.manifest()
    facts = (manifest.id_space, manifest.interaction_type)
    tables = [dataset.path / f"{name}.parquet" for name in _FRAMES]
    content = frame_digest(dataset.interactions, *tables)
    return _fingerprint(facts, manifest.event_types_left_out, content)


def _fingerprint(facts: tuple[str | None, str], events: Mapping[str, int], content: str) -> str:
    about: list[Any] = [SCHEMA_VERSION, *facts]
    if events:
        about.append(dict(events))
    return digest([*about, content], 16)


def _remove_abandoned(datasets_dir: Path) -> None:
    """What killed exports left; by age, as others may run on machines that share the folder."""
    for folder in datasets_dir.glob(".export.*.tmp"):
        with suppress(FileNotFoundError):  # another export has just ended
            written = max(path.stat().st_mtime for path in (folder, *folder.rglob("*")))
            if time.time() - written > _ABANDONED:
                shutil.rmtree(folder, ignore_errors=True)


def _read(graph: GraphLike, temporary: Path, progress: bool) -> _Content:
    """The content, of which the interactions are in ``temporary`` already."""
    check_finished(graph)
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
    frames = _indexed({"items": items, "entities": entities, "users": users})
    interactions = DatasetFolder(temporary).interactions
    write_interactions(interactions, read_histories(graph, facts, users, items, progress))
    frames["triples"] = read_triples(graph, facts, frames["items"], frames["entities"])
    content = _Content(facts, interactions, frames, count_events(graph, facts))
    check_finished(graph)  # a load may have begun meanwhile
    return content


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


def _write(folder: DatasetFolder, temporary: Path, content: _Content) -> None:
    """The other files beside the interactions; the folder then gets its name."""
    for name, frame in content.frames.items():
        write_parquet(temporary / f"{name}.parquet", frame)
    write_manifest(temporary, content.manifest(folder.fingerprint))
    try:
        if folder.path.exists() and not (folder.path / MANIFEST).is_file():
            shutil.rmtree(folder.path)  # what an interrupted copy left
        temporary.rename(folder.path)
    except OSError:
        if not (folder.path / MANIFEST).is_file():  # else another process was quicker
            raise


def _id_type(ids: pd.Series[Any]) -> IdType:
    return "INTEGER" if pd.api.types.is_integer_dtype(ids) else "STRING"
