"""Settings files as people's editors write them, and names that are almost right."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from reelgraph.cli import main
from reelgraph.errors import SettingsError
from reelgraph.graph.local.envfile import PASSWORD, read_password, store
from reelgraph.settings import load_settings

URI = "NEO4J_URI=bolt://db:7687\n"


def call(workspace: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--workspace", str(workspace), *arguments])


def test_a_byte_order_mark_hides_no_setting(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(URI, encoding="utf-8-sig")
    (tmp_path / "reelgraph.toml").write_text('heap = "3g"\n', encoding="utf-8-sig")
    settings = load_settings({"workspace": tmp_path}, {}).settings
    assert (settings.uri, settings.heap) == ("bolt://db:7687", "3g")


def test_the_local_password_behind_a_byte_order_mark(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text(f"{PASSWORD}=geheimnis\n", encoding="utf-8-sig")
    assert read_password(env_file) == "geheimnis"
    store(env_file, PASSWORD, "another-one")
    assert env_file.read_text(encoding="utf-8") == f"{PASSWORD}=another-one\n"


@pytest.mark.parametrize(
    ("encoding", "named"),
    [("utf-16", "UTF-16"), ("utf-16-le", "UTF-16"), ("latin-1", "Latin-1 or Windows-1252")],
)
@pytest.mark.parametrize("name", [".env", "reelgraph.toml"])
def test_other_encodings_are_named(tmp_path: Path, name: str, encoding: str, named: str) -> None:
    text = '# one\nREELGRAPH_HEAP="ü"\n' if name == ".env" else '# one\nheap = "ü"\n'
    (tmp_path / name).write_bytes(text.encode(encoding))
    with pytest.raises(SettingsError, match=f"{name} is not UTF-8 .*{named}"):
        load_settings({"workspace": tmp_path}, {})
    shown = call(tmp_path, "doctor")
    assert shown.exit_code == 2
    assert "is not UTF-8" in shown.output


def test_folders_in_files_are_relative_to_the_workspace(tmp_path: Path) -> None:
    (tmp_path / "reelgraph.toml").write_text('plugins_dir = "my"\n')
    (tmp_path / ".env").write_text("REELGRAPH_CACHE_DIR=data\n")
    settings = load_settings({"workspace": tmp_path}, {}).settings
    assert settings.plugins_dir == tmp_path / "my"
    assert settings.cache_dir == tmp_path / "data"
    given = load_settings({"workspace": tmp_path, "plugins_dir": Path("here")}, {}).settings
    assert given.plugins_dir == Path("here")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("NEO4J_USER", "Did you mean NEO4J_USERNAME?"),
        ("NEO4J_PASWORD", "Did you mean NEO4J_PASSWORD?"),
        ("NEOJ4_URI", "Did you mean NEO4J_URI?"),
        ("neo4j_uri", "Did you mean NEO4J_URI?"),
        ("REELGRAPH_HEEP", "Did you mean REELGRAPH_HEAP?"),
        ("REELGRAPH_COLOUR", "there is no such setting"),
    ],
)
def test_misspelt_names_are_said(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / ".env").write_text(f"{name}=secret\n")
    (line,) = load_settings({"workspace": tmp_path}, {}).warnings
    assert line == f".env: {name} is not read" + (f". {said}" if "?" in said else f": {said}")
    shown = call(tmp_path, "gds", "list")
    assert line in shown.stderr and "secret" not in shown.output
    assert load_settings({"workspace": tmp_path / "x"}, {name: "secret"}).warnings[0].endswith(said)


def test_other_programs_variables_are_their_own_business(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("NEO4J_AUTH=neo4j/x\nNEO4J_PLUGINS=[]\nPATH=/\nNEO4J_URI=\n")
    environment = {"HOME": "/", "NEO4J_HOME": "/", "N": "5", "REELGRAPH_TEST_URI": "bolt://x"}
    assert load_settings({"workspace": tmp_path}, environment).warnings == ()


def test_a_workspace_in_its_own_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "reelgraph.toml").write_text('workspace = "elsewhere"\n')
    with pytest.raises(SettingsError, match="workspace cannot be set here"):
        load_settings({"workspace": tmp_path}, {})
    (tmp_path / "reelgraph.toml").unlink()
    (tmp_path / ".env").write_text("REELGRAPH_WORKSPACE=elsewhere\n")
    assert "REELGRAPH_WORKSPACE is not read" in str(
        load_settings({"workspace": tmp_path}, {}).warnings
    )


def test_a_mistyped_workspace_is_said(tmp_path: Path) -> None:
    shown = call(tmp_path / "nosuch", "runs", "list")
    assert shown.exit_code == 2
    assert "nosuch does not exist" in shown.output and "mkdir -p" in shown.output
    (tmp_path / "file").touch()
    assert "file" in call(tmp_path / "file", "runs", "list").output


def test_a_uri_with_a_password_is_refused_and_not_shown(tmp_path: Path) -> None:
    environment = {"NEO4J_URI": "bolt://neo4j:hunter2@db:7687"}
    with pytest.raises(SettingsError) as caught:
        load_settings({"workspace": tmp_path}, environment)
    assert "holds a user name or password" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_without_a_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A container's user who is in no list of users."""

    def unknown() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", unknown)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    shown = call(tmp_path, "gds", "list")
    assert shown.exit_code == 2
    assert "HOME is not set" in shown.output and "REELGRAPH_CACHE_DIR" in shown.output
    monkeypatch.setenv("REELGRAPH_CACHE_DIR", str(tmp_path))
    assert call(tmp_path, "gds", "list").exit_code == 0
