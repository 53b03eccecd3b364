"""Cutting a file of rows into blocks of whole rows, and bringing their bytes into one shape."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

QUOTE = b'"'
_BOM = b"\xef\xbb\xbf"
_LONE_RETURN = re.compile(rb"\r(?!\n)")
_CONTROLS = tuple(bytes([code]) for code in (*range(1, 9), *range(14, 32)))
_READS_A_ROW = 16


@dataclass
class Blocks:
    """Blocks of about ``size`` bytes, each of whole rows, in constant memory.

    With quotes a row ends where a line ends and the number of quotes so far is even. Blank
    lines at the end of the file belong to no block.
    """

    raw: BinaryIO
    size: int
    quoted: bool
    rest: bytes = b""
    ended: bool = False

    def take(self) -> bytes:
        """The next block; empty at the end. The last one may lack its final newline."""
        reads = 0
        while not self.ended:
            data = self.raw.read(self.size)
            self.ended = not data
            self.rest += data
            reads += 1
            # so many blocks without a row's end: a quote was never closed
            end = row_end(self.rest, self.quoted and reads <= _READS_A_ROW)
            if end and not self.ended and (block := self._cut(end)):
                return block
        return self._cut(len(self.rest))

    def give_back(self, data: bytes) -> None:
        """Put the rows at the end of a block before those that come next."""
        self.rest = data + self.rest

    def _cut(self, end: int) -> bytes:
        """Take ``end`` bytes but for the blank lines at their end, which may be the last ones."""
        body = self.rest[:end].rstrip(b"\r\n")
        if not body:
            return b""
        newline = self.rest.find(b"\n", len(body))
        end = newline + 1 if newline >= 0 else len(self.rest)
        block, self.rest = self.rest[:end], self.rest[end:]
        return block


def row_end(data: bytes, quoted: bool) -> int:
    """Where the last whole row ends; 0 when there is none."""
    end = data.rfind(b"\n")
    if not quoted or QUOTE not in data:
        return end + 1
    open_quotes, stop = data.count(QUOTE), len(data)
    while end >= 0:
        open_quotes -= data.count(QUOTE, end, stop)
        if open_quotes % 2 == 0:
            return end + 1
        end, stop = data.rfind(b"\n", 0, end), end
    return 0


def without_bom(data: bytes) -> bytes:
    return data.removeprefix(_BOM)


def as_utf8(data: bytes, encoding: str) -> tuple[bytes, int]:
    """UTF-8 bytes, and how many lines were damaged: those are taken for latin-1."""
    if data.isascii():
        return data, 0
    if encoding == "latin-1":
        return data.decode("latin-1").encode(), 0
    try:
        data.decode()
    except UnicodeDecodeError:
        lines = data.split(b"\n")
        mended = [_mended(line) for line in lines]
        damaged = sum(old is not new for old, new in zip(lines, mended, strict=True))
        return b"\n".join(mended), damaged
    return data, 0


def _mended(line: bytes) -> bytes:
    try:
        line.decode()
    except UnicodeDecodeError:
        return line.decode("latin-1").encode()
    return line


@dataclass
class Plain:
    """Bytes with a separator of one byte and no lone carriage return.

    ``stand_ins`` are the control characters that stand for what was replaced.
    """

    data: bytes
    separator: str
    stand_ins: dict[str, str]

    def restore(self, text: str) -> str:
        for stand_in, original in self.stand_ins.items():
            text = text.replace(stand_in, original)
        return text


def plain(data: bytes, separator: str) -> Plain:
    """Replace a long separator, and carriage returns that end no line."""
    stand_ins: dict[str, str] = {}
    free = (control for control in _CONTROLS if control not in data)
    if len(separator.encode()) > 1:
        control = next(free)
        data = data.replace(separator.encode(), control)
        stand_ins[control.decode()] = separator
        separator = control.decode()
    if b"\r" in data and _LONE_RETURN.search(data):
        control = next(free)
        data = _LONE_RETURN.sub(control, data)
        stand_ins[control.decode()] = "\r"
    return Plain(data, separator, stand_ins)


def without_returns(data: bytes, quoted: bool) -> bytes:
    """Line ends ``\\r\\n`` as ``\\n``; inside quotes they stay."""
    if b"\r" not in data:
        return data
    if not quoted or QUOTE not in data:
        return data.replace(b"\r\n", b"\n")
    codes = np.frombuffer(data, dtype=np.uint8)
    kept: npt.NDArray[np.uint8] = codes[(codes != ord("\r")) | _inside(codes)]
    return kept.tobytes()


def well_quoted(data: bytes, separator: str) -> bool:
    """Whether every quote opens or closes a whole field, or is doubled inside one (RFC 4180)."""
    if QUOTE not in data:
        return True
    codes = np.frombuffer(data, dtype=np.uint8)
    quotes = np.flatnonzero(codes == ord(QUOTE))
    if len(quotes) % 2:
        return False
    edge = np.zeros(256, dtype=bool)
    edge[[ord("\n"), ord(QUOTE), ord(separator)]] = True
    opens, closes = quotes[0::2], quotes[1::2]
    before = codes[opens[opens > 0] - 1]
    behind = codes[closes[closes < len(codes) - 1] + 1]
    return bool(edge[before].all() and edge[behind].all())


def row_lines(data: bytes, quoted: bool) -> npt.NDArray[np.int64]:
    """The line, from 0, at which each row starts."""
    newlines = data.count(b"\n") + (not data.endswith(b"\n"))
    if not quoted or QUOTE not in data:
        return np.arange(newlines)
    codes = np.frombuffer(data, dtype=np.uint8)
    ends = np.flatnonzero(~_inside(codes)[codes == ord("\n")])
    starts = np.concatenate([[0], ends + 1])
    return starts[starts < newlines]


def _inside(codes: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """For each byte whether it is inside quotes."""
    return np.logical_xor.accumulate(codes == ord(QUOTE))
