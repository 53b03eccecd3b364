"""Which code a plugin's class is: digests that change with it, for what is named by its inputs."""

from __future__ import annotations

import sys
from pathlib import Path

from ..artifacts import digest, file_digest

_OWN = __name__.partition(".")[0]
_CODE = (".py", ".so", ".pyd")


def code_of(cls: type) -> dict[str, str]:
    """Digest of the files of each package that the class is made of; empty for a built-in one.

    Base classes count where they derive from reelgraph's, those of libraries do not. The files
    are read anew each time, because a process that is started later imports them anew.
    """
    modules = {one.__module__ for one in cls.__mro__ if _derives(one)}
    packages = {name.partition(".")[0] for name in modules} - {_OWN}
    return {name: _files_digest(name) for name in sorted(packages)}


def _derives(cls: type) -> bool:
    return any(one.__module__.partition(".")[0] == _OWN for one in cls.__mro__)


def _files_digest(package: str) -> str:
    """Of a module its file; of a package every file of code in its folder."""
    file = getattr(sys.modules.get(package), "__file__", None)
    if file is None:  # typed in, or a folder without __init__.py
        return ""
    path = Path(file)
    if path.name != "__init__.py":
        return file_digest(path)
    found = sorted(one for one in path.parent.rglob("*") if one.suffix in _CODE)
    return digest([(str(one.relative_to(path.parent)), file_digest(one)) for one in found])
