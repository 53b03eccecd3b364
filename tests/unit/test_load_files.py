"""Files that cannot be read or written: errors say which, and what to do."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from reelgraph.errors import InputError
from reelgraph.loader.files import SourceFile
from reelgraph.loader.rejects import Rejects


def packed(folder: Path, method: int = zipfile.ZIP_STORED) -> Path:
    path = folder / "data.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("log.csv", "u,i\n" + "1,2\n" * 1000)
    return path


def change(path: Path, offset: int, value: int) -> None:
    """Put a byte into both headers of the file inside; ``offset`` is that in the first one."""
    data = bytearray(path.read_bytes())
    data[offset] = data[data.index(b"PK\x01\x02") + offset + 2] = value
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("offset", "value", "reason"),
    [(6, 1, "encrypted"), (8, 99, "compression method")],
)
def test_a_zip_file_that_python_cannot_unpack(
    tmp_path: Path, offset: int, value: int, reason: str
) -> None:
    path = packed(tmp_path)
    change(path, offset, value)
    with pytest.raises(InputError, match=rf"data\.zip/log\.csv cannot be read: .*{reason}") as e:
        SourceFile(path, "log.csv").read()
    assert "Unpack the archive" in e.value.hint


def test_damage_inside_a_zip_file(tmp_path: Path) -> None:
    path = packed(tmp_path, zipfile.ZIP_LZMA)
    data = bytearray(path.read_bytes())
    data[50] = 0xFF
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"data\.zip/log\.csv cannot be read") as caught:
        SourceFile(path, "log.csv").read()
    assert "damaged" in caught.value.hint


def test_a_rejects_file_that_cannot_be_written(tmp_path: Path) -> None:
    data = tmp_path / "log.csv"
    data.write_text("u,i\n")
    rejects = Rejects(limit=5, file=tmp_path / "no" / "folder.csv")
    message = r"cannot write the rejected rows to .*folder\.csv"
    with pytest.raises(InputError, match=message) as caught, SourceFile(data).open():
        rejects.add("log.csv", 2, "bad")
    assert "--rejected FILE" in caught.value.hint
