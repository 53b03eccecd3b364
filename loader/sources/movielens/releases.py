"""Which release of MovieLens lies at a place, told by the files that are there."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ....errors import InputError
from ...reading.files import SourceFile, SourceFiles, find_files

Kind = Literal["100k", "1m", "10m", "csv"]

# by kind: the files without which nothing can be read; the first one tells the kind
NEEDED: dict[Kind, tuple[str, ...]] = {
    "100k": ("u.data", "u.item", "u.user", "u.genre"),
    "1m": ("ratings.dat", "movies.dat", "users.dat"),
    "10m": ("ratings.dat", "movies.dat", "tags.dat"),
    "csv": ("ratings.csv", "movies.csv"),
}
_FIXED_NAMES: dict[Kind, str] = {"100k": "ml-100k", "1m": "ml-1m", "10m": "ml-10m"}
_RELEASE_NAME = re.compile(r"ml-[\w-]*\w", re.IGNORECASE)
_RELEASES = (
    "A release has u.data, u.item, u.user and u.genre (100K); ratings.dat and movies.dat with "
    "users.dat (1M) or tags.dat (10M); or ratings.csv and movies.csv (all others); also as .gz."
)


@dataclass(frozen=True)
class Release:
    """A release's files; ``name`` is its id space, such as ``ml-latest-small``."""

    kind: Kind
    name: str
    files: SourceFiles


def find_release(path: Path, name: str | None = None) -> Release:
    """The release in a folder or archive.

    :param name: its id space, where the names of folder and archive do not say it.
    :raises InputError: when there is none, more than one, a file of it is missing, or its
        name is not known; names what was found.
    """
    found = find_files(path)
    by_folder: defaultdict[str, list[SourceFile]] = defaultdict(list)
    for file in found.files:
        by_folder[_folder(file)].append(file)
    fitting = {folder: kind for folder, files in by_folder.items() if (kind := _kind(path, files))}
    if len(fitting) > 1:
        raise InputError(
            f"{path} holds several releases: {', '.join(sorted(fitting))}",
            "Give the folder of one of them.",
        )
    if not fitting:
        held = ", ".join(sorted({file.name for file in found.files})[:12]) or "no files"
        raise InputError(f"{path} holds no release of MovieLens. Found: {held}", _RELEASES)
    folder, kind = fitting.popitem()
    files = SourceFiles(path, tuple(by_folder[folder]))
    for needed in NEEDED[kind]:
        files.need(needed)
    return Release(kind, name or _FIXED_NAMES.get(kind) or _name(path, folder), files)


def _folder(file: SourceFile) -> str:
    if file.member is None:
        return str(file.path.parent)
    return str(file.path / file.member.rpartition("/")[0])


def _kind(path: Path, files: list[SourceFile]) -> Kind | None:
    """The kind whose first file is there."""
    names = {file.name for file in files}
    if "u.data" in names:
        return "100k"
    if "ratings.csv" in names:
        return "csv"
    if "ratings.dat" not in names:
        return None
    if "users.dat" in names:
        return "1m"
    if "tags.dat" in names:
        return "10m"
    raise InputError(
        f"{path}: beside ratings.dat there is neither users.dat (1M) nor tags.dat (10M). "
        f"Found: {', '.join(sorted(names)[:12])}",
        _RELEASES,
    )


def _name(path: Path, folder: str) -> str:
    """The id space of a CSV release, from the name of its folder or archive."""
    for one in (Path(folder).name, path.stem, path.resolve().name):
        match = _RELEASE_NAME.fullmatch(one)
        if match:
            return match[0].lower()
    raise InputError(
        f"{path}: neither folder nor archive is named as a release of MovieLens is (ml-…)",
        "Say which one it is, because ids of different releases differ: --name ml-latest-small",
    )
