"""Cypher files: headers, parameters, and every shipped statement."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgraph import cypher
from reelgraph.cypher.statement import parse
from reelgraph.errors import CypherError

GOOD = """// Purpose: one user's items,
//          oldest first.
// Params:  userId (INTEGER|STRING), types (LIST<STRING>), n (INTEGER, default 10)
// Returns: itemId, title
// Mode:    READ, managed transaction
MATCH (u:User {userId: $userId})-[r:$any($types)]->(i:Item)
WHERE i.title <> 'the $notAParameter' // nor is $this
RETURN i.itemId AS itemId, i.title AS title
LIMIT $n;
"""


def _parse(text: str) -> cypher.Statement:
    return parse("test/one", text, Path("one.cypher"))


def test_a_file_becomes_a_statement() -> None:
    statement = _parse(GOOD)
    assert statement.purpose == "one user's items, oldest first."
    assert [parameter.name for parameter in statement.parameters] == ["userId", "types", "n"]
    assert statement.parameters[0].types == ("INTEGER", "STRING")
    assert statement.returns == ("itemId", "title")
    assert (statement.mode, statement.auto_commit) == ("READ", False)
    assert statement.text.startswith("MATCH")
    assert not statement.text.endswith(";")


def test_auto_commit_is_said_in_the_header() -> None:
    assert _parse(GOOD.replace("managed transaction", "auto-commit")).auto_commit


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("// Purpose: one", "// One", "no '// Purpose:' line"),
        ("// Mode:    READ, managed transaction\n", "", "no '// Mode:' line"),
        ("READ, managed", "READ, some", "cannot read Mode"),
        ("READ, managed", "read, managed", "cannot read Mode"),
        ("userId (INTEGER|STRING)", "userId INTEGER", "cannot read the parameter"),
        ("default 10", "default ten", "cannot read the default 'ten'"),
        ("$userId", "$user", r"\(n, types, userId\) are not those in the text \(n, types, user\)"),
    ],
)
def test_a_malformed_header_is_refused_by_file(old: str, new: str, message: str) -> None:
    with pytest.raises(CypherError, match=message) as error:
        _parse(GOOD.replace(old, new))
    assert "one.cypher" in error.value.message


def test_a_header_without_a_statement_is_refused() -> None:
    header = [line for line in GOOD.splitlines() if line.startswith("//")]
    text = "\n".join(header).replace(header[2], "// Params:  none")
    with pytest.raises(CypherError, match="no statement"):
        _parse(text)


def test_defaults_are_filled_in() -> None:
    bound = _parse(GOOD).bind({"userId": 7, "types": ["RATED"]})
    assert bound == {"userId": 7, "types": ["RATED"], "n": 10}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"userId": 7}, "types is missing"),
        ({"userId": 7, "types": [], "m": 1}, "unknown parameter m"),
        ({"userId": 7.5, "types": []}, r"userId is a float, not INTEGER\|STRING"),
        ({"userId": 7, "types": [], "n": True}, "n is a bool, not INTEGER"),
        ({"userId": None, "types": []}, "userId is a NoneType"),
    ],
)
def test_wrong_parameters_are_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(CypherError, match=f"test/one.*{message}"):
        _parse(GOOD).bind(values)


@pytest.mark.parametrize(
    ("default", "value"),
    [
        ("null", None),
        ("true", True),
        ("false", False),
        ("0.5", 0.5),
        ("-1", -1),
        ("'ranking'", "ranking"),
        ("[]", []),
    ],
)
def test_defaults_are_values(default: str, value: Any) -> None:
    statement = _parse(GOOD.replace("default 10", f"default {default}"))
    assert statement.parameters[2].default == value


@given(st.text(max_size=200))
@pytest.mark.slow
def test_no_text_breaks_the_reader(text: str) -> None:
    """Whatever a file holds, it is a statement or a :class:`CypherError`."""
    parameter = "userId (INTEGER|STRING)"
    for candidate in (
        text,
        GOOD.replace(parameter, text),
        GOOD.replace(parameter, f"userId (STRING, default {text})"),
    ):
        with contextlib.suppress(CypherError):
            _parse(candidate)


def test_an_unknown_id_is_refused() -> None:
    with pytest.raises(CypherError, match="no Cypher statement 'load/nothing'"):
        cypher.load("load/nothing")


def test_every_shipped_statement_can_be_read() -> None:
    shipped = cypher.statements()
    files = list(Path(cypher.__file__).parent.rglob("*.cypher"))
    assert len(shipped) >= len(files) > 0
    for statement in shipped:
        assert statement.purpose.endswith("."), f"{statement.id}: the purpose is a sentence"
        assert "apoc." not in statement.text, f"{statement.id}: nothing may need APOC"


ACTIVE_RUN = """MATCH (t:Task {name: 'ranking'})
WITH t.activeRunId AS activeRunId
LIMIT 1
"""
AUDIT = """MATCH (run:Run {runId: activeRunId})
OPTIONAL MATCH (run)-[:REFIT_OF]->(parent:Run)
WITH
  run,
  CASE
    WHEN run.label STARTS WITH 'LEAKS' THEN 'LEAKS'
    WHEN false IN [run.auditPassed, parent.auditPassed] THEN 'LEAKS'
    WHEN true IN [run.auditPassed, parent.auditPassed] THEN 'passed'
    ELSE 'not audited'
  END AS audit
"""
RATING_RUN = """run.ratingRunId AS ratingRunId
LIMIT 1
"""
RATING_AUDIT = """  CASE
    WHEN ratingRunId IS NULL THEN null
    WHEN rating.label STARTS WITH 'LEAKS' THEN 'LEAKS'
    WHEN false IN [rating.auditPassed, ratingParent.auditPassed] THEN 'LEAKS'
    WHEN true IN [rating.auditPassed, ratingParent.auditPassed] THEN 'passed'
    ELSE 'not audited'
  END AS ratingAudit
"""
ONE_ROW = "analyst/recommended_item"  # so nothing can be mixed


def test_queries_for_analysts_read_the_active_run_in_the_same_words() -> None:
    """They are pasted as whole files, so what they share is repeated; it must not drift apart."""
    audited = rated = 0
    for statement in cypher.statements():
        if not statement.id.startswith("analyst/") or "name: 'ranking'" not in statement.text:
            continue
        if "AS activeRunId" in statement.text:
            assert statement.text.startswith(ACTIVE_RUN), statement.id
        if "audit" in statement.returns:
            assert statement.text.startswith(ACTIVE_RUN + AUDIT), statement.id
            audited += 1
        if "predictedRating" in statement.returns:
            assert "ratingAudit" in statement.returns, statement.id
            if statement.id != ONE_ROW:
                assert RATING_RUN in statement.text, statement.id
                assert RATING_AUDIT in statement.text, statement.id
                rated += 1
    assert (audited, rated) == (14, 4)
