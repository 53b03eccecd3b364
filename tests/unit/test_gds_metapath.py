"""Metapaths and their walks, over files alone; the table that all walks end in."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from reelgraph.artifacts import SplitFolder, read_parquet
from reelgraph.cli import main
from reelgraph.errors import InputError
from reelgraph.gds_jobs.builtin import BUILT_IN_JOBS
from reelgraph.gds_jobs.csr import Csr
from reelgraph.gds_jobs.jobs.metapath_walks import walk
from reelgraph.gds_jobs.metapath import parse
from reelgraph.gds_jobs.naming import make_job
from reelgraph.gds_jobs.runner import run_jobs
from reelgraph.gds_jobs.walk_table import NO_NODE, walk_table
from reelgraph.testing.small_split import ENTITIES, ITEMS, interactions, make_split_folder, triples

KNOWN = {cls.name: cls for cls in BUILT_IN_JOBS}
DIRECTED = "User RATED> Movie <DIRECTED Person DIRECTED> Movie"


@pytest.fixture
def split(tmp_path: Path) -> SplitFolder:
    return make_split_folder(tmp_path)


def run(split: SplitFolder, *paths: str, **parameters: Any) -> list[tuple[int, ...]]:
    values = {"paths": list(paths), "walk_length": 7, **parameters}
    run_jobs(None, split, [make_job("metapath", KNOWN, values)], progress=False)
    return [tuple(walk) for walk in read_parquet(split.output("walks", "metapath"))["nodes"]]


def train_edges(split: SplitFolder) -> set[tuple[int, int]]:
    """Users and items, by index, of the train rows."""
    rows = read_parquet(split.split)
    rows = rows[rows["fold"] == "train"]
    users = read_parquet(split.dataset.users).set_index("userId")["index"]
    return set(zip(rows["user"].map(users), rows["item"] - 1, strict=True))


def edges(relation: str) -> set[tuple[int, int]]:
    found = triples()
    found = found[found["relation"] == relation]
    return set(zip(found["head"], found["tail"], strict=True))


def test_words_become_steps() -> None:
    steps = parse(DIRECTED).steps
    assert [str(step) for step in steps] == [
        "User RATED> Movie",
        "Movie <DIRECTED Person",
        "Person DIRECTED> Movie",
        "Movie <DIRECTED Person",
        "Person DIRECTED> Movie",
        "Movie <RATED User",
    ]


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("User-Movie-User", ["User <> Movie", "Movie <> User"]),
        ("User - Movie", ["User <> Movie", "Movie <> User"]),
        ("Movie <A B> Movie", ["Movie <A ()", "() B> Movie"]),
        ("Movie <A> Movie", ["Movie <A> Movie"]),
        ("Movie A>", ["Movie A> ()", "() <A Movie"]),
    ],
)
def test_notation(text: str, steps: list[str]) -> None:
    assert [str(step) for step in parse(text).steps] == steps


@pytest.mark.parametrize("text", ["", "User", "RATED> Movie", "<A", "User (Movie)", "A <B<C D"])
def test_what_is_no_metapath(text: str) -> None:
    with pytest.raises(InputError, match="metapath") as error:
        parse(text)
    assert "User-Movie-Person" in error.value.hint


def test_walks_take_the_named_edges_of_train_and_knowledge(split: SplitFolder) -> None:
    walks = run(split, DIRECTED, walks_per_node=30)
    rated, directed = train_edges(split), edges("DIRECTED")
    first_user = ITEMS + len(ENTITIES)
    rows = interactions()
    assert rated < set(zip(rows["user"] - 1 + first_user, rows["item"] - 1, strict=True))
    back = {(b, a) for a, b in directed}
    allowed = [rated, back, directed, back, directed, {(i, u) for u, i in rated}]
    ended = 0
    for nodes in walks:
        for step, hop in zip(itertools.cycle(allowed), itertools.pairwise(nodes), strict=False):
            assert hop in step
        if len(nodes) < 7:
            ended += 1
            follow = allowed[(len(nodes) - 1) % 6]
            assert not any(one == nodes[-1] for one, _ in follow)
    assert 0 < ended < len(walks)
    assert walks == sorted(set(walks))
    whole = run(split, DIRECTED, walks_per_node=30, dead_ends="drop")
    assert whole == [nodes for nodes in walks if len(nodes) == 7]


def test_all_that_can_be_reached_is_reached(split: SplitFolder) -> None:
    """From every user, after one round of User-Item-Genre-Item."""
    walks = run(split, "User-Item-Genre-Item", walk_length=4, walks_per_node=500)
    rated, genre = train_edges(split), edges("HAS_GENRE")
    expected = {
        (user, item, entity, other)
        for user, item in rated
        for one, entity in genre
        if one == item
        for other, same in genre
        if same == entity
    }
    assert set(walks) == expected


def test_every_edge_is_as_likely() -> None:
    """Chi-square over the neighbours of one node, parallel edges included."""
    source, target = np.zeros(7, np.int64), np.array([1, 2, 2, 3, 4, 5, 6])
    csr = Csr.build(8, source, target)
    walks = walk((csr,), np.zeros(70_000, np.int64), 2, np.random.default_rng(1))
    counts = np.bincount(walks[:, 1], minlength=7)[1:]
    expected = 10_000 * np.array([1, 2, 1, 1, 1, 1])
    assert stats.chisquare(counts, expected).pvalue > 0.001


def test_seeds_and_several_paths(split: SplitFolder) -> None:
    first = run(split, DIRECTED, "Movie-Genre-Movie")
    data = split.output("walks", "metapath").read_bytes()
    split.output("walks", "metapath").unlink()
    assert run(split, DIRECTED, "Movie-Genre-Movie") == first
    assert split.output("walks", "metapath").read_bytes() == data
    assert run(split, DIRECTED, "Movie-Genre-Movie", seed=1) != first
    assert set(run(split, DIRECTED)) < set(first)
    starts = {nodes[0] for nodes in first}
    assert min(starts) < ITEMS
    assert max(starts) >= ITEMS + len(ENTITIES)  # users, behind items and entities


def test_test_rows_change_nothing(split: SplitFolder) -> None:
    run(split, DIRECTED)
    first = split.output("walks", "metapath").read_bytes()
    rows = read_parquet(split.split)
    rows.loc[rows["fold"] == "test", "item"] = 1
    rows.to_parquet(split.split)
    job = make_job("metapath", KNOWN, {"paths": [DIRECTED], "walk_length": 7})
    run_jobs(None, split, [job], force=True, progress=False)
    assert split.output("walks", "metapath").read_bytes() == first


@pytest.mark.parametrize(
    ("path", "message", "hint"),
    [
        ("User LIKES> Movie", "no relationship type LIKES", "ACTED_IN, DIRECTED, HAS_GENRE"),
        ("User-Film", "no node has the label Film", "Actor, Director, Entity, Genre, Item"),
        ("User RATED Movie", "no node has the label RATED", "RATED> or <RATED"),
        ("User <RATED Movie", "can be walked as 'User <RATED Movie'", "direction"),
        ("User-Genre", "can be walked as 'User <> Genre'", "Types: "),
    ],
)
def test_metapaths_that_do_not_fit(split: SplitFolder, path: str, message: str, hint: str) -> None:
    with pytest.raises(InputError, match=message) as error:
        run(split, path)
    assert hint in error.value.hint
    assert not split.output("walks", "metapath").parent.exists()
    assert split.manifest().jobs == {}


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"seed": -1}, "parameter seed of job metapath"),
        ({"paths": 5}, "parameter paths of job metapath"),
        ({"paths": None}, "parameter paths of job metapath"),
        ({"paths": []}, "parameter paths of job metapath"),
    ],
)
def test_wrong_parameters_are_refused(parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        make_job("metapath", KNOWN, parameters)


def test_without_train_rows(tmp_path: Path) -> None:
    empty = make_split_folder(tmp_path, train=False)
    with pytest.raises(InputError, match="among the train ratings and the knowledge"):
        run(empty, DIRECTED)
    assert run(empty, "Movie-Genre-Movie")


def test_the_command_needs_no_server(split: SplitFolder) -> None:
    workspace = split.dataset.path.parents[1]
    command = ["--workspace", str(workspace), "gds", "run", "metapath", "paths"]
    command += ["--set", "per_pair=2", "--set", "paths=User-Movie"]
    wrong = CliRunner().invoke(main, command)
    assert wrong.exit_code == 2  # a parameter of one job is not one of the other
    command = ["--workspace", str(workspace), "gds", "run", "metapath", "paths", "--json"]
    environment = {"NEO4J_URI": "bolt://127.0.0.1:1", "NEO4J_PASSWORD": "none"}
    result = CliRunner().invoke(main, command, env=environment)
    assert result.exit_code == 0, result.output
    assert '"walks/metapath.parquet"' in result.stdout
    assert split.output("paths", "paths").is_file()


@given(st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=4)), st.booleans())
def test_walks_as_a_table(walks: list[list[int]], deduplicate: bool) -> None:
    matrix = np.full((len(walks), 4), NO_NODE, np.int32)
    for row, nodes in enumerate(walks):
        matrix[row, : len(nodes)] = nodes
    half = len(walks) // 2
    table = walk_table([matrix[:half], matrix[half:]], deduplicate)
    expected = sorted(nodes for nodes in walks if len(nodes) > 1)
    if deduplicate:
        expected = [nodes for nodes, _ in itertools.groupby(expected)]
    assert table["nodes"].to_pylist() == expected


def test_an_empty_table_has_its_column() -> None:
    frame: pd.DataFrame = walk_table([], True).to_pandas()
    assert list(frame) == ["nodes"]
    assert frame.empty
