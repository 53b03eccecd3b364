"""Rows that cannot be loaded: counted, kept in a file with line and reason, up to a limit."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from ...errors import InputError


@dataclass
class Rejects:
    """Takes rejected rows; with the default limit of 0 the first one stops the load.

    :param limit: how many rows may be rejected before the load stops.
    :param file: CSV with ``file, line, reason, row``, made at the first rejected row.
    """

    limit: int = 0
    file: Path | None = None
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        return self.counts.total()

    @property
    def listed_in(self) -> str | None:
        """The file with the rejected rows, for reports; None where there is none."""
        return str(self.file) if self.total and self.file else None

    def add(
        self,
        where: str,
        line: int,
        reason: str,
        row: str = "",
        kind: str = "",
        hint: str = "",
    ) -> None:
        """Reject one row.

        :param where: the file. :param line: its line there, from 1.
        :param reason: what is wrong, with the column where there is one.
        :param row: the text of the row.
        :param kind: what to count it under in the report; the reason by default.
        :param hint: another way out than to mend the row or leave it out.
        :raises InputError: when there are more than ``limit``.
        """
        self.counts[kind or reason] += 1
        if self.total > self.limit:
            raise InputError(f"{where}, line {line}: {reason}", f"{hint} {self._hint()}".lstrip())
        if self.file is not None:
            self._write(where, line, reason, row)

    def _hint(self) -> str:
        if self.limit == 0:
            return (
                "Mend this row, or let bad rows be left out and listed: --max-errors N. "
                "Nothing was written to the graph."
            )
        listed = f", the others are in {self.file}" if self.file else ""
        return f"More than {self.limit} rows are bad{listed}. Nothing was written to the graph."

    def _write(self, where: str, line: int, reason: str, row: str) -> None:
        assert self.file is not None
        first = self.total == 1
        try:
            with self.file.open("w" if first else "a", newline="", encoding="utf-8") as file:
                writer = csv.writer(file)
                if first:
                    writer.writerow(["file", "line", "reason", "row"])
                writer.writerow([where, line, reason, row])
        except OSError as error:  # while a data file is read, it would seem to be that file's
            raise InputError(
                f"cannot write the rejected rows to {self.file}: {error.strerror or error}",
                "Name another file: --rejected FILE. Nothing was written to the graph.",
            ) from None
