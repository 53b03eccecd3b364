"""What a file is by its first bytes: packed texts are unpacked, what is not text is named."""

from __future__ import annotations

import bz2
import codecs
import gzip
import lzma
import re
from collections.abc import Callable
from typing import Any, BinaryIO, cast

from ...errors import InputError

PACKED = (".gz", ".bz2", ".xz")
ZIP = b"PK\x03\x04"
_UNPACKERS: dict[bytes, Callable[[Any], Any]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ\0": lzma.open,
}
_SAVE = "Save it as CSV, in UTF-8, and load that."
_UNPACK = "Unpack it first, and name the file in it."
_OTHERS = (
    (b"PAR1", "a Parquet file", "The source tabular reads Parquet: reelgraph load tabular --help"),
    (ZIP, "a zip archive", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "packed with zstd", _UNPACK),
    (b"\x37\x7a\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK),
    (b"Rar!", "a rar archive", _UNPACK),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook or another Office file", _SAVE),
    (b"%PDF", "a PDF document", "Give the data as CSV or Parquet."),
    (b"SQLite format 3\0", "an SQLite database", "Export its tables as CSV, and load those."),
    (b"\x89HDF", "an HDF5 file", "Export its tables as CSV or Parquet, and load those."),
    (b"ARROW1", "an Arrow (Feather) file", "Save it as Parquet: DataFrame.to_parquet in pandas."),
    (b"ORC", "an ORC file", "Save it as Parquet, and load that."),
    (b"Obj\x01", "an Avro file", "Save it as Parquet, and load that."),
    (b"\x93NUMPY", "a NumPy array", "Save it as CSV or Parquet, with a name for each column."),
    (b"\x80\x04", "a Python pickle", "Save it as Parquet: DataFrame.to_parquet in pandas."),
    (b"\x80\x05", "a Python pickle", "Save it as Parquet: DataFrame.to_parquet in pandas."),
)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_JSON = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:\{\s*\"|\[\s*[{\[])")
_HTML = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|\?xml)", re.IGNORECASE)
_CONTROLS = bytes([*range(9), *range(14, 32)])
_LOOK = 4096


def plain_name(name: str) -> str:
    """A file's name without ``.gz`` and the like."""
    ending = next((one for one in PACKED if name.endswith(one)), "")
    return name.removesuffix(ending)


def unpacked(where: str, raw: BinaryIO) -> BinaryIO:
    """The text in a file, which is packed or not, whatever its name says.

    :raises InputError: when it is not text, saying what it is.
    """
    first = _first(raw)
    for magic, unpack in _UNPACKERS.items():
        if first.startswith(magic):
            raw = cast(BinaryIO, unpack(raw))
            first = _first(raw)
            break
    _refuse_others(where, first)
    return raw


def _first(file: Any) -> bytes:
    return bytes(file.peek(_LOOK)[:_LOOK])


def _refuse_others(where: str, first: bytes) -> None:
    for magic, what, hint in _OTHERS:
        if first.startswith(magic):
            raise InputError(f"{where} is {what}, not a text file", hint)
    if first.startswith(_UTF16) or _is_wide(first):
        encoding = "UTF-32" if b"\0\0" in first[:8] else "UTF-16"
        raise InputError(
            f"{where} is in {encoding}, not in UTF-8",
            f"Save it as UTF-8, for example: iconv -f {encoding} -t UTF-8 FILE > NEW",
        )
    if _is_binary(first):
        raise InputError(
            f"{where} is a binary file, not a text file", "Give the data as CSV, TSV or Parquet."
        )
    if _HTML.match(first):
        raise InputError(
            f"{where} is a web page or XML, not a table",
            "Get the file again: a server sends such a page instead of the file when it asks for "
            "a login or reports an error.",
        )
    if _JSON.match(first):
        lines = ", lines=True" if b"{" in first.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] else ""
        raise InputError(
            f"{where} is JSON, not a table",
            f"Save it as CSV: python -c \"import pandas; pandas.read_json('FILE'{lines})"
            ".to_csv('FILE.csv', index=False)\"",
        )


def _is_wide(first: bytes) -> bool:
    """Whether every second byte of the beginning is NUL, as in Latin text of UTF-16."""
    halves = (first[0:64:2], first[1:64:2])
    return len(first) >= 8 and any(half.count(0) >= 0.9 * len(half) for half in halves)


def _is_binary(first: bytes) -> bool:
    """Whether it is text in no encoding; a text can hold a NUL or two."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(first)  # its end may be cut
    except UnicodeDecodeError:
        controls = len(first) - len(first.translate(None, _CONTROLS))
        return b"\0" in first and controls > 0.05 * len(first)
    return False
