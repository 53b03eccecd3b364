"""Everything a user can name is documented: commands, settings, hooks, components, statements."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from reelgraph import cypher
from reelgraph.cli import main
from reelgraph.cli.reference import reference, walk
from reelgraph.plugins.manager import HOOKS, PluginManager
from reelgraph.settings import Settings, environment_name

ROOT = Path(__file__).parents[2]
COMMANDS = {context.command_path: command for context, command in walk(main)}


@pytest.mark.parametrize("path", COMMANDS)
def test_a_command_has_help_and_an_example(path: str) -> None:
    command = COMMANDS[path]
    text = command.help or ""
    assert text, f"{path} has no help"
    examples = text.partition("Examples:\n")[2]
    assert "reelgraph " in examples, f"{path} shows no example"
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help or parameter.hidden, f"{path} {parameter.opts}: no help"


@pytest.mark.parametrize("path", COMMANDS)
def test_the_examples_of_a_command_are_commands(path: str) -> None:
    examples = (COMMANDS[path].help or "").partition("Examples:\n")[2]
    for words in re.findall(r"reelgraph ([^|\n]*)", examples):
        names = [word for word in words.split() if not word.startswith("-")]
        group = {known.split()[1] for known in COMMANDS if " " in known}
        assert any(name in group for name in names), f"{path}: 'reelgraph {words}'"


def test_the_reference_is_current(tmp_path: Path) -> None:
    """If this fails: make docs. In a process of its own, since Click remembers help options."""
    made = tmp_path / "reference.md"
    subprocess.run([sys.executable, "-m", "reelgraph.cli.reference", str(made)], check=True)
    assert (ROOT / "docs" / "reference.md").read_text(encoding="utf-8") == made.read_text("utf-8")


def test_the_reference_names_everything() -> None:
    text = reference()
    manager = PluginManager(installed=False)
    names = [
        *COMMANDS,
        *Settings.model_fields,
        *(environment_name(name) for name in Settings.model_fields),
        *manager.sources(),
        *manager.models(),
        *manager.graph_jobs(),
        *(path.relative_to(ROOT / "cypher").with_suffix("").as_posix() for path in _files()),
    ]
    assert [name for name in names if f"`{name}`" not in text] == []


def test_every_hook_is_explained() -> None:
    text = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
    assert [hook for hook in HOOKS if f"`{hook}`" not in text] == []


def test_every_component_and_option_has_a_description() -> None:
    manager = PluginManager(installed=False)
    found = [
        *manager.sources().values(),
        *manager.models().values(),
        *manager.graph_jobs().values(),
    ]
    for component in found:
        assert component.description
        config = getattr(component, "config_class", None)
        for name, field in (config.model_fields if config else {}).items():
            assert field.description, f"{component.name}: option {name} has no description"
    assert all(field.description for field in Settings.model_fields.values())


def test_links_between_pages_lead_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "plugins").rglob("*.md")]
    for page in pages:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def _files() -> list[Path]:
    return list(Path(cypher.__file__).parent.rglob("*.cypher"))
