"""Jobs by name and configuration, and what a projection is made of; no server."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from reelgraph.errors import InputError
from reelgraph.gds_jobs.columns import property_columns, typed
from reelgraph.gds_jobs.inputs import Inputs
from reelgraph.gds_jobs.jobs import BUILT_IN_JOBS, make_job
from reelgraph.gds_jobs.payload import edge_groups, edge_sums, node_groups

KNOWN = {job.name: job for job in BUILT_IN_JOBS}


def inputs() -> Inputs:
    """Items 0-2, entities 3-4, users 5-6."""
    return Inputs(
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
    for name, field in job.config_class.model_fields.items():
        assert field.description, f"{job.name}.{name}"


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
        ("fastrp-train", {"edges": "both"}, "is over train edges"),
    ],
)
def test_wrong_names_and_parameters_are_refused(
    name: str, parameters: dict[str, object], message: str
) -> None:
    with pytest.raises(InputError, match=message) as error:
        make_job(name, KNOWN, parameters)
    assert error.value.hint


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
