"""What is cited is listed in ``docs/references.md``, and nothing is cited by a bare number."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REFERENCES = ROOT / "docs" / "references.md"
KEY = re.compile(r"\[([A-Z]{2,}-[A-Z]{2,}|RKAN|AttnGraphRec)\]")
LINK = re.compile(r"https://(?:doi\.org/10\.|arxiv\.org/|proceedings\.)[^\s`>,;]+")
NUMBERED = re.compile(r"\bpaper \d", re.IGNORECASE)


def tracked() -> dict[str, str]:
    """Texts of the repository by path, without this test."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return {
        name: (ROOT / name).read_text(encoding="utf-8")
        for name in names.splitlines()
        if Path(name).suffix in (".py", ".md", ".cypher", ".csv", ".toml")
        and (ROOT / name).is_file()
        and name != Path(__file__).relative_to(ROOT).as_posix()
    }


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    return tracked()


def links(text: str) -> set[str]:
    return {found.rstrip(".)") for found in LINK.findall(text)}


def test_keys_are_listed_once() -> None:
    keys = re.findall(r"^- \*\*\[(.+?)\]\*\*", REFERENCES.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(keys) == len(set(keys)) > 20


def test_cited_keys_are_listed(texts: dict[str, str]) -> None:
    listed = REFERENCES.read_text(encoding="utf-8")
    cited = {(name, key) for name, text in texts.items() for key in KEY.findall(text)}
    assert {"KG-LSTM", "RKAN", "LSTM-CNN"} <= {key for _, key in cited}
    assert [one for one in sorted(cited) if f"**[{one[1]}]**" not in listed] == []


def test_cited_links_are_listed(texts: dict[str, str]) -> None:
    listed = links(REFERENCES.read_text(encoding="utf-8"))
    cited = {(name, link) for name, text in texts.items() for link in links(text)}
    assert {link for _, link in cited} >= listed
    assert [one for one in sorted(cited) if one[1] not in listed] == []


def test_no_paper_is_cited_by_a_number(texts: dict[str, str]) -> None:
    assert [name for name, text in texts.items() if NUMBERED.search(text)] == []
