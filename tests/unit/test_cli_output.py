"""What commands print: names as they are, JSON that others read, terminals of other encodings."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from reelgraph.cli import main
from reelgraph.cli.checks import check_disk
from reelgraph.cli.context import Context
from reelgraph.cli.tables import print_table
from reelgraph.plugins import manager
from reelgraph.plugins.builtin_models import NAMES
from reelgraph.settings import load_settings

REELGRAPH = [sys.executable, "-m", "reelgraph"]

_GREEK = """
import click
import reelgraph.plugins
from reelgraph.cli.tables import print_table

@click.command()
def greek():
    print_table([{"ΣRR@10": "Привет"}], title="Σ")
    click.echo("Σ done", err=True)

@reelgraph.plugins.hookimpl
def register_commands(register):
    register(greek)
"""


@pytest.mark.parametrize("name", ["[/a]+", "[x IN range(1,3) | x*2]", "[red]", "[/shop]", "a\\["])
def test_names_are_no_markup(capsys: pytest.CaptureFixture[str], name: str) -> None:
    print_table([{name: name}], title=name)
    assert capsys.readouterr().out.count(name) == 3
    print_table([], title=name)
    assert capsys.readouterr().out == f"{name}: nothing\n"


def test_json_has_no_nan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    values = [float("nan"), -np.inf, np.float32(0.5), np.array([1.0, np.nan]), tmp_path, None]
    Context(load_settings({"workspace": tmp_path}, {})).echo_json({"values": values})
    printed = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert printed == {"values": [None, None, 0.5, [1.0, None], str(tmp_path), None]}


@pytest.mark.parametrize("encoding", ["latin-1", "ascii"])
def test_terminals_that_lack_letters(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "greek.py").write_text(_GREEK, encoding="utf-8")
    done = subprocess.run(
        [*REELGRAPH, "--workspace", str(tmp_path), "--plugins-dir", str(tmp_path), "greek"],
        env={**os.environ, "PYTHONIOENCODING": encoding},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert b"?RR@10" in done.stdout and b" done" in done.stderr


def test_a_reader_that_has_enough_is_no_error(tmp_path: Path) -> None:
    shell = f"{sys.executable} -m reelgraph --workspace {tmp_path} gds list --json | head -1"
    done = subprocess.run(shell, shell=True, capture_output=True, text=True, check=False)
    assert done.stdout == "[\n"
    assert done.stderr == ""


def test_a_workspace_that_cannot_be_written_fails_the_doctor() -> None:
    found = check_disk(load_settings({"workspace": Path("/proc")}, {}).settings)
    assert found.status == "failed"
    assert "cannot write to /proc" in found.found


class TestCompletion:
    @pytest.fixture
    def workspace(self, tmp_path: Path) -> Path:
        for name in ("ease-user-time-1a2b3c4d", "mine-random-5e6f7a8b"):
            (tmp_path / "runs" / name).mkdir(parents=True)
            manifest = {"model": name.partition("-")[0]}
            (tmp_path / "runs" / name / "manifest.json").write_text(json.dumps(manifest))
        split = tmp_path / "datasets" / "abc" / "splits" / "leave-one-out"
        split.mkdir(parents=True)
        (split / "manifest.json").write_text("{}")
        return tmp_path

    @pytest.mark.parametrize(
        ("words", "typed", "offered"),
        [
            (["predict"], "e", ["ease-user-time-1a2b3c4d"]),
            (["runs", "show"], "5e6", ["mine-random-5e6f7a8b"]),
            (["train", "--model"], "m", ["mine", "most-popular"]),
            (["train", "--split"], "", ["leave-one-out"]),
            (["gds", "run"], "wal", ["walk-vectors", "walks"]),
            (["run", "--protocol"], "leave", ["leave-one-out"]),
            (["export", "--protocol"], "g", ["given", "global-time"]),
            (["load"], "rec", ["recbole"]),
        ],
    )
    def test_what_is_offered(
        self, workspace: Path, words: list[str], typed: str, offered: list[str]
    ) -> None:
        complete = ShellComplete(main, {}, "reelgraph", "_REELGRAPH_COMPLETE")
        found = complete.get_completions(["--workspace", str(workspace), *words], typed)
        assert [item.value for item in found] == offered

    def test_built_in_models_are_named(self) -> None:
        built_in = {name for name in manager.models() if not manager.model_owner(name)}
        assert set(NAMES) == built_in

    def test_torch_is_not_imported(self, workspace: Path) -> None:
        program = (
            "import sys; from reelgraph.cli import main\n"
            "from click.shell_completion import ShellComplete\n"
            "ShellComplete(main, {}, 'r', 'R').get_completions(['train', '--model'], '')\n"
            "print('torch' in sys.modules, 'neo4j' in sys.modules)"
        )
        done = subprocess.run(
            [sys.executable, "-c", program],
            cwd=workspace,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.split() == ["False", "False"]


def test_warnings_do_not_spoil_json(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("NEO4J_USER=x\n")
    result = CliRunner().invoke(main, ["--workspace", str(tmp_path), "gds", "list", "--json"])
    assert json.loads(result.stdout)
