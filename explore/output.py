"""Writing a folder of files again and again without losing what somebody else put there."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from ..artifacts import atomic, read_json, write_json
from ..errors import InputError


def write_files(folder: Path, files: Mapping[str, bytes], command: str = "explore build") -> None:
    """Write ``files`` below ``folder``; delete those of an earlier call that are not among them.

    A hidden file names each file that was written, with a digest of its content.

    :param files: contents by path.
    :param command: who writes; what another one wrote in the same folder stays.
    :raises InputError: when the folder cannot be written to, or when a file is there that was
        not written by this function or was changed since; then nothing is written.
    """
    try:
        record = folder / f".reelgraph-{command.partition(' ')[0]}.json"
        before = dict(read_json(record)) if record.is_file() else {}
        _refuse_others(folder, files, before, command)
        now = {path: [_digest(content)] for path, content in files.items()}
        # a call that is killed below leaves both: its own files and those of the one before
        write_json(record, _both(before, now))
        for path, content in files.items():
            with atomic(folder / path) as temporary:
                temporary.write_bytes(content)
        for path in before.keys() - now.keys():
            _delete_own(folder / path, before[path])
        write_json(record, now)
    except OSError as error:
        raise InputError(
            f"cannot write to {folder}: {error.strerror}",
            "Name another folder with --to, or make this one writable.",
        ) from None


Digests = Mapping[str, list[str]]  # of contents that a file may have, by path


def _both(before: Digests, now: Digests) -> Digests:
    paths = sorted(before.keys() | now.keys())
    return {path: [*before.get(path, []), *now.get(path, [])] for path in paths}


def _refuse_others(folder: Path, files: Mapping[str, bytes], before: Digests, command: str) -> None:
    for path, content in files.items():
        there = folder / path
        ours = [*before.get(path, []), _digest(content)]
        if there.exists() and _digest(there.read_bytes()) not in ours:
            raise InputError(
                f"{there} is not as '{command}' wrote it",
                "Move it away to keep it, or name another folder with --to.",
            )


def _delete_own(path: Path, digests: list[str]) -> None:
    """Delete a file that nobody has changed, and its folder when that is empty then."""
    if path.is_file() and _digest(path.read_bytes()) in digests:
        path.unlink()
        if not any(path.parent.iterdir()):
            path.parent.rmdir()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
