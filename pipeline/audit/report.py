"""What an audit found, row by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

Result = Literal["pass", "fail", "warning", "not applicable"]


@dataclass(frozen=True)
class Row:
    """One thing that was checked: ``check`` is its number, ``evidence`` says what was seen."""

    check: int
    what: str
    result: Result
    evidence: str


@dataclass(frozen=True)
class AuditReport:
    """All rows. ``label`` is the protocol's own label, which stands beside every figure."""

    rows: tuple[Row, ...]
    full: bool = False
    label: str = ""

    @property
    def passed(self) -> bool:
        """No row failed; a warning is not a failure."""
        return not self.failed

    @property
    def failed(self) -> list[Row]:
        return [row for row in self.rows if row.result == "fail"]

    def joined(self, earlier: Mapping[str, Any], inputs: str) -> AuditReport:
        """This report with what only an earlier ``full`` audit of the same inputs has looked at.

        So that a cheaper audit does not take back what an expensive one found.

        :param earlier: the record that the run's manifest has so far; may be empty.
        :param inputs: digest of what was audited now.
        """
        if self.full or not earlier.get("full") or earlier.get("inputs") != inputs:
            return self
        seen = {(row.check, row.what) for row in self.rows}
        before = [Row(**one) for one in earlier["checks"]]
        kept = [row for row in before if (row.check, row.what) not in seen]
        rows = sorted([*self.rows, *kept], key=lambda row: row.check)
        return replace(self, rows=tuple(rows), full=True)

    def record(self, inputs: str) -> dict[str, Any]:
        """The audit as the run's manifest keeps it.

        :param inputs: digest of what was audited, so that it is done once.
        """
        return {
            "passed": self.passed,
            "full": self.full,
            "label": self.label,
            "inputs": inputs,
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "checks": [vars(row) for row in self.rows],
        }


def row(check: int, what: str, good: bool, evidence: str) -> Row:
    """A row that passed or failed."""
    return Row(check, what, "pass" if good else "fail", evidence)


def absent(check: int, what: str, why: str) -> Row:
    """A row that is not applicable."""
    return Row(check, what, "not applicable", why)


def some(names: Sequence[object], most: int = 5) -> str:
    """The first of many names, and how many there are beside them."""
    shown = ", ".join(str(name) for name in names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown
