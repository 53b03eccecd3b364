"""What the leak audit of a run found, as the run's manifest keeps it."""

from __future__ import annotations

from typing import Literal

from .manifests import Moment, Record

AuditResult = Literal["pass", "fail", "warning", "not applicable"]


class AuditRow(Record):
    """One thing that was checked: ``check`` is its number, ``evidence`` says what was seen."""

    check: int
    what: str
    result: AuditResult
    evidence: str


class AuditRecord(Record):
    """A verdict with its rows.

    ``inputs`` is the digest of what was audited, ``trained`` that of the run's training and
    predictions; ``label`` is the protocol's.
    """

    passed: bool
    full: bool
    label: str
    inputs: str
    trained: str
    at: Moment
    checks: tuple[AuditRow, ...]

    @property
    def failed(self) -> list[str]:
        """What failed."""
        return [row.what for row in self.checks if row.result == "fail"]
