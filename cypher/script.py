"""Taking a text of Cypher apart into its statements, as the server would read it."""

from __future__ import annotations

import re
from dataclasses import dataclass

# what may hold a ';' that ends nothing, the end of a statement, and what opens without closing
_TOKEN = re.compile(
    r"""
      (?P<skip> //[^\n]* | /\*.*?\*/ )
    | (?P<closed> '(?:\\.|[^'\\])*' | "(?:\\.|[^"\\])*" | `(?:``|[^`])*` )
    | (?P<end> ; )
    | (?P<open> /\* | ['"`] )
    """,
    re.VERBOSE | re.DOTALL,
)
_OPEN = {"/*": "comment", "'": "string", '"': "string", "`": "name in back-ticks"}


@dataclass(frozen=True)
class Script:
    """The statements of a text, without the ``;`` that ends each.

    ``rest`` is what follows the last ``;``; it is empty when nothing but comments does.
    ``open`` says what in it is not closed: a comment, string, or name in back-ticks, that
    begins in line ``open_line``.
    """

    statements: tuple[str, ...]
    rest: str = ""
    open: str | None = None
    open_line: int = 0


def read_script(text: str) -> Script:
    """Split a text at each ``;`` that is not in a comment, a string or back-ticks.

    >>> read_script("RETURN ';' AS a; /* not; */ RETURN 2").statements
    ("RETURN ';' AS a",)
    """
    statements: list[str] = []
    start = 0  # of the statement
    says_something = False  # other than comments
    position = 0
    for token in _TOKEN.finditer(text):
        says_something |= bool(text[position : token.start()].strip())
        position = token.end()
        if token["open"]:
            line = text.count("\n", 0, token.start()) + 1
            return Script(tuple(statements), text[start:].strip(), _OPEN[token["open"]], line)
        if token["closed"]:
            says_something = True
        elif token["end"]:
            if says_something:
                statements.append(text[start : token.start()].strip())
            start, says_something = position, False
    says_something |= bool(text[position:].strip())
    return Script(tuple(statements), text[start:].strip() if says_something else "")


def command_of(statement: str) -> str | None:
    """The name of a command of the Browser or cypher-shell, such as ``:param``; else None."""
    found = re.match(r"(?:\s|//[^\n]*|/\*.*?\*/)*(:\w+)", statement, re.DOTALL)
    return found[1] if found else None
