"""Scripts are taken apart where the server would end a statement, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgraph.cli.shell import piped, queries_of
from reelgraph.cypher.script import command_of, read_script
from reelgraph.errors import InputError

CLOSED = ("'a;\nb'", '"a;"', "`a;``b`", "/* a; \n b; */", "// a;\n", "'it\\'s; '", '"\\";"')


@pytest.mark.parametrize("closed", CLOSED)
def test_a_semicolon_in_a_comment_string_or_name_ends_nothing(closed: str) -> None:
    found = read_script(f"RETURN 1 {closed} AS x; RETURN 2;")
    assert found.statements == (f"RETURN 1 {closed} AS x", "RETURN 2")
    assert (found.rest, found.open) == ("", None)


def test_a_commented_out_statement_is_none() -> None:
    text = "CREATE (:A);\n/* not now:\nMATCH (a:A) DELETE a;\n*/\nRETURN 1;\n// RETURN 2;\n"
    assert read_script(text).statements == (
        "CREATE (:A)",
        "/* not now:\nMATCH (a:A) DELETE a;\n*/\nRETURN 1",
    )


@pytest.mark.parametrize("text", ["", ";;", " ; \n", "// first;\n", "/* a */ ; // b"])
def test_comments_alone_are_no_statement(text: str) -> None:
    assert queries_of(text) == []


@pytest.mark.parametrize(
    ("begun", "what"),
    [
        ("/* a;", "comment"),
        ("RETURN 'a;", "string"),
        ('RETURN "', "string"),
        ("RETURN `a", "name in"),
        ("RETURN '\\'", "string"),
    ],
)
def test_what_does_not_end_is_said_before_anything_is_run(begun: str, what: str) -> None:
    found = read_script(f"RETURN 1;\n\n{begun}")
    assert found.statements == ("RETURN 1",)
    assert found.open is not None and found.open.startswith(what)
    with pytest.raises(InputError, match=f"the {what}.* that begins in line 3 does not end"):
        queries_of(f"RETURN 1;\n\n{begun}")


def test_a_script_of_another_encoding_is_refused_before_anything_is_run() -> None:
    assert piped("\ufeffRETURN 'é';\r\n".encode()) == "RETURN 'é';\r\n"
    with pytest.raises(InputError, match=r"not UTF-8 \(line 2\)"):
        piped("RETURN 1;\nRETURN 'é';".encode("latin-1"))


def test_the_last_query_of_a_whole_text_needs_no_semicolon() -> None:
    assert queries_of("RETURN 1; RETURN 2") == ["RETURN 1", "RETURN 2"]


@pytest.mark.parametrize("line", [":param x => 1", "  :use neo4j", "/* a */ :param {x: 1}"])
def test_commands_of_the_browser_are_named(line: str) -> None:
    with pytest.raises(InputError, match=r":\w+ is a command of Neo4j Browser"):
        queries_of(f"{line};\nRETURN 1;")
    assert command_of("MATCH (n:Movie) RETURN n") is None


PIECES = st.sampled_from([*CLOSED, "RETURN 1", " ", "\n", "x"])


@given(st.lists(st.lists(PIECES).map("".join), max_size=5))
def test_statements_come_back_as_they_were(parts: list[str]) -> None:
    """Joined by ';' on a line of their own, after which no comment reaches."""
    found = read_script("".join(f"{part}\n;" for part in parts))
    said = [part.strip() for part in parts if read_script(part).rest]
    assert [one.strip() for one in found.statements] == said
    assert found.open is None
