"""Jobs by name and configuration, and what a projection is made of; no server."""

from __future__ import annotations

import inspect
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from reelgraph.errors import GdsMissingError, InputError
from reelgraph.export.columns import property_columns, typed
from reelgraph.gds_jobs import catalogue
from reelgraph.gds_jobs.base import FileJob, GraphJob, Job
from reelgraph.gds_jobs.builtin import BUILT_IN_JOBS
from reelgraph.gds_jobs.naming import make_job
from reelgraph.gds_jobs.payload import edge_groups, edge_sums, node_groups
from reelgraph.gds_jobs.split_graph import SplitGraph
from reelgraph.graph.gds import check_version

KNOWN = {job.name: job for job in BUILT_IN_JOBS}


def inputs() -> SplitGraph:
    """Items 0-2, entities 3-4, users 5-6."""
    return SplitGraph(
        item_ids=pd.Series([10, 20, 30], name="itemId"),
        entities=2,
        users=2,
        train_type="RATED",
        train=pd.DataFrame({"user": [5, 5, 6], "item": [1, 0, 1]}),
        knowledge=pd.DataFrame(
            {"head": [0, 3], "relation": ["HAS_GENRE", "DIRECTED"], "tail": [4, 0]}
        ),
    )


@pytest.mark.parametrize("job", BUILT_IN_JOBS)
def test_every_job_says_what_it_is(job: type) -> None:
    assert job.name and job.description and job.consumer and job.__doc__
    assert job.cost != Job.cost
    for name, field in job.config_class.model_fields.items():
        assert field.description, f"{job.name}.{name}"


@pytest.mark.parametrize("job", BUILT_IN_JOBS)
def test_a_job_has_only_the_options_that_it_uses(job: type[Job]) -> None:
    source = inspect.getsource(inspect.getmodule(job))
    for option in ("seed", "concurrency"):
        assert (option in job.config_class.model_fields) == (f"config.{option}" in source), option


def test_graph_jobs_and_file_jobs_are_siblings() -> None:
    assert not issubclass(FileJob, GraphJob) and not hasattr(FileJob, "run")
    assert not issubclass(GraphJob, FileJob) and not hasattr(GraphJob, "compute")
    assert all(job.needs_gds == issubclass(job, GraphJob) for job in BUILT_IN_JOBS)


def test_names_say_which_edges() -> None:
    assert make_job("fastrp", KNOWN).output_name == "fastrp"
    assert make_job("fastrp-train", KNOWN).config.edges == "train"
    assert make_job("fastrp", KNOWN, {"edges": "both"}).output_name == "fastrp-both"
    assert make_job("walks", KNOWN).config.edges == "knowledge"
    assert make_job("walks-both", KNOWN).output_name == "walks-both"


@pytest.mark.parametrize(
    ("name", "parameters", "message"),
    [
        ("pagerank", {}, "no graph job 'pagerank'"),
        ("fastrp-test", {}, "no graph job 'fastrp-test'"),
        ("fastrp", {"size": 3}, "parameter size of job fastrp"),
        ("fastrp", {"embedding_size": "wide"}, "parameter embedding_size"),
        ("knn", {"concurrency": 4}, "parameter concurrency"),
        ("node2vec", {"concurrency": 5}, "parameter concurrency"),
        ("fastrp-train", {"edges": "both"}, "has edges train by its name"),
        ("fastrp", {"weight": "rating"}, "job fastrp: only train edges have weights"),
        ("fastrp-train", {"weight": "stars"}, "parameter weight"),
        ("fastrp-train", {"weight": "recency", "half_life": 0}, "parameter half_life"),
        ("fastrp", {"types": 5}, "parameter types"),
        ("fastrp", {"seed": -1}, "parameter seed"),
        ("hashgnn-train", {"weight": "rating"}, "parameter weight of job hashgnn"),
        ("knn-train", {"vectors": "hashgnn", "weight": "rating"}, "hashgnn takes no weights"),
    ],
)
def test_wrong_names_and_parameters_are_refused(
    name: str, parameters: dict[str, object], message: str
) -> None:
    with pytest.raises(InputError, match=message) as error:
        make_job(name, KNOWN, parameters)
    assert error.value.hint


def test_types_are_a_list_or_one_text() -> None:
    assert make_job("fastrp", KNOWN, {"types": "B, A,B"}).config.types == ("A", "B")
    assert make_job("fastrp", KNOWN, {"types": ["A"]}).config.types == ("A",)
    assert make_job("fastrp", KNOWN).config.types is None


def test_weights_of_edges() -> None:
    train = inputs().train.assign(weight=[5.0, 2.5, 1e-6])
    weighted = replace(inputs(), train=train)
    assert edge_groups(weighted)[:2] == [
        {"type": "RATED", "source": 5, "targets": [0, 1], "weights": [2.5, 5.0]},
        {"type": "RATED", "source": 6, "targets": [1], "weights": [1e-6]},
    ]
    assert edge_groups(weighted)[-1]["weights"] == [1.0]
    swapped = replace(weighted, train=train.assign(weight=[2.5, 5.0, 1e-6]))
    assert edge_sums(swapped)["RATED", True] != edge_sums(weighted)["RATED", True]
    assert swapped.fingerprint() != weighted.fingerprint() != inputs().fingerprint()


