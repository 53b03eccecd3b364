"""The report of an audit: what a cheaper audit keeps of a full one."""

from __future__ import annotations

import pytest

from reelgraph.pipeline.audit import AuditReport, Row

STORED = Row(1, "stored predictions", "pass", "the same")
TRAINED = Row(1, "model trained again without test rows", "fail", "other predictions")
LATER = Row(5, "predictions without what is later", "pass", "no bit differs")


def test_a_cheaper_audit_keeps_what_a_full_one_of_the_same_weights_found():
    full = AuditReport((STORED, TRAINED, LATER), full=True).record("a", "w")
    now = AuditReport((STORED, LATER), label="optimistic")
    joined = now.joined(full, "w")
    assert joined.rows == (STORED, TRAINED, LATER)
    assert joined.full
    assert joined.label == "optimistic"
    assert not joined.passed
    assert joined.failed == [TRAINED]


def test_rows_of_now_replace_those_of_before():
    bad = Row(1, STORED.what, "fail", "others")
    full = AuditReport((bad, LATER), full=True).record("a", "w")
    joined = AuditReport((STORED, LATER)).joined(full, "w")
    assert joined.rows == (STORED, LATER)
    assert joined.passed


@pytest.mark.parametrize("result", ["not applicable", "warning"])
@pytest.mark.parametrize("full", [False, True])
def test_what_is_not_decided_now_stays_failed(result, full):
    bad = Row(4, "projection of graph jobs knn", "fail", "an edge too many")
    before = AuditReport((STORED, bad), full=full).record("a", "w")
    now = AuditReport((STORED, Row(4, bad.what, result, "no server")))
    assert now.joined(before, "w").failed == [bad]


def test_nothing_is_kept_of_other_weights_or_of_an_audit_that_was_not_full():
    full = AuditReport((STORED, TRAINED), full=True)
    now = AuditReport((STORED,))
    assert now.joined(full.record("a", "w"), "other") is now
    assert now.joined(AuditReport((STORED, TRAINED)).record("a", "w"), "w") == now
    assert now.joined(None, "w") is now
    again = AuditReport((STORED,), full=True)
    assert again.joined(full.record("a", "w"), "w") == again
