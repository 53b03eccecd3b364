"""Finding Cypher files by id."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from ..errors import CypherError
from .statement import Statement, parse

_BUILT_IN = Path(__file__).parent
_plugin_folders: dict[str, Path] = {}


def add_folder(prefix: str, folder: Path) -> None:
    """Make the statements below ``folder`` known as ``<prefix>/<path>``.

    :raises CypherError: when the prefix is taken or the folder is not there.
    """
    if (_BUILT_IN / prefix).exists() or _plugin_folders.get(prefix, folder) != folder:
        raise CypherError(f"Cypher prefix '{prefix}' is taken", "Use the plugin's own name.")
    if not folder.is_dir():
        raise CypherError(f"Cypher folder {folder} does not exist")
    _plugin_folders[prefix] = folder


def load(statement_id: str) -> Statement:
    """The statement with this id.

    :raises CypherError: when there is none, or its file is malformed.
    """
    return _parse(_path(statement_id), statement_id)


def statements() -> list[Statement]:
    """All statements, built-in and of plugins, sorted by id."""
    found = [_id(path, _BUILT_IN) for path in _BUILT_IN.rglob("*.cypher")]
    for prefix, folder in _plugin_folders.items():
        found += [f"{prefix}/{_id(path, folder)}" for path in folder.rglob("*.cypher")]
    return [load(statement_id) for statement_id in sorted(found)]


def _id(path: Path, root: Path) -> str:
    return path.relative_to(root).with_suffix("").as_posix()


def _path(statement_id: str) -> Path:
    prefix, _, rest = statement_id.partition("/")
    folder = _plugin_folders.get(prefix)
    path = folder / f"{rest}.cypher" if folder else _BUILT_IN / f"{statement_id}.cypher"
    if not path.is_file():
        raise CypherError(f"there is no Cypher statement '{statement_id}' ({path})")
    return path


@cache
def _parse(path: Path, statement_id: str) -> Statement:
    return parse(statement_id, path.read_text(encoding="utf-8"), path)