def test_edges_of_some_types() -> None:
    assert inputs().of_types(("DIRECTED",)).types == ("DIRECTED",)
    assert inputs().of_types(("HAS_GENRE", "RATED")).types == ("HAS_GENRE", "RATED")


def test_merged_knowledge_joins_a_pair_once() -> None:
    twice = pd.DataFrame(
        {
            "head": [3, 3, 0, 0],
            "relation": ["ACTED_IN", "DIRECTED", "HAS", "OF"],
            "tail": [0, 0, 3, 4],
        }
    )
    merged = replace(inputs(), knowledge=twice).merged()
    assert merged.types == ("KNOWLEDGE", "RATED")
    assert merged.knowledge[["head", "tail"]].to_numpy().tolist() == [[0, 3], [0, 4]]
    named = replace(inputs(), train_type="KNOWLEDGE").merged()
    assert named.types == ("KNOWLEDGE_", "KNOWLEDGE")


def test_edges_are_sent_from_the_end_with_fewer_nodes() -> None:
    acted = pd.DataFrame({"head": [3, 4], "relation": ["ACTED_IN"] * 2, "tail": [0, 0]})
    groups = edge_groups(replace(inputs(), knowledge=acted))
    assert groups[-1] == {"type": "ACTED_IN", "source": 0, "targets": [3, 4]}


def test_only_projections_of_ours_are_stale() -> None:
    other = "reelgraph-abcdef-1-012345-user-time-0123abcd"
    assert catalogue._is_stale(other, hours=30)
    assert not catalogue._is_stale(other, hours=2)
    assert not catalogue._is_stale("reelgraph-my-own-graph", hours=1000)


def test_a_projection_is_stale_when_its_process_has_ended() -> None:
    """Also when another process has its number, as after a restart of the machine."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        machine, born = catalogue._machine(), catalogue._born(process.pid)
        theirs = f"reelgraph-{machine}-{process.pid}-{born}-user-time-0123abcd"
        assert not catalogue._is_stale(theirs, hours=48), "it runs"
        assert catalogue._is_stale(theirs.replace(f"-{born}-", "-ffffff-"), hours=0)
        process.communicate(b"\n")
    assert catalogue._is_stale(theirs, hours=0)
    mine = catalogue.new_name("user-time")
    assert not catalogue._is_stale(mine, hours=48)
    catalogue.forget(mine)
    assert catalogue._is_stale(mine, hours=0)


@pytest.mark.parametrize(("version", "fits"), [((2, 12, 9), 0), ((2, 13, 0), 1), ((2, 13, 9), 1)])
def test_gds_must_be_new_enough(version: tuple[int, int, int], fits: int) -> None:
    if fits:
        check_version(*version)
        return
    with pytest.raises(GdsMissingError, match=r"has Graph Data Science 2\.12\.9.* need 2\.13\.0"):
        check_version(*version)


def test_configurations_are_frozen() -> None:
    with pytest.raises(ValidationError):
        make_job("fastrp", KNOWN).config.seed = 1


def test_groups_and_sums() -> None:
    assert node_groups(inputs()) == [
        {"label": "Item", "first": 0, "last": 2},
        {"label": "Entity", "first": 3, "last": 4},
        {"label": "User", "first": 5, "last": 6},
    ]
    assert edge_groups(inputs()) == [
        {"type": "RATED", "source": 5, "targets": [0, 1]},
        {"type": "RATED", "source": 6, "targets": [1]},
        {"type": "DIRECTED", "source": 3, "targets": [0]},
        {"type": "HAS_GENRE", "source": 0, "targets": [4]},
    ]
    sums = edge_sums(inputs())
    assert sums["RATED", True] == sums["RATED", False]
    assert sums["RATED", True][0] == 3


def test_sums_tell_apart_sets_of_one_size() -> None:
    changed = inputs()
    changed.train.loc[0, "item"] = 2
    assert edge_sums(changed)["RATED", True] != edge_sums(inputs())["RATED", True]


def test_only_the_edges_that_are_read_change_the_fingerprint() -> None:
    changed = inputs()
    changed.train.loc[0, "item"] = 2
    assert changed.fingerprint() != inputs().fingerprint()
    assert changed.only("knowledge").fingerprint() == inputs().only("knowledge").fingerprint()


def test_connected_nodes() -> None:
    known = inputs().only("knowledge").connected()
    np.testing.assert_array_equal(np.flatnonzero(known), [0, 3, 4])
    np.testing.assert_array_equal(np.flatnonzero(inputs().connected()), [0, 1, 3, 4, 5, 6])


def test_columns_of_properties() -> None:
    rows = [(["year", "title"], [1990, "A"]), (["title", "score"], ["B", 0.5]), ([], [])]
    columns = property_columns(rows)
    assert list(columns) == ["score", "title", "year"]
    assert columns["year"].to_list() == [1990, pd.NA, pd.NA]
    assert columns["score"].dtype == "Float64"


def test_kinds_of_values() -> None:
    assert typed([1, None]).dtype == "Int64"
    assert typed([1, 2.5]).to_list() == [1.0, 2.5]
    assert typed([True, None]).dtype == "boolean"
    assert typed([["a", 1], None]).to_list() == [["a", "1"], None]
    assert typed(["a", 1]).to_list() == ["a", "1"]
    assert typed([None]).isna().all()
