"""Files for analysts' tools: what is written, and what is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from reelgraph.errors import InputError
from reelgraph.explore.output import write_files

FILES = {"a.txt": b"one", "more/b.txt": b"two"}


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }


def test_written_again_with_other_content(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_bytes(b"mine")
    write_files(tmp_path, FILES)
    write_files(tmp_path, {"a.txt": b"new"})
    assert content(tmp_path) == {"mine.txt": b"mine", "a.txt": b"new"}
    assert not (tmp_path / "more").exists()


@pytest.mark.parametrize("change", ["foreign", "changed"])
def test_what_is_not_its_own_is_refused_and_nothing_written(tmp_path: Path, change: str) -> None:
    if change == "changed":
        write_files(tmp_path, FILES)
    (tmp_path / "more").mkdir(exist_ok=True)
    (tmp_path / "more" / "b.txt").write_bytes(b"mine")
    before = content(tmp_path)
    with pytest.raises(InputError, match=r"b\.txt is not as 'explore build' wrote it"):
        write_files(tmp_path, {**FILES, "a.txt": b"new"})
    assert content(tmp_path) == before


def test_a_changed_file_that_is_not_written_any_more_stays(tmp_path: Path) -> None:
    write_files(tmp_path, FILES)
    (tmp_path / "more" / "b.txt").write_bytes(b"mine")
    write_files(tmp_path, {"a.txt": b"new"})
    assert content(tmp_path) == {"a.txt": b"new", "more/b.txt": b"mine"}


def test_a_call_that_broke_off_is_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(tmp_path, FILES)
    with monkeypatch.context() as patched:
        patched.setattr("reelgraph.explore.output._delete_own", _interrupted)
        with pytest.raises(KeyboardInterrupt):
            write_files(tmp_path, {"a.txt": b"new"})
    write_files(tmp_path, {"a.txt": b"newer"})
    assert content(tmp_path) == {"a.txt": b"newer"}


def _interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_folder_that_cannot_be_written_to(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"cannot write to .*file") as error:
        write_files(tmp_path / "file", FILES)
    assert "--to" in error.value.hint
