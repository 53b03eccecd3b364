"""The one writer of batches: in parallel, each batch in one transaction, with retries.

:func:`write_parallel` runs any batches; the loader gives it those of its own ledger
(:mod:`reelgraph.loader.engine.ledger`), with the entry in the same transaction.
:func:`write_batches` is for relationships, cut by :mod:`.columns`, and for values of users or
other nodes, cut by :func:`batches`: there a batch is the ids of one hash bucket, so that its key
does not shift when a table grows. Either way writers in parallel never lock each other's start
nodes. With a ledger, the batch's transaction also writes a ``__Load`` node with (ledger, batch
key, checksum), so that a batch is either there with its mark or not at all, and a second run
skips it.
"""

from __future__ import annotations

import hashlib
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
import pandas as pd

from ..progress import ProgressBar
from .connection import Counters, GraphLike, Transaction
from .values import to_bytes, to_list

Progress = Callable[[int], object]


@dataclass(frozen=True)
class Batch:
    """The rows of one hash bucket of users.

    ``groups`` holds one dictionary per user: the user's id under ``userId`` and one list per
    column. ``checksum`` tells whether the same rows were written before; ``rows`` counts
    them for the progress display.
    """

    key: int
    groups: list[dict[str, Any]]
    checksum: str
    rows: int = 0

    @property
    def parameters(self) -> Mapping[str, Any]:
        return {"groups": self.groups}


class Sized(Protocol):
    """A batch tells how many rows it has."""

    @property
    def rows(self) -> int: ...


class Marked(Sized, Protocol):
    """A batch that a ledger can tell from others, and what its statement gets."""

    @property
    def key(self) -> int: ...

    @property
    def checksum(self) -> str: ...

    @property
    def parameters(self) -> Mapping[str, Any]: ...


def bucket_of(user: Any, buckets: int) -> int:
    """The bucket of a user id: stable over runs, machines and files."""
    return zlib.crc32(str(user).encode()) % buckets


def batches(
    frame: pd.DataFrame,
    user_column: str,
    columns: Mapping[str, str],
    buckets: int = 64,
    group_key: str = "userId",
) -> Iterator[Batch]:
    """Cut rows into batches, one non-empty bucket of users each, in the order of the keys.

    Rows keep their order inside a user. Users are in the order of their ids. Missing
    values become ``None``, which Neo4j stores as an absent property.

    :param columns: the name inside a group, such as ``ratings``, for each column to send.
    :param buckets: keep it the same for one ledger, else every batch is written again.
    """
    codes, users = pd.factorize(frame[user_column], sort=True)
    bucket_by_code = np.array([bucket_of(user, buckets) for user in users], dtype=np.int64)
    bucket_by_row = bucket_by_code[codes]
    order = np.lexsort((codes, bucket_by_row))  # stable: bucket, then user, then row order
    names = users.tolist()
    codes, bucket_by_row = codes[order], bucket_by_row[order]
    edges = np.flatnonzero(np.diff(bucket_by_row)) + 1
    for rows in np.split(np.arange(len(order)), edges):
        if len(rows):
            part = frame.iloc[order[rows]]
            owners = [names[code] for code in codes[rows]]
            yield _batch(int(bucket_by_row[rows[0]]), part, owners, columns, group_key)


def _batch(
    key: int, part: pd.DataFrame, owners: list[Any], columns: Mapping[str, str], group_key: str
) -> Batch:
    starts = [n for n, owner in enumerate(owners) if n == 0 or owner != owners[n - 1]]
    ends = [*starts[1:], len(owners)]
    users = [owners[start] for start in starts]
    lists = {name: to_list(part[column]) for name, column in columns.items()}
    groups = [
        {group_key: user, **{name: values[start:end] for name, values in lists.items()}}
        for user, start, end in zip(users, starts, ends, strict=True)
    ]
    sha = hashlib.sha256(repr((users, ends)).encode())
    for name, column in columns.items():
        sha.update(name.encode())
        sha.update(to_bytes(part[column], lists[name]))
    return Batch(key, groups, sha.hexdigest()[:16], len(part))


