"""The recipes of ``CONTRIBUTING.md`` are run: each one's code, and its test."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
RECIPES = dict(re.findall(r"^### (.+?)\n.*?```python\n(.*?)```", TEXT, re.DOTALL | re.MULTILINE))


def run(folder: Path, recipes: list[str]) -> subprocess.CompletedProcess[str]:
    """Run recipes as their authors would, in a folder of their own, all in one process."""
    for number, code in enumerate(recipes):
        (folder / f"test_recipe_{number}.py").write_text(code, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-rfE", "."]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_there_is_a_recipe_for_each_kind_of_thing() -> None:
    assert list(RECIPES) == ["A source", "A model, with a need", "A graph job", "A protocol"]


@pytest.mark.slow
def test_the_recipes_pass_their_suites(tmp_path: Path) -> None:
    done = run(tmp_path, list(RECIPES.values()))
    assert done.returncode == 0, done.stdout + done.stderr
    (passed,) = re.findall(r"(\d+) passed", done.stdout)
    assert int(passed) > 30


MISTAKES = {
    "A source": ("interactions = 3", "interactions = 4"),
    "A model, with a need": ('"units": self.units}', '"units": 2 * self.units}'),
    "A graph job": ('rows[rows["fold"] == "train"]', "rows"),
    "A protocol": ("length - self.size)", "length)"),
}


@pytest.mark.slow
def test_a_mistake_in_each_recipe_would_be_found(tmp_path: Path) -> None:
    mistaken = []
    for name, (old, new) in MISTAKES.items():
        assert old in RECIPES[name]
        mistaken.append(RECIPES[name].replace(old, new))
    done = run(tmp_path, mistaken)
    failed = set(re.findall(r"^FAILED test_recipe_(\d)\.py", done.stdout, re.MULTILINE))
    assert failed == {"0", "1", "2", "3"}, done.stdout


def test_commands_of_the_page_are_make_targets() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"\bmake ([a-z-]+)", TEXT))
    assert {"unit", "lint", "test"} <= named
    assert [one for one in named if not re.search(rf"^{one}:", makefile, re.MULTILINE)] == []


def test_files_named_on_the_page_are_there() -> None:
    found = re.findall(r"`((?:\w+/)+[\w.]*|\w+\.(?:md|py))`", TEXT)
    outside = {"cypher/gds/", "source.py", "model.py", "need.py", "graph_job.py", "protocol.py"}
    assert len(found) > 15
    assert [one for one in found if one not in outside and not (ROOT / one).exists()] == []
