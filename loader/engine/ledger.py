"""What was written, key by key: a later load writes only keys whose rows have changed.

A ledger is a set of ``__Load`` nodes, one for each transaction that wrote a batch, made in
that very transaction. It holds the keys of the batch (ids of users, nodes, or nodes at
which edges start) and a 64-bit digest of the rows of each. Of two batches with the same
key the later one counts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from ...graph.connection import Counters, GraphLike, Transaction
from ...graph.unfinished import lost_lock
from ...graph.writer import Progress, Written, write_parallel
from .digests import Hashes

T = TypeVar("T")


@dataclass(frozen=True)
class Keyed(Generic[T]):
    """Rows that are written in one transaction: all those of some keys."""

    keys: list[Any]
    digests: Hashes
    rows: int
    content: T


@dataclass(frozen=True)
class _Numbered(Generic[T]):
    number: int
    batch: Keyed[T]

    @property
    def rows(self) -> int:
        return self.batch.rows


@dataclass
class Ledger:
    """One ledger, as it was when the load began; ``owner`` is the holder of the loader's lock.

    ``changed`` has to be called once, before ``write``.
    """

    graph: GraphLike
    name: str
    owner: str
    _next: int = 0
    _batches: dict[int, npt.NDArray[np.int64]] = field(default_factory=dict)
    _latest: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))

    def changed(self, keys: pd.Series[Any], digests: Hashes) -> npt.NDArray[np.bool_]:
        """For each key whether it was never written, or with another digest."""
        index = pd.Index(keys)
        recorded = np.zeros(len(index), dtype=np.uint64)
        self._latest = np.full(len(index), -1)
        for row in self.graph.stream("load/read_keys", ledger=self.name):
            places = index.get_indexer(pd.Index(row["keys"]))
            known = places >= 0
            values = np.array(row["digests"], dtype=np.int64).view(np.uint64)
            recorded[places[known]] = values[known]
            self._latest[places[known]] = row["batch"]
            self._batches[row["batch"]] = places
            self._next = row["batch"] + 1
        found: npt.NDArray[np.bool_] = (self._latest < 0) | (recorded != digests)
        return found

    def write(
        self,
        batches: Iterable[Keyed[T]],
        transaction: Callable[[Transaction, T], Counters],
        threads: int = 1,
        progress: Progress | None = None,
    ) -> Written:
        """Write each batch in one transaction with its entry in the ledger.

        A transaction that the driver repeats because it could not see whether it had
        committed finds its own entry and writes nothing.

        :raises DatabaseError: when another loader has taken the lock.
        """

        def work(tx: Transaction, numbered: _Numbered[T]) -> Counters | None:
            if not self._claim(tx, numbered):
                return None
            return transaction(tx, numbered.batch.content)

        return write_parallel(self.graph, self._numbered(batches), work, threads, progress)

    def forget_superseded(self, changed: npt.NDArray[np.bool_]) -> None:
        """Remove the entries of which every key was written again in this load."""
        self._latest[changed] = self._next
        gone = [
            number
            for number, places in self._batches.items()
            if (places >= 0).all() and (self._latest[places] != number).all()
        ]
        if gone:
            self.graph.run("load/delete_batches", ledger=self.name, batches=gone)

    def _numbered(self, batches: Iterable[Keyed[T]]) -> Iterator[_Numbered[T]]:
        for batch in batches:
            yield _Numbered(self._next, batch)
            self._next += 1

    def _claim(self, tx: Transaction, numbered: _Numbered[Any]) -> bool:
        batch = numbered.batch
        digests = batch.digests.view(np.int64).tolist()
        content = hashlib.sha256(repr((batch.keys, digests)).encode()).hexdigest()[:16]
        claim = tx.run(
            "load/claim_keys",
            owner=self.owner,
            ledger=self.name,
            batch=numbered.number,
            checksum=content,
            keys=batch.keys,
            digests=digests,
        ).single()
        if claim is None or not claim["same"]:
            raise lost_lock()
        return bool(claim["fresh"])
