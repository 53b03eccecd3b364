"""A graph that takes another's place: stopped anywhere, it leaves the old one to go on with."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from reelgraph.errors import ServerError
from reelgraph.graph.local import Home, LocalServer, java, stores
from reelgraph.graph.local.lanes import DEFAULT

BESIDE = "being-imported"
PARTS = ("databases", "transactions")


class Killed(BaseException):
    """What ``kill -9`` is to the program: nothing of it runs any more."""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with an old graph, a new one beside it, and the rest of an earlier swap."""
    home = Home(tmp_path / "neo4j_data")
    home.claim("jvm", DEFAULT)
    for part in PARTS:
        for name, content in (("neo4j", "old"), (BESIDE, "new"), ("being-replaced", "oldest")):
            (home.data / part / name).mkdir(parents=True)
            (home.data / part / name / "file").write_text(content)
    return home


def graph(home: Home) -> list[str]:
    return [(home.data / part / "neo4j" / "file").read_text() for part in PARTS]


def stop_at(monkeypatch: pytest.MonkeyPatch, number: int, error: BaseException) -> None:
    """The rename with this number fails, before it does anything; only that one."""
    real, done = Path.rename, []

    def rename(self: Path, target: Path) -> Path:
        done.append(self)
        if len(done) == number:
            raise error
        return real(self, target)

    monkeypatch.setattr(Path, "rename", rename)


def test_the_new_graph_takes_the_place(home: Home) -> None:
    stores.replace(home, BESIDE)
    assert graph(home) == ["new", "new"]
    for part in PARTS:
        assert [path.name for path in (home.data / part).iterdir()] == ["neo4j"]


@pytest.mark.parametrize("number", [1, 2, 3, 4])
@pytest.mark.parametrize("error", [OSError("disk"), KeyboardInterrupt()])
def test_a_failed_swap_puts_the_old_graph_back(
    home: Home, monkeypatch: pytest.MonkeyPatch, number: int, error: BaseException
) -> None:
    stop_at(monkeypatch, number, error)
    with pytest.raises(type(error)):
        stores.replace(home, BESIDE)
    assert graph(home) == ["old", "old"]


@pytest.mark.parametrize("number", [1, 2, 3, 4])
@pytest.mark.parametrize("again", [None, 1, 2])
def test_a_killed_swap_is_made_good_at_the_next_start(
    home: Home, monkeypatch: pytest.MonkeyPatch, number: int, again: int | None
) -> None:
    """Even when putting the graph back is killed, too."""
    _kill(home, monkeypatch, number)
    if again:
        with monkeypatch.context() as patch:
            stop_at(patch, again, Killed())
            with suppress(Killed):
                stores.put_back(home)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(java, "PLACES", ())
    with pytest.raises(ServerError, match="needs Java 17 or 21"):
        LocalServer(home, home.path / ".env").up()
    assert graph(home) == ["old", "old"]


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_the_next_swap_does_not_delete_the_only_graph(
    home: Home, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    _kill(home, monkeypatch, number)
    real = Path.rename

    def rename(self: Path, target: Path) -> Path:
        if target.name == "being-replaced":
            raise OSError("disk")
        return real(self, target)

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(OSError, match="disk"):
        stores.replace(home, BESIDE)
    assert graph(home) == ["old", "old"]


def _kill(home: Home, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """A swap that ends at a rename, without a chance to put anything back."""
    with monkeypatch.context() as patch:
        patch.setattr(stores, "put_back", lambda home: None)
        stop_at(patch, number, Killed())
        with pytest.raises(Killed):
            stores.replace(home, BESIDE)
