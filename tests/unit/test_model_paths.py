"""Models of paths: what all models must do, what they refuse, and that they learn from paths."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from audited import audited, config, make_run, settings_of, small_split
from pydantic import ValidationError
from scipy import sparse

from reelgraph.errors import ArtifactError, InputError, ModelError
from reelgraph.gds_jobs import runner
from reelgraph.gds_jobs.paths import (
    Network,
    PathsJob,
    Search,
    Targets,
    build_network,
    find_lengths,
    targets,
    with_negatives,
)
from reelgraph.gds_jobs.paths.job import PathsConfig
from reelgraph.gds_jobs.paths.table import path_table
from reelgraph.gds_jobs.split_graph import SplitGraph
from reelgraph.model.base import TrainingOptions
from reelgraph.model.data import Catalogue, interactions_from_frame
from reelgraph.model.needs import AdjacencyNeed, Paths, PathsNeed, Supplied, TrainingData
from reelgraph.model.training.path_pairs import PathPairs
from reelgraph.model.zoo.path_candidates import best_middles, candidate_paths
from reelgraph.model.zoo.path_model import PathModel
from reelgraph.model.zoo.rkan import RKAN, RKANConfig
from reelgraph.model.zoo.rkge import RKGE, RKGEConfig
from reelgraph.pipeline.inputs import needed_jobs, supply
from reelgraph.testing import ModelSuite
from reelgraph.testing.model_suite import CATALOGUE, ITEMS, events, query
from reelgraph.testing.small_split import make_split_folder

GENRES = 2
SMALL: dict[str, Any] = {
    "embedding_size": 8,
    "hidden_size": 6,
    "batch_size": 128,
    "learning_rate": 0.05,
    "negatives": 3,
}
CPU = torch.device("cpu")


class World:
    """Rated items and knowledge as the job and the suppliers see them.

    :param rows: ``user, item, seq, timestamp``, items from 100 on.
    :param knowledge: ``head, relation, tail`` of nodes; by default each item has the genre of
        its group.
    """

    def __init__(
        self, rows: pd.DataFrame, items: int = ITEMS, knowledge: pd.DataFrame | None = None
    ) -> None:
        self.items = items
        if knowledge is None:
            tails = [items + (item >= items // 2) for item in range(items)]
            knowledge = pd.DataFrame({"head": range(items), "relation": "IN", "tail": tails})
        first, users = items + GENRES, np.unique(rows["user"])
        self.train = pd.DataFrame(
            {
                "userId": rows["user"],
                "itemId": rows["item"],
                "user": first + np.searchsorted(users, rows["user"]),
                "item": rows["item"] - 100,
                "seq": rows["seq"],
                "time": rows["timestamp"],
            }
        )
        ids = pd.Series(range(100, 100 + items), name="itemId")
        edges = self.train[["user", "item"]]
        self.graph = SplitGraph(ids, GENRES, len(users), "RATED", edges, knowledge)

    @property
    def network(self) -> Network:
        return build_network(self.graph, self.train, "both")

    def paths(self, negatives: int, lengths: tuple[int, ...] = (3,)) -> Paths:
        ids = pd.DataFrame({"itemId": self.graph.item_ids, "index": range(self.items)})
        pairs = with_negatives(self.train, ids, negatives, seed=1)
        wanted, network = targets(self.network, pairs), self.network
        found = find_lengths(network, wanted, [Search(length, 5) for length in lengths])
        rated = 2 * network.types.index("RATED")
        table = path_table(network, pairs, wanted, found, rated)
        return Paths(table.to_pandas(), ("IN>", "<IN", "RATED>", "<RATED"))

    def adjacency(self) -> sparse.csr_array:
        ends = [self.train[["user", "item"]], self.graph.knowledge[["head", "tail"]]]
        found = sparse.lil_array((self.graph.nodes, self.graph.nodes), dtype=np.float32)
        for one, other in np.concatenate(ends):
            found[one, other] = found[other, one] = 1
        return found.tocsr()

    def supplied(self, negatives: int, lengths: tuple[int, ...] = (3,)) -> Supplied:
        paths = {PathsNeed(lengths, negatives): self.paths(negatives, lengths)}
        return Supplied({**paths, AdjacencyNeed("both"): self.adjacency()})


@cache
def _supplied_with_events(lengths: tuple[int, ...]) -> Supplied:
    return World(events()).supplied(SMALL["negatives"], lengths)


class PathSuite(ModelSuite):
    lengths: tuple[int, ...] = (3,)
    odd = (((0,), (0, 1), (1, 2, 0), (2, 3), ()), ((0, 0, 1), (1, 5, 5, 6), tuple(range(8))))

    def supplied(self) -> Supplied:
        return _supplied_with_events(self.lengths)

    def supplied_with(self, rows: pd.DataFrame) -> Supplied:
        return World(rows).supplied(SMALL["negatives"], self.lengths)


class TestRKGE(PathSuite):
    def make(self) -> RKGE:
        return RKGE(RKGEConfig(pooling="max", dropout=0.1, **SMALL))


class TestRKAN(PathSuite):
    def make(self) -> RKAN:
        return RKAN(RKANConfig(**SMALL))


class AverageByVectors(RKGE):
    """Of another class, because the suite keeps one fitted model of each."""


class TestRKGEByVectors(PathSuite):
    lengths = (3, 5)

    def make(self) -> RKGE:
        options = {**SMALL, "length": 5, "rank_by": "vectors", "vector_loss": 1.0}
        return AverageByVectors(RKGEConfig(**options))


def fitted(
    world: World, rows: pd.DataFrame, cls: type[PathModel], epochs: int = 1, **options: Any
) -> PathModel:
    found = cls(cls.config_class.model_validate({**SMALL, **options}))
    train = interactions_from_frame(rows, Catalogue(world.graph.item_ids.to_numpy()))
    supplied = world.supplied(found.config.negatives, found.config.lengths)
    found.fit(TrainingData(train, None, supplied), TrainingOptions(seed=1, epochs=epochs))
    return found


@pytest.mark.parametrize("cls", [RKGE, RKAN])
def test_a_tiny_graph_is_learnt(cls: type[PathModel]) -> None:
    rows = events().query("user < 12")
    world = World(rows)
    found = fitted(world, rows, cls, epochs=40, negatives=1, reg=0.0)
    train = interactions_from_frame(rows, Catalogue(world.graph.item_ids.to_numpy()))
    pairs = PathPairs(world.paths(1), train, CPU)
    batch = pairs.batch(np.arange(len(pairs)))
    right = (found.network(batch)[0] > 0) == (batch.targets > 0)
    assert right.float().mean() > 0.97


def random_rows() -> pd.DataFrame:
    """20 users with 4 to 9 of the items, at times of their own."""
    random = np.random.default_rng(5)
    rows = []
    for user in range(20):
        items = random.permutation(ITEMS)[: random.integers(4, 10)]
        times = np.sort(random.integers(0, 1000, len(items)))
        rows += [
            (user, 100 + i, n + 1, t) for n, (i, t) in enumerate(zip(items, times, strict=True))
        ]
    return pd.DataFrame(rows, columns=["user", "item", "seq", "timestamp"])


def test_candidates_have_the_paths_that_the_job_finds() -> None:
    """After all ratings, of histories of which three items lead to the candidate."""
    world = World(random_rows())
    middles, network = best_middles(world.adjacency(), ITEMS), world.network
    compared = 0
    for user in range(20):
        own = world.train[world.train["userId"] == user]
        history = own["item"].to_numpy(np.int64)
        others = np.setdiff1d(np.arange(ITEMS), history)
        told = (own["user"].iloc[0], 99, len(network.moments))
        node, seq, limit = (np.full(len(others), value) for value in told)
        (job,) = find_lengths(network, Targets(node, others, seq, limit), [Search(3, 3)])
        event, place = candidate_paths(middles, history, others, 3)
        for row, candidate in enumerate(others):
            here, by_job = history[event[place == row]], job.nodes[job.pair == row]
            if len(here) == 3:
                compared += 1
                assert here.tolist() == by_job[:, 1].tolist()
                assert middles[here, candidate].tolist() == by_job[:, 2].tolist()
    assert compared > 50


def test_an_item_without_a_path_has_the_closeness_of_none() -> None:
    """Item 9 of ten has no knowledge and no rating."""
    rows = events().query("item < 105 and user % 2 == 0")
    knowledge = pd.DataFrame({"head": range(9), "relation": "IN", "tail": 10})
    world = World(rows, items=10, knowledge=knowledge)
    found = fitted(world, rows, RKAN)
    scores = found.score([query(1, 2), query(1)])
    assert scores.shape == (2, 10)
    bias = found.network.closeness.bias.item()
    assert scores[:, 9] == pytest.approx([bias, bias])
    assert scores[1, 1] == pytest.approx(bias), "its only path would go through itself"
    assert scores[1, 2] != pytest.approx(bias, abs=1e-4)
    ranking = found.recommend([query(1, 2)], 10)
    assert sorted(ranking.items[0, :8]) == [0, 3, 4, 5, 6, 7, 8, 9]
    (why,) = found.explain([query(1, 2)], [np.array([9, 9])])
    assert not why.contributions.any()
    assert why.weights.tolist() == [0.5, 0.5]


def test_users_without_a_path_in_train_are_no_hindrance() -> None:
    """One rating has no path; who is alone with it is asked like everybody."""
    alone = pd.DataFrame({"user": [99], "item": [100], "seq": [1], "timestamp": [1], "rating": 1.0})
    rows = pd.concat([events(), alone], ignore_index=True)
    world = World(rows)
    assert 99 not in set(world.paths(1).table["user"])
    assert np.isfinite(fitted(world, rows, RKGE).score([query(0)])).all()


def test_only_ratings_or_only_knowledge_will_do() -> None:
    rows = events()
    none = pd.DataFrame({"head": [0], "relation": ["IN"], "tail": [ITEMS]})
    assert np.isfinite(fitted(World(rows, knowledge=none), rows, RKAN).score([query(1)])).all()
    untimed = rows.assign(timestamp=0)  # at one moment, so none is older than another
    table = World(untimed).paths(1).table
    assert set(np.stack(table["relations"].to_numpy())[:, 1:].ravel()) == {0, 1}
    assert np.isfinite(fitted(World(untimed), untimed, RKAN).score([query(1)])).all()


def train_of(rows: pd.DataFrame) -> Any:
    return interactions_from_frame(rows, CATALOGUE)


def test_paths_of_another_split_are_refused() -> None:
    rows, paths = events(), World(events()).paths(1)
    with pytest.raises(ModelError, match="events that train does not have") as error:
        PathPairs(paths, train_of(rows.query("seq < 6")), CPU)
    assert "another split" in error.value.hint
    other = Catalogue(CATALOGUE.item_ids[::-1])
    with pytest.raises(ModelError, match="events that train does not have"):
        PathPairs(paths, replace(train_of(rows), catalogue=other), CPU)
    unknown = replace(paths, table=paths.table.assign(user=paths.table["user"] + 1000))
    with pytest.raises(ModelError, match="events that train does not have"):
        PathPairs(unknown, train_of(rows), CPU)


def test_no_paths_at_all_are_refused() -> None:
    paths = World(events()).paths(1)
    with pytest.raises(ModelError, match="no path"):
        PathPairs(replace(paths, table=paths.table.iloc[:0]), train_of(events()), CPU)


def test_events_alone_are_refused() -> None:
    with pytest.raises(ModelError, match="events alone"):
        PathPairs(World(events()).paths(0), train_of(events()), CPU)


def test_paths_that_were_found_otherwise_are_refused(tmp_path: Path) -> None:
    split = make_split_folder(tmp_path)
    runner.run_jobs(None, split, [PathsJob(PathsConfig(negatives=1))], progress=False)
    supply(config("rkan", knowledge="real"), split)
    for chosen in ({"negatives": 3}, {"length": 5, "rank_by": "vectors"}):
        with pytest.raises(ArtifactError, match="has other paths than the paths of") as error:
            supply(config("rkan", knowledge="real", options=chosen), split)
        assert "reelgraph gds run paths --set lengths=3" in error.value.hint
    split.output("paths", "paths").unlink()
    with pytest.raises(ArtifactError, match="missing") as error:
        supply(config("rkan", knowledge="real"), split)
    assert error.value.hint.endswith("--set lengths=3 --set negatives=1")


def test_what_was_sampled_and_is_an_event_by_now_is_no_negative() -> None:
    """The final fit reads valid, too, of which the job knew nothing."""
    rows = events()
    known = rows.query("seq < 5")
    paths = World(known).paths(3)
    first, both = PathPairs(paths, train_of(known), CPU), PathPairs(paths, train_of(rows), CPU)
    assert len(both) < len(first)
    had = set(zip(rows["user"], rows["item"] - 100, strict=True))
    batch = both.batch(np.arange(len(both)))
    users = both.users[both.rows]
    for user, item, label in zip(users, batch.items.tolist(), batch.targets.tolist(), strict=True):
        assert ((user, item) in had) == (label == 1)


def test_batches_hold_all_paths_of_their_pairs() -> None:
    paths = World(events()).paths(2, (3, 5))
    pairs = PathPairs(paths, train_of(events()), CPU)
    table = paths.table.groupby(["user", "seq", "item", "sampled"], sort=False)["nodes"].agg(list)
    order = np.random.default_rng(0).permutation(len(pairs))[:17]
    batch = pairs.batch(order)
    lengths, nodes = batch.paths.lengths.tolist(), batch.paths.nodes.tolist()
    flat = iter([row[:length] for row, length in zip(nodes, lengths, strict=True)])
    for row, count in zip(order, batch.paths.real.sum(1).tolist(), strict=True):
        wanted = [list(one) for one in table.iloc[pairs.rows[row]]]
        assert [next(flat) for _ in range(count)] == wanted


def test_closeness_has_no_vectors_and_needs_short_paths() -> None:
    with pytest.raises(ValidationError, match="paths of length 3"):
        RKANConfig(length=5, rank_by="closeness")
    assert RKANConfig(length=7, rank_by="vectors").lengths == (3, 5, 7)
    assert not RKAN(RKANConfig(rank_by="closeness")).has_vectors()
    with pytest.raises(ModelError, match="no vectors"):
        RKAN(RKANConfig(rank_by="closeness")).vectors([query(1)])


def options(**chosen: Any) -> dict[str, Any]:
    return {"embedding_size": 4, "hidden_size": 4, "epochs": 2, **chosen}


def test_without_knowledge_it_says_what_it_needs(tmp_path: Path) -> None:
    split = make_split_folder(tmp_path, knowledge=False)
    with pytest.raises(InputError, match=r"'rkan' needs paths of length 3.*without knowledge"):
        supply(config("rkan", knowledge="none"), split)
    made = config("rkge", knowledge="real", options=options(rank_by="closeness"))
    assert needed_jobs(made) == {"paths": {"lengths": [3], "negatives": 1}}
    paths = PathsJob(PathsConfig(negatives=1))
    runner.run_jobs(None, split, [paths], progress=False)
    with pytest.raises(InputError, match=r"adjacency of both edges.*no knowledge triples"):
        supply(made, split)


@pytest.mark.slow
@pytest.mark.parametrize("rank_by", ["closeness", "vectors"])
def test_a_run_passes_its_audit(tmp_path: Path, rank_by: str) -> None:
    split = small_split(tmp_path)
    runner.run_jobs(None, split, [PathsJob(PathsConfig(negatives=3))], progress=False)
    jobs = {"paths": {"lengths": [3], "negatives": 3}}
    chosen = options(negatives=3, rank_by=rank_by)
    run = make_run(split, config("rkan", knowledge="real", options=chosen, jobs=jobs))
    report = audited(split, run)
    assert report.passed, report.failed
    assert settings_of(split).workspace == tmp_path
    assert run.predictions.is_file() and run.attention.is_file()
