"""The files of a source: in a folder, in a zip file or wheel, or one file, plain or packed."""

from __future__ import annotations

import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from ...errors import InputError
from .kinds import ZIP, plain_name, unpacked

_AGAIN = "Get the file again: it is damaged or cut off."


@dataclass(frozen=True)
class SourceFile:
    """One file, unpacked while it is read; ``member`` is its name inside an archive."""

    path: Path
    member: str | None = None

    @property
    def name(self) -> str:
        """File name without folders and without ``.gz`` and the like."""
        return plain_name((self.member or self.path.name).rsplit("/", 1)[-1])

    @property
    def where(self) -> str:
        """How errors name the file."""
        return f"{self.path}/{self.member}" if self.member else str(self.path)

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """The unpacked bytes.

        :raises InputError: when the file is not text or cannot be read, also while the block
            reads it.
        """
        try:
            with self._raw() as raw, unpacked(self.where, raw) as file:
                yield file
        except (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile) as error:
            raise InputError(f"{self.where} cannot be read: {error}", _AGAIN) from None

    def read(self) -> bytes:
        """All of it. :raises InputError: when the file cannot be read."""
        with self.open() as file:
            return file.read()

    @contextmanager
    def _raw(self) -> Iterator[BinaryIO]:
        if self.member is None:
            with self.path.open("rb") as file:
                yield file
        else:
            with zipfile.ZipFile(self.path) as archive, self._inside(archive) as inside:
                yield inside

    def _inside(self, archive: zipfile.ZipFile) -> BinaryIO:
        assert self.member is not None
        try:
            return cast(BinaryIO, archive.open(self.member))
        except RuntimeError as error:  # encrypted; or NotImplementedError: packed in a new way
            raise InputError(
                f"{self.where} cannot be read: {error}",
                "Unpack the archive, and give the folder with its files.",
            ) from None


@dataclass(frozen=True)
class SourceFiles:
    """All files at a place, found by name whatever folder or packing they are in."""

    place: Path
    files: tuple[SourceFile, ...]

    def find(self, *names: str) -> SourceFile | None:
        """The first file with one of these names (unpacked), or None."""
        by_name = {file.name: file for file in reversed(self.files)}
        return next((by_name[name] for name in names if name in by_name), None)

    def need(self, *names: str) -> SourceFile:
        """:raises InputError: when there is no file with one of these names."""
        found = self.find(*names)
        if found is None:
            held = ", ".join(sorted({file.name for file in self.files})[:12]) or "no files"
            raise InputError(
                f"{self.place}: there is no {' or '.join(names)}", f"Found there: {held}"
            )
        return found


def is_zip(path: Path) -> bool:
    """Whether there is a zip archive, whatever its name."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(ZIP)) == ZIP


def one_file(path: Path) -> SourceFile:
    """The file at a path: plain, packed, the only one in a zip file, or ARCHIVE.zip/NAME.

    :raises InputError: for a zip file with several files, or one that is a spreadsheet.
    """
    if is_zip(path.parent):
        return SourceFile(path.parent, _member(path.parent, path.name))
    return SourceFile(path, _member(path)) if is_zip(path) else SourceFile(path)


def _member(archive: Path, name: str | None = None) -> str:
    """The member of this name, or the only one."""
    members = _members(archive)
    if any(one.startswith(("xl/", "word/")) or one == "content.xml" for one in members):
        raise InputError(
            f"{archive} is a spreadsheet or another Office document, not a text file",
            "Open it, save the sheet as CSV in UTF-8, and load that.",
        )
    found = [one for one in members if name in (None, one.rsplit("/", 1)[-1], one)]
    if len(found) == 1:
        return found[0]
    held = ", ".join(members[:12]) or "nothing"
    raise InputError(
        f"{archive} holds {'no ' + name if name else 'several files'}",
        f"Name one of its files: {archive.name}/{members[0] if members else 'NAME'}. "
        f"It holds: {held}",
    )


def _members(archive: Path) -> list[str]:
    """The names of the files in an archive, but for what a Mac adds."""
    try:
        with zipfile.ZipFile(archive) as held:
            names = [name for name in held.namelist() if not name.endswith("/")]
    except (zipfile.BadZipFile, OSError) as error:
        raise InputError(f"{archive} is not a readable zip file: {error}", _AGAIN) from None
    return [name for name in names if not name.startswith("__MACOSX/")]


def find_files(path: Path) -> SourceFiles:
    """What is at ``path``: a folder's files (one folder below included), an archive's, or a file.

    :raises InputError: when it does not exist, or is a damaged archive.
    """
    if path.is_dir():
        found = [*sorted(path.glob("*")), *sorted(path.glob("*/*"))]
        return SourceFiles(path, tuple(SourceFile(file) for file in found if file.is_file()))
    if not path.exists():
        raise InputError(f"{path} does not exist", "Give a folder, an archive or a file.")
    if path.suffix in (".zip", ".whl"):
        return SourceFiles(path, tuple(SourceFile(path, name) for name in _members(path)))
    return SourceFiles(path, (SourceFile(path),))
