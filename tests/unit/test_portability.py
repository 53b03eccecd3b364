"""What the source must not rest on, so that it runs on Linux, macOS and Windows."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOT_SHIPPED = {"tests", "bench", "build", "dist", "docs", "neo4j_data"}
ONLY_UNIX = {"fcntl", "grp", "posix", "pty", "pwd", "readline", "resource", "syslog", "termios"}


def modules() -> list[Path]:
    found = [
        path
        for path in ROOT.rglob("*.py")
        if (parts := path.relative_to(ROOT).parts)[0] not in NOT_SHIPPED
        and not any(part.startswith(".") for part in parts)
    ]
    assert len(found) > 300
    return sorted(found)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import fcntl", ["fcntl"]),
        ("from os import path, getuid\nfrom pwd import getpwnam", ["pwd"]),
        ("def f():\n    import resource", ["resource"]),
        ("import sys\nif sys.platform != 'win32':\n    import resource", []),
        ("if sys.version_info > (3, 12):\n    import resource", ["resource"]),
        ("try:\n    import grp\nexcept ImportError:\n    grp = None", []),
        ("try:\n    import grp\nexcept OSError:\n    grp = None", ["grp"]),
    ],
)
def test_unguarded_imports_are_seen(source: str, found: list[str]) -> None:
    assert list(unguarded(ast.parse(source))) == found


def test_no_module_of_one_system_is_imported_unguarded() -> None:
    found = {
        str(path.relative_to(ROOT)): names
        for path in modules()
        if (names := list(unguarded(ast.parse(path.read_text("utf-8")))))
    }
    assert not found


def unguarded(node: ast.AST) -> Iterator[str]:
    """Modules of Unix alone that are imported where nothing asks whether they are there."""
    if isinstance(node, ast.If) and "sys.platform" in ast.unparse(node.test):
        return
    if isinstance(node, ast.Try) and any(map(_misses_module, node.handlers)):
        return
    if isinstance(node, ast.Import):
        yield from (one.name for one in node.names if one.name in ONLY_UNIX)
    elif isinstance(node, ast.ImportFrom) and node.module in ONLY_UNIX:
        yield node.module
    for child in ast.iter_child_nodes(node):
        yield from unguarded(child)


def _misses_module(handler: ast.ExceptHandler) -> bool:
    return handler.type is not None and ast.unparse(handler.type) in (
        "ImportError",
        "ModuleNotFoundError",
    )


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("path.read_text()", [1]),
        ("path.read_text('utf-8')\npath.read_text(encoding='utf-8')", []),
        ("path.write_text('a')", [1]),
        ("path.write_text('a', 'utf-8')", []),
        ("open('a')", [1]),
        ("open('a', 'rb')\nopen('a', mode='wb')\nopen('a', encoding='utf-8')", []),
        ("path.open('a', newline='')\npath.open(errors='replace')", [1, 2]),
        ("file.open()", []),  # a source's file or a member of an archive, which are bytes
        ("NamedTemporaryFile('w')\ntempfile.NamedTemporaryFile()", [1]),
    ],
)
def test_texts_without_an_encoding_are_seen(source: str, lines: list[int]) -> None:
    assert list(unstated(ast.parse(source))) == lines


def test_text_files_state_their_encoding() -> None:
    """Windows would take the one of the user's language."""
    found = {
        str(path.relative_to(ROOT)): lines
        for path in modules()
        if (lines := list(unstated(ast.parse(path.read_text("utf-8")))))
    }
    assert not found


def unstated(tree: ast.AST) -> Iterator[int]:
    """Lines that open a text file in the encoding of the user's language."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _opens_text(node):
            yield node.lineno


def _opens_text(call: ast.Call) -> bool:
    name = ast.unparse(call.func).rpartition(".")[2]
    named = {one.arg: one.value for one in call.keywords}
    if "encoding" in named:
        return False
    if name in ("read_text", "write_text"):
        return len(call.args) < (1 if name == "read_text" else 2)
    if name not in ("open", "NamedTemporaryFile") or ast.unparse(call.func) == "os.open":
        return False
    builtin = isinstance(call.func, ast.Name) and name == "open"
    mode = named.get("mode") or next(iter(call.args[1 if builtin else 0 :]), None)
    if isinstance(mode, ast.Constant) and not set(str(mode.value)) - set("rwaxbt+"):
        return "b" not in str(mode.value)
    return builtin or (name == "open" and bool({"errors", "newline"} & set(named)))
