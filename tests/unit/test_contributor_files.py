"""The files for contributors: they fit their schemas, and their commands exist."""

from __future__ import annotations

import json
import re
import shlex
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

ROOT = Path(__file__).parents[2]
GITHUB = ROOT / ".github"
WORKFLOW = GITHUB / "workflows" / "ci.yml"
SCHEMAS = {
    WORKFLOW: "github-workflows",
    GITHUB / "ISSUE_TEMPLATE" / "bug.yml": "github-issue-forms",
    GITHUB / "ISSUE_TEMPLATE" / "question_or_feature.yml": "github-issue-forms",
    GITHUB / "ISSUE_TEMPLATE" / "config.yml": "github-issue-config",
    ROOT / "CITATION.cff": "citation-file-format",
}


def parsed(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def validator(name: str) -> Any:
    vendor = resources.files("check_jsonschema.builtin_schemas.vendor")
    schema = json.loads(vendor.joinpath(f"{name}.json").read_text())
    return jsonschema.validators.validator_for(schema)(schema)


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_a_file_fits_its_schema_and_a_mistake_would_not(path: Path) -> None:
    checker, content = validator(SCHEMAS[path]), parsed(path)
    assert list(checker.iter_errors(content)) == []
    assert list(checker.iter_errors([content]))


def test_every_issue_form_is_checked() -> None:
    assert {*(GITHUB / "ISSUE_TEMPLATE").iterdir()} == {
        path for path in SCHEMAS if path.parent.name == "ISSUE_TEMPLATE"
    }


def targets() -> set[str]:
    """Targets of the Makefile that are commands: those that are phony."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    (phony,) = re.findall(r"^\.PHONY: (.*)$", text, re.MULTILINE)
    defined = set(re.findall(r"^([a-z-]+(?: [a-z-]+)*):", text, re.MULTILINE))
    names = {name for group in defined for name in group.split()}
    assert set(phony.split()) <= names
    return set(phony.split())


def made(command: str) -> set[str]:
    """The targets of a command that calls make; of another one, itself."""
    words = shlex.split(command)
    return {word for word in words[1:] if "=" not in word} if words[0] == "make" else {command}


def test_every_command_of_the_workflow_is_a_make_target() -> None:
    jobs = parsed(WORKFLOW)["jobs"]
    commands = [
        line
        for job in jobs.values()
        for step in job["steps"]
        for line in step.get("run", "").splitlines()
    ]
    assert len(commands) == len(jobs)
    assert [made(line) - targets() for line in commands] == [set()] * len(commands)
    assert {"unit", "lint", "test"} <= {name for line in commands for name in made(line)}


def test_what_may_fail_in_the_workflow_says_so() -> None:
    jobs = parsed(WORKFLOW)["jobs"]
    matrix = jobs["unit"]["strategy"]["matrix"]
    assert matrix["python"] == ["3.11", "3.12", "3.13", "3.14"]
    lenient = {lane["os"] for lane in matrix["include"] if lane.get("may_fail")}
    assert lenient == {"macos-latest", "windows-latest"}
    assert [name for name, job in jobs.items() if "continue-on-error" in job] == ["unit"]


@pytest.mark.parametrize("command", ["make nosuch", "pip install x", "make unit nosuch"])
def test_another_command_would_be_noticed(command: str) -> None:
    assert made(command) - targets()


def test_hooks_before_a_commit_are_checks_of_make_lint() -> None:
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").partition("\nlint:")[2]
    lint = recipe.partition("\n\n")[0].replace("$(BIN)", ".venv/bin").replace(" . ", " ")
    hooks = [
        hook for repo in parsed(ROOT / ".pre-commit-config.yaml")["repos"] for hook in repo["hooks"]
    ]
    assert {hook["id"] for hook in hooks} == {"ruff", "ruff-format", "codespell", "cypher"}
    for hook in hooks:
        assert hook["language"] == "system"
        command = hook["entry"].removesuffix(" --force-exclude")
        assert command.removesuffix(" --check") in lint, hook["id"]


def test_what_the_owner_fills_in_is_marked() -> None:
    marks = ("TO BE FILLED IN BY THE OWNER", "to be filled in by the owner")
    for name in ("CITATION.cff", "SECURITY.md"):
        assert any(mark in (ROOT / name).read_text(encoding="utf-8") for mark in marks), name
