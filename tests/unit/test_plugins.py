"""The plugin manager: what it finds, and that a failing plugin does not break the rest."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from reelgraph import cypher
from reelgraph.cli import main
from reelgraph.cypher import store
from reelgraph.loader.source import Source
from reelgraph.model.base import Model
from reelgraph.model.splits.lookup import BUILT_IN_PROTOCOLS
from reelgraph.plugins import hookspecs
from reelgraph.plugins.registry import HOOKS, PluginInfo, PluginManager

ROOT = Path(__file__).parents[2]

COMMAND = """
import click
from reelgraph.plugins import hookimpl

__version__ = "3.2"

@hookimpl
def register_commands(register):
    @click.command("{name}")
    def command():
        '''Say hello.'''
        click.echo("hello from {name}")
    register(command)
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty plugins folder; Cypher folders that a test adds are forgotten."""
    monkeypatch.setattr(store, "_plugin_folders", {})
    return tmp_path


def _manager(folder: Path, trace: bool = False) -> PluginManager:
    return PluginManager(folder, trace, installed=False)


def _info(manager: PluginManager, name: str) -> PluginInfo:
    return next(plugin for plugin in manager.plugins() if plugin.name == name)


def test_built_ins_come_through_the_hooks(capsys: pytest.CaptureFixture[str]) -> None:
    manager = PluginManager(installed=False)
    assert "ml-100k" in manager.sources()
    assert list(manager.protocols()) == list(BUILT_IN_PROTOCOLS)
    assert set(manager.models()) >= {"attention-lstm", "ease", "most-popular"}
    assert set(manager.graph_jobs()) >= {"fastrp", "node2vec", "knn", "walks"}
    assert list(manager.explainers())[:2] == ["attention", "counterfactual"]
    assert [plugin.error for plugin in manager.plugins()] == [None] * 6
    assert capsys.readouterr().err == ""
    for things, base in ((manager.sources(), Source), (manager.models(), Model)):
        assert all(issubclass(thing, base) and thing.name == name for name, thing in things.items())


def test_plain_files_and_packages_of_the_folder_are_plugins(folder: Path) -> None:
    (folder / "single.py").write_text(COMMAND.format(name="single"))
    package = folder / "packaged"
    package.mkdir()
    (package / "__init__.py").write_text("from .hooks import register_commands\n")
    (package / "hooks.py").write_text(COMMAND.format(name="packaged"))
    (folder / "_helper.py").write_text("raise RuntimeError('not a plugin')")
    (folder / "notes.txt").write_text("no plugin either")
    manager = _manager(folder)
    assert list(manager.commands()) == ["packaged", "single"]
    single = _info(manager, "single")
    assert single == PluginInfo(
        "single", "3.2", str(folder / "single.py"), ("register_commands",), None
    )


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("import does_not_exist_anywhere", "ModuleNotFoundError"),
        ("def broken(:", "SyntaxError"),
        ("raise SystemExit(3)", "SystemExit"),
        (COMMAND.format(name="x").replace("(register):", "(registry):"), "registry"),
        (COMMAND.format(name="x").replace("register_commands", "register_dances"), "unknown hooks"),
        (COMMAND.format(name="x").replace("register(command)", "1 / 0"), "ZeroDivisionError"),
    ],
)
def test_a_failing_plugin_is_named_and_breaks_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str], text: str, error: str
) -> None:
    (folder / "bad.py").write_text(text)
    (folder / "good.py").write_text(COMMAND.format(name="good"))
    manager = _manager(folder)
    assert list(manager.commands()) == ["good"]
    assert "most-popular" in manager.models()
    assert error in (_info(manager, "bad").error or "")
    assert _info(manager, "good").error is None
    warnings = capsys.readouterr().err
    assert warnings.count("Warning: plugin 'bad'") == 1
    assert error in warnings


def test_what_is_registered_is_checked(folder: Path) -> None:
    (folder / "odd.py").write_text(
        "from reelgraph.plugins import hookimpl\n"
        "from reelgraph.model.base import Model\n"
        "class Nameless(Model): pass\n"
        "@hookimpl\n"
        "def register_models(register): register(Nameless)\n"
        "@hookimpl\n"
        "def register_sources(register): register(object())\n"
    )
    error = _info(_manager(folder), "odd").error or ""
    assert "Nameless has no name" in error
    assert "is not a subclass of Source" in error


def test_the_first_owner_of_a_name_keeps_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "first.py").write_text(COMMAND.format(name="twice"))
    (folder / "second.py").write_text(COMMAND.format(name="twice"))
    (folder / "third.py").write_text(COMMAND.format(name="demo"))
    manager = _manager(folder)
    assert list(manager.commands(reserved=["demo"])) == ["twice"]
    assert "'twice' is already taken by first" in (_info(manager, "second").error or "")
    assert "'demo' is already taken by reelgraph" in (_info(manager, "third").error or "")
    assert "plugin 'second'" in capsys.readouterr().err


def test_two_plugins_of_one_name_are_told_apart(folder: Path) -> None:
    (folder / "builtin_models.py").write_text(COMMAND.format(name="shadow"))
    manager = _manager(folder)
    assert "shadow" not in manager.commands()
    assert _info(manager, "builtin_models").error is None
    duplicate = _info(manager, f"builtin_models ({folder / 'builtin_models.py'})")
    assert duplicate.error == "not loaded: built-in has a plugin of this name"


def test_a_missing_folder_is_reported(folder: Path) -> None:
    missing = folder / "nowhere"
    assert "does not exist" in (_info(_manager(missing), str(missing)).error or "")


def test_trace_prints_every_hook_call(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "traced.py").write_text(COMMAND.format(name="hello"))
    manager = _manager(folder, trace=True)
    manager.commands()
    manager.models()
    lines = capsys.readouterr().err.splitlines()
    assert "[plugins] register_commands (traced): hello" in lines
    assert any("[plugins] register_models (builtin_models): " in line for line in lines)
    quiet = _manager(folder)
    quiet.commands()
    assert capsys.readouterr().err == ""


def test_statements_of_a_plugin_have_its_prefix(folder: Path) -> None:
    (folder / "queries").mkdir()
    (folder / "queries" / "one.cypher").write_text(
        "// Purpose: one.\n// Params:  none\n// Returns: one\n"
        "// Mode:    READ, managed transaction\nRETURN 1 AS one\n"
    )
    (folder / "asking.py").write_text(
        "from pathlib import Path\n"
        "from reelgraph.plugins import hookimpl\n"
        "@hookimpl\n"
        "def register_cypher(register):\n"
        "    register('asking', Path(__file__).parent / 'queries')\n"
        "    register('load', Path(__file__).parent / 'queries')\n"
    )
    manager = _manager(folder)
    assert manager.cypher_folders() == {"asking": folder / "queries"}
    assert cypher.load("asking/one").text == "RETURN 1 AS one"
    assert "prefix 'load' is taken" in (_info(manager, "asking").error or "")


def test_the_command_lists_plugins_and_their_commands_run(folder: Path) -> None:
    (folder / "greeting.py").write_text(COMMAND.format(name="greet"))
    (folder / "bad.py").write_text("raise ValueError('no luck')")
    environment = {"REELGRAPH_PLUGINS_DIR": str(folder)}
    runner = CliRunner()
    listed = runner.invoke(main, ["plugins", "--json"], env=environment)
    rows = {row["name"]: row for row in json.loads(listed.stdout)}
    assert rows["greeting"]["hooks"] == ["register_commands"]
    assert rows["greeting"]["version"] == "3.2"
    assert rows["bad"]["error"] == "cannot be loaded: ValueError: no luck"
    assert listed.exit_code == 1, "a script must notice"
    table = runner.invoke(main, ["plugins"], env=environment)
    assert "greeting" in table.stdout
    assert "Traceback" not in table.output
    flag = ["--plugins-dir", str(folder)]
    assert "greet" in runner.invoke(main, [*flag, "--help"]).stdout
    assert runner.invoke(main, [*flag, "greet"]).stdout == "hello from greet\n"


def test_the_plugin_in_the_documentation_is_the_one_that_is_tested() -> None:
    page = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```(?:python|cypher)\n(.*?)```", page, re.DOTALL)
    package = ROOT / "plugins" / "example" / "reelgraph_example"
    files = ("need.py", "graph_job.py", "cypher/cores.cypher", "protocol.py", "explainer.py")
    need, job, statement, protocol, explainer, hooks = (
        (package / name).read_text(encoding="utf-8") for name in (*files, "__init__.py")
    )
    of_hooks = {"FirstSeenSupplier": blocks[1], "Cores": blocks[4], "FirstEvents": blocks[6]}
    of_hooks["ByRating"] = blocks[8]
    of_files = [need, blocks[1], job, statement, blocks[4], protocol, blocks[6], explainer]
    assert blocks == [*of_files, blocks[8]]
    for name, block in of_hooks.items():
        assert block in hooks
        assert f"register({name})" in block


def test_the_example_registers_each_kind_of_thing(folder: Path) -> None:
    manager = _manager(ROOT / "plugins" / "example")
    assert _info(manager, "reelgraph_example").hooks == tuple(sorted(HOOKS))
    assert "first-events" in manager.protocols()
    assert "by-rating" in manager.explainers()
    cores = manager.graph_jobs()["cores"]
    assert cores.default().edges == "train"
    assert cypher.load("example/cores").purpose.startswith("core numbers")


def test_the_specifications_stay_small() -> None:
    assert len(HOOKS) == 8
    assert len(Path(hookspecs.__file__).read_text().splitlines()) < 80


_MISTAKEN = """
import reelgraph.plugins
from reelgraph.model.zoo.most_popular import MostPopular

class Mistaken(MostPopular):
    name = "mistaken"
    provides = frozenset({"ranking", "evidence"})

@reelgraph.plugins.hookimpl
def register_models(register):
    register(Mistaken)
"""


def test_a_model_that_lacks_what_it_provides_is_named(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(_MISTAKEN)
    found = PluginManager(plugins_dir=tmp_path, installed=False)
    (info,) = [one for one in found.plugins() if one.name == "mine"]
    assert info.error is not None
    assert "Mistaken ('mistaken') provides evidence but lacks the method explain" in info.error
    assert "mistaken" not in found.models()
