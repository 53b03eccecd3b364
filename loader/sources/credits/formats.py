"""The three formats in which credits are published: one row per movie, names in lists.

- ``pairs``: ``id:1|genre:…|director:A,B|actors:C,D``, the file ``auxiliary.txt`` for ML-100K
- ``extrainfos``: 11 fields by ``::``, ``movies_extrainfos.dat`` for ML-1M
- ``table``: CSV with ``movieId`` and one or more of ``director, writer, actors``, names by ``|``

``N/A`` means that nothing is known.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from ....errors import InputError
from ...reading.files import SourceFile
from ...reading.rejects import Rejects
from ...reading.textblocks import as_utf8, without_bom
from ...reading.textfile import DAMAGED, Layout, read_table

Format = Literal["pairs", "extrainfos", "table"]
Role = Literal["Director", "Writer", "Actor"]

_ROLES: dict[str, Role] = {
    "director": "Director",
    "directors": "Director",
    "writer": "Writer",
    "writers": "Writer",
    "actor": "Actor",
    "actors": "Actor",
}
_PAIRS_START = re.compile(r"id:(\d{1,18})(?![^|:])")
_EXTRAINFOS_ROLES: dict[int, Role] = {6: "Director", 7: "Writer", 8: "Actor"}
_EXTRAINFOS_FIELDS = 11
# a comma that neither stands inside brackets nor before the end of a name such as 'Connick, Jr.'
_COMMA = re.compile(r", ?(?![^()]*\))(?!\s*[JS]r\b)")
_KNOWN = (
    "Known are lines such as 'id:1|director:A,B|actors:C,D'; lines of 11 fields separated by "
    "'::' with director, writer and actors as the 7th to 9th; and CSV with the columns movieId "
    "and director, writer or actors."
)


@dataclass(frozen=True)
class Credit:
    """One name as it is written, and for which movie and work."""

    movie: int
    role: Role
    text: str


@dataclass
class CreditRows:
    """All names of a file in its order, ``movies`` of its rows, and what had to be mended."""

    format: Format
    movies: list[int] = field(default_factory=list)
    credits: list[Credit] = field(default_factory=list)
    mended: Counter[str] = field(default_factory=Counter)


def read_credits(file: SourceFile, rejects: Rejects) -> CreditRows:
    """The names in a file of any of the formats, told apart by the file's first line.

    :raises InputError: when it has none of them, or a row is wrong and not to be rejected.
    """
    with file.open() as stream:
        first = stream.readline(2**16).decode("utf-8-sig", "replace").rstrip("\r\n")
    if not first:
        raise InputError(f"{file.where} is empty", "Get the file again.")
    if _PAIRS_START.match(first):
        return _pairs(file, rejects)
    if first.count("::") == _EXTRAINFOS_FIELDS - 1:
        return _extrainfos(file, rejects)
    columns = [name.strip('"') for name in first.split(",")]
    if "movieId" in columns and _ROLES.keys() & columns:
        return _table(file, [name for name in columns if name in _ROLES], rejects)
    raise InputError(f"{file.where}, line 1: '{first[:60]}' is not a file of credits", _KNOWN)


def _lines(file: SourceFile, mended: Counter[str]) -> Iterator[tuple[int, str]]:
    r"""Lines with their numbers. They end at ``\n`` only: texts hold other line separators."""
    data, damaged = as_utf8(without_bom(file.read()), "utf-8")
    if damaged:
        mended[DAMAGED] += damaged
    for number, line in enumerate(data.decode().split("\n"), start=1):
        if line.strip():
            yield number, line.rstrip("\r")


def _pairs(file: SourceFile, rejects: Rejects) -> CreditRows:
    rows = CreditRows("pairs")
    for number, line in _lines(file, rows.mended):
        start = _PAIRS_START.match(line)
        if not start:
            rejects.add(file.where, number, "the line does not begin with 'id:' and a number", line)
            continue
        if line[start.end() : start.end() + 1] == ":":  # 'id:1581:genre:…' is in it
            rows.mended["rows mended: 'id:1:' for 'id:1|'"] += 1
        movie = int(start[1])
        rows.movies.append(movie)
        for part in line.split("|")[1:]:
            key, _, names = part.partition(":")
            role = _ROLES.get(key.strip().lower())
            if role:
                rows.credits += [Credit(movie, role, name) for name in _COMMA.split(names)]
    return rows


def _extrainfos(file: SourceFile, rejects: Rejects) -> CreditRows:
    rows = CreditRows("extrainfos")
    for number, line in _lines(file, rows.mended):
        fields = line.split("::")
        if len(fields) != _EXTRAINFOS_FIELDS:
            reason = f"{len(fields)} fields instead of {_EXTRAINFOS_FIELDS}"
            rejects.add(file.where, number, reason, line, "wrong number of fields")
        elif not re.fullmatch(r"\d{1,18}", fields[0]):
            rejects.add(file.where, number, f"column 1: '{fields[0]}' is not a movie's id", line)
        else:
            movie = int(fields[0])
            rows.movies.append(movie)
            for place, role in _EXTRAINFOS_ROLES.items():
                rows.credits += [Credit(movie, role, name) for name in _COMMA.split(fields[place])]
    return rows


def _table(file: SourceFile, columns: list[str], rejects: Rejects) -> CreditRows:
    layout = Layout({"movieId": "integer", **dict.fromkeys(columns, "text")})
    rows = CreditRows("table")
    frame = read_table(file, layout, rejects, rows.mended)
    rows.movies = frame["movieId"].tolist()
    for column in columns:
        for movie, names in zip(rows.movies, frame[column], strict=True):
            rows.credits += [Credit(movie, _ROLES[column], name) for name in names.split("|")]
    return rows
