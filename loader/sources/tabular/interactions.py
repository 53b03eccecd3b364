"""The interactions of a mapping, chunk by chunk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from ...reading.rejects import Rejects
from ...reading.textfile import Kind
from ...reading.times import Times
from .datafile import DataFile
from .mapping import InteractionKeys
from .nodes import with_ids, with_whole_ids
from .times import kinds_of, read_times, time_kind


@dataclass(frozen=True)
class Stream:
    """Reads the rows anew each time; ``report`` counts what was changed in them.

    ``whole_users`` and ``whole_items`` say that these ids are whole numbers.
    """

    keys: InteractionKeys
    file: DataFile
    whole_users: bool
    whole_items: bool
    report: Counter[str]

    def chunks(self, rejects: Rejects) -> Iterator[pd.DataFrame]:
        """``userId, itemId, line`` and what the mapping names of ``rating, timestamp``, with the
        ``nanoseconds`` behind it.

        A row without an id, or with one that is not whole where ids are numbers, or with a
        time that cannot be read, is rejected.
        """
        keys, times = self.keys, time_kind(self.file, self.keys)
        kinds: dict[str, Kind] = {keys.user: "text", keys.item: "text"}
        if keys.rating is not None:
            kinds[keys.rating] = "number"
        kinds |= kinds_of(keys, times)
        counts: Counter[str] = Counter()
        for chunk in self.file.chunks(kinds, rejects, counts):
            rows = self._canonical(chunk, times, rejects)
            if times is not None and times.unit not in (None, "seconds"):
                counts[f"timestamps in {times.unit}, loaded as seconds"] += len(rows)
            yield rows
        self.report.update(+counts)

    @property
    def names(self) -> dict[str, str]:
        """The file's columns by the names that they get."""
        keys = self.keys
        named = {
            "userId": keys.user,
            "itemId": keys.item,
            "rating": keys.rating,
            "timestamp": keys.timestamp,
        }
        return {name: column for name, column in named.items() if column is not None}

    def _canonical(
        self, chunk: pd.DataFrame, times: Times | None, rejects: Rejects
    ) -> pd.DataFrame:
        keys = self.keys
        for name, whole in ((keys.user, self.whole_users), (keys.item, self.whole_items)):
            chunk = with_ids(self.file, chunk, name, rejects)
            if whole:
                chunk = with_whole_ids(self.file, chunk, name, rejects)
        if times is not None and keys.timestamp is not None:
            any_time = "" if keys.any_time else "any_time = true"
            chunk = read_times(self.file.where, chunk, keys.timestamp, times, rejects, any_time)
        names = {column: name for name, column in self.names.items() if name != "timestamp"}
        return chunk.rename(columns=names).reset_index(drop=True)
