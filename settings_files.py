"""The files that settings are read from: their encoding, and names that mean nothing."""

from __future__ import annotations

import difflib
import io
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from dotenv import dotenv_values

from .errors import SettingsError

_BOMS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}
_PREFIX = "REELGRAPH_"
_ALMOST = 0.75  # similarity from which a name is taken for a misspelt one


def read_utf8(path: Path) -> str:
    """The text of a settings file, with or without a byte order mark.

    :raises SettingsError: when it is not UTF-8, or cannot be read.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}", "Mend its rights.") from None
    encoding = _BOMS.get(content[:2]) or ("UTF-16" if b"\0" in content[:100] else None)
    line = 1
    if encoding is None:
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            encoding = "Latin-1 or Windows-1252"
    raise SettingsError(
        f"{path} is not UTF-8 (line {line}): it looks like {encoding}",
        f"Save it as UTF-8, for example: iconv -f {encoding.split()[0]} -t UTF-8",
    )


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file; an absent one is empty.

    :raises SettingsError: when it is not TOML, or not UTF-8.
    """
    if not path.is_file():
        return {}
    try:
        return tomllib.loads(read_utf8(path))
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: {error}", "Correct the file or remove it.") from None


def read_env(path: Path) -> Mapping[str, str | None]:
    """The variables of a ``.env`` file; an absent one has none.

    :raises SettingsError: when it is not UTF-8.
    """
    if not path.is_file():
        return {}
    return dotenv_values(stream=io.StringIO(read_utf8(path)), interpolate=False)


def misspelt(names: Iterable[str], known: Iterable[str], where: str) -> list[str]:
    """A line for each variable that looks like one of ours and is none.

    :param known: names of all variables that are read.
    """
    known = list(known)
    lines = []
    for name in names:
        if name in known or name.startswith("REELGRAPH_TEST_"):
            continue
        near = _nearest(name.upper(), known)
        if near:
            lines.append(f"{where}: {name} is not read. Did you mean {near}?")
        elif name.startswith(_PREFIX):
            lines.append(f"{where}: {name} is not read: there is no such setting")
    return lines


def _nearest(name: str, known: list[str]) -> str | None:
    """The known name that begins so, else the most similar one; the prefix says nothing."""
    longer = [one for one in known if one.startswith(name) and "_" in name.rstrip("_")]
    if name.startswith(_PREFIX):
        ends = [one.removeprefix(_PREFIX) for one in known if one.startswith(_PREFIX)]
        found = difflib.get_close_matches(name.removeprefix(_PREFIX), ends, 1, _ALMOST)
        near = [_PREFIX + one for one in found]
    else:
        near = difflib.get_close_matches(name, known, 1, _ALMOST)
    return next(iter([*longer, *near]), None)
