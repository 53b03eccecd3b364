"""The report of an audit: what a cheaper audit keeps of a full one."""

from __future__ import annotations

from reelgraph.pipeline.audit import AuditReport, Row

STORED = Row(1, "stored predictions", "pass", "the same")
TRAINED = Row(1, "model trained again without test rows", "fail", "other predictions")
LATER = Row(5, "predictions without what is later", "pass", "no bit differs")


def test_a_cheaper_audit_keeps_what_a_full_one_of_the_same_inputs_found():
    full = AuditReport((STORED, TRAINED, LATER), full=True).record("a")
    now = AuditReport((STORED, LATER), label="optimistic")
    joined = now.joined(full, "a")
    assert joined.rows == (STORED, TRAINED, LATER)
    assert joined.full
    assert joined.label == "optimistic"
    assert not joined.passed
    assert joined.failed == [TRAINED]


def test_rows_of_now_replace_those_of_before():
    bad = Row(1, STORED.what, "fail", "others")
    full = AuditReport((bad, LATER), full=True).record("a")
    joined = AuditReport((STORED, LATER)).joined(full, "a")
    assert joined.rows == (STORED, LATER)
    assert joined.passed


def test_nothing_is_kept_of_other_inputs_or_of_a_cheap_audit_or_by_a_full_one():
    full = AuditReport((STORED, TRAINED), full=True)
    now = AuditReport((STORED,))
    assert now.joined(full.record("a"), "b") is now
    assert now.joined(AuditReport((STORED, TRAINED)).record("a"), "a") is now
    assert now.joined({}, "a") is now
    again = AuditReport((STORED,), full=True)
    assert again.joined(full.record("a"), "a") is again
