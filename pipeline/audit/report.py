"""What an audit found, row by row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ...artifacts import AuditRecord, AuditResult, AuditRow


@dataclass(frozen=True)
class Row:
    """One thing that was checked: ``check`` is its number, ``evidence`` says what was seen."""

    check: int
    what: str
    result: AuditResult
    evidence: str


@dataclass(frozen=True)
class AuditReport:
    """All rows. ``label`` is the protocol's own label, which is shown with every figure."""

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

    def joined(self, earlier: AuditRecord | None, trained: str) -> AuditReport:
        """This report with what it could not decide and an earlier one of the same weights did.

        A failure stays where the row is not decided now, as without a server; rows that only
        an earlier ``full`` audit has stay, so that a cheaper one takes nothing back.

        :param earlier: the record that the run's manifest has so far.
        :param trained: digest of the run's training and predictions.
        """
        if earlier is None or earlier.trained != trained:
            return self
        before = {(row.check, row.what): Row(**dict(row)) for row in earlier.checks}
        rows = [_decided(row, before.pop((row.check, row.what), row)) for row in self.rows]
        if earlier.full and not self.full:
            rows = sorted([*rows, *before.values()], key=lambda row: row.check)
        return replace(self, rows=tuple(rows), full=self.full or earlier.full)

    def record(self, inputs: str, trained: str) -> AuditRecord:
        """The audit as the run's manifest keeps it.

        :param inputs: digest of what was audited, so that it is done once.
        :param trained: digest of the run's training and predictions.
        """
        return AuditRecord(
            passed=self.passed,
            full=self.full,
            label=self.label,
            inputs=inputs,
            trained=trained,
            at=datetime.now(UTC).isoformat(timespec="seconds"),
            checks=tuple(AuditRow(**vars(row)) for row in self.rows),
        )


def _decided(now: Row, earlier: Row) -> Row:
    undecided = now.result not in ("pass", "fail")
    return earlier if undecided and earlier.result == "fail" else now


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
