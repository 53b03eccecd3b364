"""Everything a user can name is documented: commands, settings, hooks, components, statements."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

from reelgraph import cypher
from reelgraph.cli import main
from reelgraph.cli.reference import reference, walk
from reelgraph.plugins.registry import HOOKS, PluginManager
from reelgraph.settings import Settings, environment_name

# the successor of that attribute comes with Click 9 only
pytestmark = pytest.mark.filterwarnings("ignore:'protected_args'")

ROOT = Path(__file__).parents[2]
_NOT_HERE = {"most-rated", "csv", "NAME"}  # of the example plugin; the reader's own source
PAGES = [
    *(page for page in ROOT.glob("*.md") if page.name != "CHANGELOG.md"),
    *(page for page in (ROOT / "docs").glob("*.md") if page.name != "reference.md"),
    *(ROOT / "plugins").rglob("*.md"),
]
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
def test_the_examples_of_a_command_can_be_given(path: str) -> None:
    for line in (COMMANDS[path].help or "").partition("Examples:\n")[2].splitlines():
        parse(line)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_in_the_documentation_can_be_given(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for line in command_lines(text):
        parse(line)
    for words in re.findall(r"`(?:\.venv/bin/)?(reelgraph [^`\n]+)`", text):
        parse(words, whole=False)


@pytest.mark.parametrize(
    "line", ["reelgraph run --nonsense", "reelgraph nosuch", "reelgraph gds run --split"]
)
def test_a_wrong_command_would_be_noticed(line: str) -> None:
    with pytest.raises(click.UsageError):
        parse(line)


def command_lines(text: str) -> list[str]:
    """Lines of the blocks of a page that are commands: those of a shell, or of no language."""
    found, language = [], None
    for line in text.replace("\\\n", " ").splitlines():
        if line.startswith("```"):
            language = line.removeprefix("```").strip() if language is None else None
        elif language in ("", "bash", "sh", "console"):
            found.append(line)
    return found


def test_blocks_without_a_language_are_read_and_other_text_is_not() -> None:
    page = (
        "a\n```\nreelgraph one\n```\nreelgraph two\n```text\nreelgraph three\n```\n```sh\nfour\n```"
    )
    assert command_lines(page) == ["reelgraph one", "four"]


def parse(line: str, whole: bool = True) -> None:
    """Let Click read a documented command without running it.

    :param whole: whether arguments that the command needs must be there.
    :raises click.UsageError: for a command, option or value that does not exist.
    """
    if "reelgraph " not in line or "_COMPLETE=" in line:
        return
    words = shlex.split(line[line.index("reelgraph ") :], comments=True)[1:]
    ends = [words.index(word) for word in ("|", "&&", ";", ">", "<") if word in words]
    words = [
        word for word in words[: min(ends, default=None)] if word not in ("…", "...", "--help")
    ]
    if set(words) & _NOT_HERE:
        return
    command: click.Command = main
    parent: click.Context | None = None
    name = "reelgraph"
    while True:
        try:
            context = command.make_context(name, list(words), parent, help_option_names=[])
        except (click.MissingParameter, click.exceptions.NoArgsIsHelpError):
            if whole:
                raise
            return
        except click.BadParameter as error:
            if "does not exist" in error.message:  # the reader's own file
                return
            raise
        rest = [*context.protected_args, *context.args]
        if not isinstance(command, click.Group) or not rest:
            return
        name, found, words = command.resolve_command(context, rest)
        assert found is not None
        command, parent = found, context


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
        *manager.protocols(),
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
        *manager.protocols().values(),
    ]
    for component in found:
        assert component.description
        config = getattr(component, "config_class", None)
        for name, field in (config.model_fields if config else {}).items():
            assert field.description, f"{component.name}: option {name} has no description"
    for protocol in manager.protocols().values():
        assert all(one.description for one in protocol.parameters.values()), protocol.name
    assert all(field.description for field in Settings.model_fields.values())


def test_links_between_pages_lead_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "plugins").rglob("*.md")]
    for page in pages:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def _files() -> list[Path]:
    return list(Path(cypher.__file__).parent.rglob("*.cypher"))