def write_batches(
    graph: GraphLike,
    statement_id: str,
    batches: Iterable[Marked],
    *,
    ledger: str | None,
    threads: int = 4,
    progress: Progress | None = None,
    **parameters: Any,
) -> Counters:
    """Write batches in parallel, each in one transaction with its mark in the ledger.

    The statement takes the batch's parameters and ``parameters``. A batch whose mark has
    the same checksum is skipped; one whose mark has another checksum is written again, so
    the statement has to allow that. On Ctrl-C and on an error the running batches end,
    no other one starts, and a later call goes on where this one stopped.

    :param ledger: name of the load; ``None`` for statements that may be repeated freely.
    :param progress: called with the number of rows done, from several threads.
    :return: what the statements changed, without the marks.
    """

    def supply() -> Iterator[Marked]:
        for batch in batches:
            if written.get(batch.key) != batch.checksum:
                yield batch
            elif progress:
                progress(batch.rows)

    def transaction(tx: Transaction, batch: Marked) -> Counters | None:
        if ledger is not None:
            mark = {"ledger": ledger, "batch": batch.key, "checksum": batch.checksum}
            claim = tx.run("load/claim_batch", **mark).single()
            if claim and not claim["fresh"]:
                return None
        return tx.run(statement_id, **batch.parameters, **parameters).counters

    written: dict[int, str] = {}
    if ledger is not None:
        rows = graph.run("load/read_ledger", ledger=ledger).rows
        written = {row["batch"]: row["checksum"] for row in rows}
    return write_parallel(graph, supply(), transaction, threads, progress).counters


SizedT = TypeVar("SizedT", bound=Sized)


@dataclass
class Written:
    """What was changed, and how many transactions the driver ran more than once."""

    counters: Counters = field(default_factory=Counters)
    retried: int = 0


def write_parallel(
    graph: GraphLike,
    supply: Iterator[SizedT],
    transaction: Callable[[Transaction, SizedT], Counters | None],
    threads: int = 4,
    progress: Progress | None = None,
) -> Written:
    """Run one transaction for each batch, in parallel; the driver repeats those that lose.

    On Ctrl-C and on an error the running transactions end and no other one starts.

    :param transaction: writes a batch and tells what it changed; None when it was written
        before.
    """
    work = _Work(graph, supply, transaction, progress)
    with ThreadPoolExecutor(max_workers=threads, thread_name_prefix="writer") as pool:
        running = [pool.submit(work.drain) for _ in range(threads)]
        try:
            wait(running, return_when=FIRST_EXCEPTION)
        finally:  # also on KeyboardInterrupt; leaving the pool waits for running batches
            work.stop.set()
    for future in running:
        future.result()
    return work.written


@dataclass
class _Work(Generic[SizedT]):
    """What the writer threads share: the supply of batches, the counters, the stop sign."""

    graph: GraphLike
    supply: Iterator[SizedT]
    transaction: Callable[[Transaction, SizedT], Counters | None]
    progress: Progress | None
    written: Written = field(default_factory=Written)
    stop: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def drain(self) -> None:
        """Write batches until there are none, another thread failed, or the user stops."""
        try:
            while not self.stop.is_set():
                with self.lock:
                    batch = next(self.supply, None)
                if batch is None:
                    return
                self._write(batch)
        except BaseException:
            self.stop.set()
            raise

    def _write(self, batch: SizedT) -> None:
        attempts = count()

        def attempt(tx: Transaction) -> Counters | None:
            next(attempts)
            return self.transaction(tx, batch)

        counters = self.graph.transact(attempt)
        with self.lock:
            self.written.retried += next(attempts) > 1
            if counters:
                self.written.counters += counters
            if self.progress:
                self.progress(batch.rows)


def progress_bar(total: int, description: str, show: bool = True) -> ProgressBar:
    """A bar on stderr that counts rows; hand its ``update`` to :func:`write_batches`."""
    return ProgressBar(
        total=total, desc=description, unit=" rows", unit_scale=True, disable=not show
    )
