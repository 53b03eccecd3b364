"""With ``CI`` set a skip is a failure, in one process and in the workers of a parallel run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
SKIPS = {
    "call": "import pytest\ndef test_it():\n    pytest.skip('no')\n",
    "mark": "import pytest\n@pytest.mark.skip\ndef test_it():\n    pass\n",
    "fixture": (
        "import pytest\n@pytest.fixture\ndef part():\n    pytest.skip('no')\n"
        "def test_it(part):\n    pass\n"
    ),
    "module": "import pytest\npytest.importorskip('there_is_no_such_module')\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A file for each way to skip, and one test that passes."""
    for name, code in SKIPS.items():
        (tmp_path / f"test_{name}.py").write_text(code)
    (tmp_path / "test_passes.py").write_text("def test_it():\n    pass\n")
    return tmp_path


def run(folder: Path, *options: str, **variables: str) -> tuple[int, str]:
    """The exit code and what is printed by pytest in the folder."""
    outside = {name: value for name, value in os.environ.items() if name != "CI"}
    command = [sys.executable, "-m", "pytest", "-rA", "-p", "no_skips", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, "--continue-on-collection-errors", *options],
        cwd=folder,
        env={**outside, "PYTHONPATH": str(TESTS), **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("workers", ["0", "2"])
@pytest.mark.slow
def test_each_skip_fails_in_ci(folder: Path, workers: str) -> None:
    code, text = run(folder, "-n", workers, "--dist", "loadfile", CI="true")
    assert code == 1, text
    for name in SKIPS:
        assert re.search(rf"test_{name}\.py\S* was skipped, which CI does not allow", text), text
    assert "1 passed" in text and "skipped," not in text.splitlines()[-1]


@pytest.mark.slow
def test_elsewhere_a_skip_is_a_skip(folder: Path) -> None:
    code, text = run(folder)
    assert code == 0, text
    assert "1 passed, 4 skipped" in text
