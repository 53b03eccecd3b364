"""Suppliers of knowledge: embeddings, triples, paths, adjacency."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from scipy import sparse

from ...artifacts import SHUFFLED, DatasetFolder, JobRecord, read_parquet
from ...errors import ArtifactError
from ..data import FloatArray, IntArray
from ..dataset import read_vectors
from ..knowledge.shuffle import SHUFFLE_SEED, shuffle_triples
from ..needs import AdjacencyNeed, EmbeddingNeed, Paths, PathsNeed, TriplesNeed
from ..triples import Triples, triples_from_frame
from .base import AbsentError, Place, Supplier

_NO_TRIPLES = "no knowledge triples"


class EmbeddingSupplier(Supplier[EmbeddingNeed, FloatArray]):
    """Vectors that a job made on the split, in the catalogue's order."""

    need = EmbeddingNeed

    def reads_knowledge(self, need: EmbeddingNeed) -> bool:
        return True

    def jobs(self, need: EmbeddingNeed) -> Mapping[str, Mapping[str, object]]:
        return {need.job: {}}

    def read(self, need: EmbeddingNeed, place: Place) -> FloatArray:
        return read_vectors(place.split, need.job, place.shuffled, place.catalogue.item_ids)


class TriplesSupplier(Supplier[TriplesNeed, Triples]):
    """The data set's triples, or the shuffled ones."""

    need = TriplesNeed

    def reads_knowledge(self, need: TriplesNeed) -> bool:
        return True

    def read(self, need: TriplesNeed, place: Place) -> Triples:
        frame = knowledge_triples(place)
        if frame.empty:
            raise AbsentError(_NO_TRIPLES)
        entities = len(read_parquet(place.split.dataset.entities))
        return triples_from_frame(frame, len(place.catalogue) + entities)


class PathsSupplier(Supplier[PathsNeed, Paths]):
    """Paths of the job ``paths`` for the pairs of train."""

    need = PathsNeed
    job: ClassVar[str] = "paths"

    def reads_knowledge(self, need: PathsNeed) -> bool:
        return True

    def jobs(self, need: PathsNeed) -> Mapping[str, Mapping[str, object]]:
        sampled = {"negatives": need.negatives} if need.negatives else {}
        return {self.job: {"lengths": list(need.lengths), **sampled}}

    def read(self, need: PathsNeed, place: Place) -> Paths:
        name = f"{self.job}{SHUFFLED}" if place.shuffled else self.job
        file = place.split.output("paths", name)
        chosen = (
            f"--set lengths={','.join(map(str, need.lengths))} --set negatives={need.negatives}"
        )
        shuffled = " --shuffled" * place.shuffled
        hint = f"Make them: reelgraph gds run {self.job} {chosen}{shuffled}"
        if not file.is_file():
            raise ArtifactError(f"the paths of job '{name}' are missing: {file}", hint)
        record = place.split.manifest().jobs.get(name)
        if record is not None and _asked(record) != (need.lengths, need.negatives):
            raise ArtifactError(f"{file} has other paths than the {need}", hint)
        names = (pq.read_schema(file).metadata or {}).get(b"relations", b"[]")
        return Paths(read_parquet(file), tuple(json.loads(names)))


class AdjacencySupplier(Supplier[AdjacencyNeed, sparse.csr_array]):
    """Train rows and triples as a symmetric matrix over the data set's nodes."""

    need = AdjacencyNeed

    def reads_knowledge(self, need: AdjacencyNeed) -> bool:
        return need.edges != "train"

    def read(self, need: AdjacencyNeed, place: Place) -> sparse.csr_array:
        dataset = place.split.dataset
        ends = []
        if need.edges != "knowledge":
            ends.append(_train_ends(place))
        if need.edges != "train":
            triples = knowledge_triples(place)
            if triples.empty:
                raise AbsentError(_NO_TRIPLES)
            ends.append(triples[["head", "tail"]].to_numpy(np.int64))
        return _symmetric(np.concatenate(ends), _nodes(dataset))


def _asked(record: JobRecord) -> tuple[tuple[object, ...], object]:
    """Lengths and negatives that a job found paths for."""
    lengths = record.config.get("lengths")
    listed = tuple(lengths) if isinstance(lengths, list) else ()
    return listed, record.config.get("negatives", 0)


def knowledge_triples(place: Place) -> pd.DataFrame:
    """``head, relation, tail`` of the data set, or of its shuffled graph."""
    frame = read_parquet(place.split.dataset.triples)
    return shuffle_triples(frame, SHUFFLE_SEED) if place.shuffled else frame


def _nodes(dataset: DatasetFolder) -> int:
    tables = (dataset.items, dataset.entities, dataset.users)
    return sum(len(read_parquet(table)) for table in tables)


def _train_ends(place: Place) -> IntArray:
    """``(rows, 2)``: user and item of each train row, as nodes of the data set."""
    dataset, rows = place.split.dataset, read_parquet(place.split.split)
    train = rows[rows["fold"] == "train"]
    ends = []
    for column, table, key in (
        ("user", dataset.users, "userId"),
        ("item", dataset.items, "itemId"),
    ):
        nodes = read_parquet(table).set_index(key)["index"]
        ends.append(nodes.loc[train[column]].to_numpy(np.int64))
    return np.stack(ends, axis=1)


def _symmetric(ends: IntArray, nodes: int) -> sparse.csr_array:
    """Ones at both (a, b) and (b, a), none on the diagonal."""
    ends = ends[ends[:, 0] != ends[:, 1]]
    row, column = np.concatenate([ends, ends[:, ::-1]]).T
    ones = np.ones(len(row), np.float32)
    found = sparse.coo_array((ones, (row, column)), shape=(nodes, nodes)).tocsr()
    found.data[:] = 1  # what is joined twice is joined
    found.sort_indices()
    return found
