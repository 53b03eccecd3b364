"""The graph job that finds paths for many pairs, in parts that survive an interruption."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import Field, field_validator, model_validator

from ...artifacts import Edges, SplitFolder, digest, frame_digest, read_parquet, write_arrow
from ...errors import InputError
from ...progress import ProgressBar
from ..base import FileJob, FileWork, JobOutput, Kind
from ..config import EdgesConfig, SeededConfig
from ..ranges import Ints
from ..split_graph import SplitGraph
from .events import FOLDS, Events, read_events, read_pairs, targets, with_negatives
from .lengths import MOST, find_lengths, most_paths, pieces
from .network import Network, build_network, vocabulary
from .search import Search
from .table import path_table, schema

_PAIRS = 4096  # pairs of a part
_FAN_OUT: dict[int, int | None] = {3: None, 5: 24, 7: 5}

Length = Literal[3, 5, 7]


class PathsConfig(EdgesConfig, SeededConfig):
    """Parameters of the search for paths."""

    edges: Edges = Field(
        "both",
        description="edges behind the user's own rating: knowledge, train (ratings of others), "
        "or both",
    )
    pairs: str = Field(
        "train",
        description="pairs to find paths for: train, valid or test events, or a Parquet file "
        "with the columns user and item",
    )
    lengths: tuple[Length, ...] = Field(
        (3,), min_length=1, description="edges of a path: 3, 5, 7, or several, such as 3,5"
    )
    per_pair: int | None = Field(
        5,
        ge=1,
        description="paths per pair, at most; longer ones only fill up what shorter ones "
        "leave free, because they carry more noise ([RKAN], figure 3); null: all",
    )
    spread: bool = Field(
        True,
        description="of one length, take the best path of each history item before any second "
        "best; else all paths of the most recent item come first",
    )
    fan_out: int | None = Field(
        None,
        ge=1,
        description="edges tried at a node: so many of knowledge, the rarest neighbours, and so "
        "many ratings, the most recent before the event; default: all for length 3, 24 for 5, "
        "5 for 7. It makes paths a sample: of the five best of length 5 of 25 pairs of ML-100K, 12 "
        "found 21 %, 24 found 46 %, and 48, more than ten times as slow, 84 %; for 7 this was not "
        "measured",
    )

    negatives: int = Field(
        0,
        ge=0,
        description="items drawn per train event that the user has no train event with, for models "
        "that tell pairs apart; their paths are older than that event",
    )

    @model_validator(mode="after")
    def _of_train(self) -> Self:
        if self.negatives and self.pairs != "train":
            raise ValueError("negatives are drawn for the pairs of train")
        return self

    @field_validator("lengths", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        parts = value.split(",") if isinstance(value, str) else value
        parts = [parts] if isinstance(parts, int) else parts
        if not isinstance(parts, (list, tuple)):
            return parts
        return [int(part) if str(part).strip().isdecimal() else part for part in parts]

    @field_validator("lengths")
    @classmethod
    def _rising(cls, value: tuple[Length, ...]) -> tuple[Length, ...]:
        return tuple(sorted(set(value)))

    def searches(self) -> list[Search]:
        """One for each length, the shortest first."""
        return [
            Search(length, self.per_pair, self.spread, self.fan_out or _FAN_OUT[length])
            for length in self.lengths
        ]


class PathsJob(FileJob):
    """Paths between users and items for path models and explainers.

    A path begins with a rating of the user that is older (by ``seq``) than the event of
    the pair and goes on over knowledge and over ratings of others with an earlier
    timestamp; of a data set without timestamps it takes no ratings of others. Only train
    rows are read, the event itself is never used, and no node comes twice. What is sampled
    beside an event has paths as of the same moment.

    Sun et al., Recurrent Knowledge Graph Embedding for Effective Recommendation (RKGE),
    RecSys 2018, https://doi.org/10.1145/3240323.3240361; lengths 3, 5, 7 as in [RKAN].
    """

    name: ClassVar[str] = "paths"
    description: ClassVar[str] = "paths from users to items over older ratings and knowledge"
    kind: ClassVar[Kind] = "paths"
    consumer: ClassVar[str] = "path models and explainers"
    cost: ClassVar[str] = (
        "half a minute for 72,000 pairs of length 3; 5 and 7 ten to fifteen times that"
    )
    config_class = PathsConfig
    config: PathsConfig

    def sees(self, split: SplitFolder, inputs: SplitGraph) -> str:
        """Nodes, knowledge, train rows with their order and times, and the pairs."""
        events = read_events(split)
        frames = [events.train, self._pairs(split, events)]
        return digest([_PAIRS, inputs.fingerprint(), *map(frame_digest, frames)])

    def compute(self, work: FileWork) -> JobOutput:
        """:raises InputError: when the file of pairs cannot be used, or a pair has too many
        paths; says why.
        """
        events = read_events(work.split)
        pairs = self._pairs(work.split, events)
        network = build_network(work.inputs, events.train, self.config.edges)
        parts = []
        bar = ProgressBar(total=len(pairs), desc="paths", unit=" pairs", disable=not work.progress)
        with bar:
            for first in range(0, len(pairs), _PAIRS):
                chunk = pairs.iloc[first : first + _PAIRS].reset_index(drop=True)
                part = work.scratch / f"{first // _PAIRS:06}.parquet"
                if not part.is_file():
                    self._write(part, network, chunk, work.inputs)
                parts.append(part)
                bar.update(len(chunk))
        with_path = sum(_pairs_in(part) for part in parts)
        facts = {
            "relations": vocabulary(network.types),
            "pairs": len(pairs),
            "pairsWithoutPath": len(pairs) - with_path,
            "sampled": int(pairs["sampled"].sum()),
        }
        reader = pa.RecordBatchReader.from_batches(schema(network, pairs), _batches(parts))
        return JobOutput(self.kind, reader, facts)

    def _write(self, part: Path, network: Network, pairs: pd.DataFrame, inputs: SplitGraph) -> None:
        batches = self._found(network, pairs, 2 * network.types.index(inputs.train_type))
        write_arrow(part, pa.RecordBatchReader.from_batches(schema(network, pairs), batches))

    def _found(self, network: Network, pairs: pd.DataFrame, rated: int) -> Iterator[pa.RecordBatch]:
        wanted, searches = targets(network, pairs), self.config.searches()
        most = most_paths(network, wanted, searches)
        _refuse_too_many(pairs, most)
        for piece in pieces(most):
            some = wanted.take(piece)
            found = find_lengths(network, some, searches)
            yield from path_table(network, pairs.iloc[piece], some, found, rated).to_batches()

    def _pairs(self, split: SplitFolder, events: Events) -> pd.DataFrame:
        config, name = self.config, self.config.pairs
        if config.negatives:
            items = read_parquet(split.dataset.items)
            return with_negatives(events.train, items, config.negatives, config.seed)
        pairs = events.fold(name) if name in FOLDS else read_pairs(split, events, Path(name))
        return pairs.assign(sampled=False)


def _refuse_too_many(pairs: pd.DataFrame, most: Ints) -> None:
    if not (most > MOST).any():
        return
    worst = int(np.argmax(most))
    pair = pairs.iloc[worst]
    raise InputError(
        f"user {pair['userId']} and item {pair['itemId']} are joined by up to {most[worst]:,} "
        f"paths, {MOST:,} can be put in order",
        "Set per_pair or a smaller fan_out, or ask for shorter paths.",
    )


def _batches(parts: list[Path]) -> Iterator[pa.RecordBatch]:
    for part in parts:
        with pq.ParquetFile(part) as file:
            yield from file.iter_batches()


def _pairs_in(part: Path) -> int:
    """Pairs of a part that have a path: each has one path of rank 1."""
    with pq.ParquetFile(part) as file:
        ranks = [batch["rank"].to_numpy() for batch in file.iter_batches(columns=["rank"])]
    return sum(int((rank == 1).sum()) for rank in ranks)
