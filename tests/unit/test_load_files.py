"""Files that cannot be read or written: errors say which, and what to do."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from reelgraph.errors import InputError
from reelgraph.loader.reading.files import SourceFile, one_file
from reelgraph.loader.reading.rejects import Rejects


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


def zipped(*names: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return made.getvalue()


TABLE = "user,item\n1,2\n3,4\n"
OTHERS = {
    "u16.csv": (TABLE.encode("utf-16"), "is in UTF-16"),
    "u16be.csv": (TABLE.encode("utf-16-be"), "is in UTF-16"),
    "u32.csv": (TABLE.encode("utf-32"), "is in UTF-32"),
    "data.bin": (bytes(range(256)), "is a binary file"),
    "old.xls": (b"\xd0\xcf\x11\xe0\xa1\xb1" + bytes(600), "is an old Excel workbook"),
    "new.xlsx": (zipped("[Content_Types].xml", "xl/workbook.xml"), "is a spreadsheet"),
    "sheet.csv": (zipped("[Content_Types].xml", "xl/workbook.xml"), "is a spreadsheet"),
    "calc.ods": (zipped("mimetype", "content.xml"), "is a spreadsheet"),
    "several.zip": (zipped("a.csv", "b.csv"), r"holds several files.*several.zip/a.csv"),
    "lines.json": (b'{"a":1}\n{"a":2}\n', "is JSON.*lines=True"),
    "list.json": (b' [\n  {"a":1}]', "is JSON"),
    "page.csv": (b"\n<!DOCTYPE html><html>", "is a web page"),
    "old.pkl": (b"\x80\x04\x95abc", "is a Python pickle"),
    "table.feather": (b"ARROW1\0\0", "is an Arrow"),
    "x.csv.zst": (b"\x28\xb5\x2f\xfd\0", "is packed with zstd"),
    "u16.csv.gz": (gzip.compress(TABLE.encode("utf-16")), "is in UTF-16"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_no_text_is_named_as_what_it_is(tmp_path: Path, name: str) -> None:
    content, message = OTHERS[name]
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match=f"(?s){message}"), one_file(path).open() as file:
        file.read()


@pytest.mark.parametrize("text", ["", "{x},y\n", "a\tb\n[1]\t2\n", "<b>,c\n", "é;ü\n"])
def test_texts_are_not_taken_for_something_else(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    with one_file(path).open() as file:
        assert file.read().decode() == text
