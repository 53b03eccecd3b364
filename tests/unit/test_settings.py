"""Settings: order of the places, origins, masking, errors."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgraph.errors import SettingsError
from reelgraph.settings import UP_FILE, Settings, environment_name, load_settings, remember_given

PLACES = ("reelgraph.toml", ".env", "environment", "flag")  # later ones win


def _loaded(workspace: Path, values: dict[str, str]):
    """Settings with ``heap`` given in some of the places."""
    if "reelgraph.toml" in values:
        (workspace / "reelgraph.toml").write_text(f'heap = "{values["reelgraph.toml"]}"\n')
    if ".env" in values:
        (workspace / ".env").write_text(f"REELGRAPH_HEAP={values['.env']}\n")
    environment = {"REELGRAPH_WORKSPACE": str(workspace)}
    if "environment" in values:
        environment["REELGRAPH_HEAP"] = values["environment"]
    return load_settings({"heap": values.get("flag")}, environment)


@given(st.dictionaries(st.sampled_from(PLACES), st.from_regex(r"[1-9]{1,3}[mg]", fullmatch=True)))
def test_the_most_particular_place_wins_and_is_named(values: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        loaded = _loaded(Path(folder), values)
    given_in = [place for place in PLACES if place in values]
    expected = values[given_in[-1]] if given_in else "2g"
    assert loaded.settings.heap == expected
    assert loaded.origins["heap"] == (given_in[-1] if given_in else "default")


def test_the_connection_has_the_names_of_the_neo4j_world(tmp_path: Path) -> None:
    environment = {"NEO4J_URI": "bolt://db:7687", "NEO4J_PASSWORD": "secret"}
    loaded = load_settings({"workspace": tmp_path}, environment)
    assert loaded.settings.uri == "bolt://db:7687"
    assert not loaded.settings.is_local
    assert environment_name("uri") == "NEO4J_URI"
    assert environment_name("bolt_port") == "REELGRAPH_BOLT_PORT"


def test_passwords_are_masked_wherever_settings_are_shown(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("NEO4J_PASSWORD=hunter2\nREELGRAPH_LOCAL_PASSWORD=hunter3\n")
    loaded = load_settings({"workspace": tmp_path}, {})
    shown = f"{loaded.table()} {loaded!r} {loaded.settings}"
    assert "hunter" not in shown
    rows = {row["setting"]: row for row in loaded.table()}
    assert rows["password"]["origin"] == ".env"
    assert set(rows["password"]["value"]) == {"*"}


def test_a_password_in_env_file_is_read_as_it_stands(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("NEO4J_PASSWORD='a$HOME #b'\n")
    password = load_settings({"workspace": tmp_path}, {}).settings.password
    assert password is not None
    assert password.get_secret_value() == "a$HOME #b"


def test_an_empty_variable_counts_as_not_given(tmp_path: Path) -> None:
    loaded = load_settings({"workspace": tmp_path}, {"NEO4J_URI": ""})
    assert loaded.settings.is_local
    assert loaded.origins["uri"] == "default"


def test_every_setting_is_in_the_table_with_its_meaning(tmp_path: Path) -> None:
    rows = load_settings({"workspace": tmp_path}, {}).table()
    assert [row["setting"] for row in rows] == list(Settings.model_fields)
    assert all(row["meaning"] and row["environment"] for row in rows)


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"REELGRAPH_BOLT_PORT": "70000"}, "bolt_port (from environment)"),
        ({"REELGRAPH_BOLT_PORT": "many"}, "bolt_port (from environment)"),
        ({"REELGRAPH_HEAP": "two"}, "heap (from environment)"),
        ({"REELGRAPH_DEVICE": "tpu"}, "device (from environment)"),
    ],
)
def test_a_value_that_does_not_fit_is_named_with_its_place(
    tmp_path: Path, environment: dict[str, str], named: str
) -> None:
    with pytest.raises(SettingsError) as error:
        load_settings({"workspace": tmp_path}, environment)
    assert named in error.value.message
    assert "REELGRAPH_" in error.value.hint


def test_an_unknown_key_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    (tmp_path / "reelgraph.toml").write_text('heep = "2g"\n')
    with pytest.raises(SettingsError, match="unknown setting 'heep'") as error:
        load_settings({"workspace": tmp_path}, {})
    assert "heap" in error.value.hint


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "reelgraph.toml").write_text("heap = \n")
    with pytest.raises(SettingsError, match=r"reelgraph\.toml"):
        load_settings({"workspace": tmp_path}, {})


def test_what_up_was_given_holds_until_something_else_is_said(tmp_path: Path) -> None:
    (tmp_path / "neo4j_data").mkdir()
    settings = load_settings({"workspace": tmp_path}, {}).settings
    remember_given(settings, {"bolt_port": 7688, "http_port": 7475, "heap": None})
    remember_given(settings, {"bolt_port": None, "http_port": None, "heap": "1g"})
    found = load_settings({"workspace": tmp_path}, {"REELGRAPH_HTTP_PORT": "7476"})
    assert (found.settings.bolt_port, found.settings.http_port) == (7688, 7476)
    assert (found.settings.heap, found.settings.page_cache) == ("1g", "512m")
    assert found.origins["bolt_port"] == "neo4j up"
    (tmp_path / "reelgraph.toml").write_text("bolt_port = 7690\n")
    assert load_settings({"workspace": tmp_path}, {}).settings.bolt_port == 7690
    for damaged in ("{", "[]", "5", '{"bolt_port": 7'):
        (tmp_path / UP_FILE).write_text(damaged)
        assert load_settings({"workspace": tmp_path}, {}).settings.heap == "2g"
