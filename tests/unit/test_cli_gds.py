"""``reelgraph gds list`` and ``kge list``: all jobs in a narrow terminal, everything about one."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from reelgraph.cli import main
from reelgraph.gds_jobs.builtin import BUILT_IN_JOBS
from reelgraph.model.knowledge.config import METHODS


def gds(*arguments: str, status: int = 0) -> Result:
    result = CliRunner().invoke(main, ["gds", *arguments], env={"COLUMNS": "80"})
    assert result.exit_code == status, result.output
    return result


def test_the_list_is_readable_in_a_narrow_terminal() -> None:
    lines = gds("list").stdout.splitlines()
    assert max(map(len, lines)) <= 80
    words = {line.split()[0] for line in lines if line.startswith("  ") and line.split()}
    assert words >= {job.name for job in BUILT_IN_JOBS}  # no name is broken


@pytest.mark.parametrize("name", ["paths", "knn-train"])
def test_a_job_is_described_with_its_parameters(name: str) -> None:
    text = gds("list", name).stdout
    for word in ("cost", "used by", "writes", "repeats", "edges"):
        assert word in text


def test_all_as_json_and_unknown_jobs() -> None:
    jobs = json.loads(gds("list", "--json").stdout)
    assert [job["job"] for job in jobs][: len(BUILT_IN_JOBS)] == [job.name for job in BUILT_IN_JOBS]
    assert all(job["cost"] and job["parameters"] for job in jobs)
    assert "there is no graph job 'nope'" in gds("list", "nope", status=2).stderr


def test_methods_of_knowledge_graph_embeddings_and_their_parameters() -> None:
    result = CliRunner().invoke(main, ["kge", "list", "--json"])
    rows = {row["parameter"]: row for row in json.loads(result.stdout)}
    assert set(METHODS) < set(rows["embedding_size"])
    assert all(row["meaning"] for row in rows.values())
    assert rows["reg"]["distmult"] != "0.001"  # chosen for the method
