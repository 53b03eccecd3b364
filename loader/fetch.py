"""Fetching a file from the internet: it goes on where it stopped, and is checked.

It is written under the name ``….part``, checked (checksum, or where none is published
length and the sum inside the gzip file), and renamed only then. So what has its final name
is whole.
"""

from __future__ import annotations

import gzip
import hashlib
import http.client
import re
import urllib.error
import urllib.request
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..progress import ProgressBar

_TIMEOUT = 30.0
_BLOCK = 2**18


def fetch(
    url: str, path: Path, md5: str | None = None, sum_beside: bool = False, progress: bool = True
) -> None:
    """``url`` to ``path``.

    :param md5: the published sum; with ``sum_beside`` it is read from ``url`` + ``.md5``.
        Without either it has to be a whole gzip file.
    :raises InputError: when it cannot be reached or is not what it should be; says what to
        fetch by hand and where to put it.
    :raises OSError: when it cannot be written.
    """
    by_hand = f"Or by hand: fetch {url} and put it at {path}"
    if sum_beside:
        md5 = _published_sum(f"{url}.md5", by_hand)
    part = path.with_name(f"{path.name}.part")
    _download(url, part, by_hand, progress)
    if not _is_right(part, md5):
        part.unlink()
        checked = "its MD5 sum differs from the published one" if md5 else "it is damaged"
        raise InputError(
            f"{url} as fetched is not the file it should be: {checked}",
            f"It was deleted. Run the same command again.\n{by_hand}",
        )
    part.replace(path)


def _is_right(part: Path, md5: str | None) -> bool:
    """Whether the sum is right, or where there is none whether the gzip file is whole."""
    with part.open("rb") as file:
        if md5 is not None:
            return hashlib.file_digest(file, _md5).hexdigest() == md5
        try:
            with gzip.open(file) as unpacked:
                while unpacked.read(_BLOCK):
                    pass
        except (EOFError, gzip.BadGzipFile, zlib.error):
            return False
    return True


def _md5() -> Any:
    return hashlib.md5(usedforsecurity=False)


def _published_sum(url: str, by_hand: str) -> str:
    with _open(url, {}, by_hand) as answer:
        try:
            text = answer.read(1024).decode("ascii", "replace")
        except (http.client.HTTPException, OSError) as error:
            raise InputError(f"{url} was cut off: {error}", f"Try again. {by_hand}") from None
    found = re.search(r"\b[0-9a-fA-F]{32}\b", text)
    if not found:
        raise InputError(f"{url} holds no MD5 sum", by_hand)
    return found[0].lower()


def _download(url: str, part: Path, by_hand: str, progress: bool) -> None:
    """All of ``url`` into ``part``, from where ``part`` ends if the server can do that."""
    start = part.stat().st_size if part.is_file() else 0
    headers = {"Range": f"bytes={start}-"} if start else {}
    with _open(url, headers, by_hand) as answer:
        if answer.status == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            return  # nothing is missing; the sum says whether it is right
        goes_on = answer.status == http.HTTPStatus.PARTIAL_CONTENT
        start = start if goes_on else 0
        length = answer.headers.get("Content-Length")
        total = int(length) + start if length else None
        bar = ProgressBar(
            total=total,
            initial=start,
            desc=part.name.removesuffix(".part"),
            unit="B",
            unit_scale=True,
            disable=not progress,
        )
        with bar, part.open("ab" if goes_on else "wb") as file:
            _copy(answer, file, bar, url)
    held = part.stat().st_size
    if total is not None and held < total:
        raise _cut_off(url, held)


def _copy(answer: Any, file: Any, bar: ProgressBar, url: str) -> None:
    while True:
        try:
            block = answer.read(_BLOCK)
        except (http.client.HTTPException, OSError):
            raise _cut_off(url, file.tell()) from None
        if not block:
            return
        file.write(block)
        bar.update(len(block))


def _cut_off(url: str, held: int) -> InputError:
    return InputError(
        f"{url} was cut off after {held:,} bytes", "The same command goes on from there."
    )


def _open(url: str, headers: Mapping[str, str], by_hand: str) -> Any:
    """The server's answer. :raises InputError: when there is none, or it has no such file."""
    request = urllib.request.Request(url, headers={"User-Agent": "reelgraph", **headers})
    try:
        return urllib.request.urlopen(request, timeout=_TIMEOUT)
    except urllib.error.HTTPError as error:
        if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            return error
        raise InputError(f"{url}: the server says {error.code} {error.reason}", by_hand) from None
    except (http.client.HTTPException, OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise InputError(f"cannot reach {url}: {reason}", by_hand) from None
