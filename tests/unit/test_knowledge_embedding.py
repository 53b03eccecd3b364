"""Knowledge-graph embeddings: formulas, filtered ranks, held-out triples, fits, pooling."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from reelgraph.errors import InputError
from reelgraph.model.base import TrainingOptions
from reelgraph.model.knowledge.config import METHODS, EmbeddingConfig, Method
from reelgraph.model.knowledge.embedding import KnowledgeEmbedding, fit
from reelgraph.model.knowledge.evaluation import Chance, Degree, link_prediction, ranks
from reelgraph.model.knowledge.held_out import hold_out
from reelgraph.model.knowledge.methods import (
    cubed_norm,
    head_query,
    score,
    tail_query,
)
from reelgraph.model.knowledge.pooling import attention, item_vectors
from reelgraph.model.triples import Triples, triples_from_frame

OPTIONS = TrainingOptions()


def formula(method: Method, h: np.ndarray, r: np.ndarray, t: np.ndarray) -> float:
    if method == "transe":
        return -float(np.linalg.norm(h + r - t))
    if method == "distmult":
        return float((h * r * t).sum())
    a, b, c = (x[: len(x) // 2] + 1j * x[len(x) // 2 :] for x in (h, r, t))
    return float((a * b * np.conj(c)).sum().real)


@pytest.mark.parametrize("method", METHODS)
def test_scores_are_those_of_the_papers(method: Method) -> None:
    h, r, t = np.random.default_rng(1).normal(size=(3, 5, 6))
    tensors = [torch.from_numpy(x) for x in (h, r, t)]
    expected = [formula(method, *row) for row in zip(h, r, t, strict=True)]
    np.testing.assert_allclose(score(method, *tensors).numpy(), expected, rtol=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_ranking_tails_and_heads_gives_the_score_of_the_triple(method: Method) -> None:
    embedding = random_embedding(method, nodes=7)
    rows = np.array([[0, 0, 3], [5, 1, 2], [6, 2, 6]])
    expected = embedding.score(rows)
    for tails, given_end, answer in ((True, 0, 2), (False, 2, 0)):
        scores = embedding.rank_against(rows[:, given_end], rows[:, 1], tails)
        found = scores[np.arange(3), rows[:, answer]]
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def random_embedding(method: Method, nodes: int, size: int = 6) -> KnowledgeEmbedding:
    generator = np.random.default_rng(2)
    vectors = generator.normal(size=(nodes + 3, size)).astype(np.float32)
    return KnowledgeEmbedding(method, vectors[:nodes], vectors[nodes:], ("A", "B", "C"))


triple_sets = st.sets(
    st.tuples(st.integers(0, 6), st.integers(0, 2), st.integers(0, 6)), min_size=3, max_size=30
).map(lambda rows: Triples(np.array(sorted(rows)), 7, ("A", "B", "C")))


@given(triple_sets)
@settings(max_examples=30, deadline=None)
def test_filtered_ranks_are_those_of_a_plain_search(triples: Triples) -> None:
    """Also with equal scores, which count half."""
    ranker = Degree(triples)
    true = {tuple(row) for row in triples.rows.tolist()}
    expected = []
    for tails in (True, False):
        for h, r, t in triples.rows.tolist():
            scores = ranker.rank_against(np.array([h if tails else t]), np.array([r]), tails)[0]
            right = scores[t if tails else h]
            others = [
                scores[node]
                for node in range(7)
                if ((h, r, node) if tails else (node, r, t)) not in true
            ]
            expected.append(
                1 + sum(s > right for s in others) + sum(s == right for s in others) / 2
            )
    assert ranks(ranker, triples, [triples]).tolist() == expected


@given(triple_sets, st.integers(0, 3))
@settings(max_examples=30, deadline=None)
def test_held_out_nodes_and_relations_are_in_train(triples: Triples, seed: int) -> None:
    train, valid, test = hold_out(triples, 0.2, 0.3, seed)
    parts = [set(map(tuple, part.rows.tolist())) for part in (train, valid, test)]
    assert set.union(*parts) == set(map(tuple, triples.rows.tolist()))
    assert sum(map(len, parts)) == len(triples)
    nodes = set(train.rows[:, [0, 2]].ravel().tolist())
    for part in (valid, test):
        assert set(part.rows[:, [0, 2]].ravel().tolist()) <= nodes
        assert set(part.rows[:, 1].tolist()) <= set(train.rows[:, 1].tolist())
    pairs = [set(map(frozenset, part.rows[:, [0, 2]].tolist())) for part in (train, valid, test)]
    assert sum(map(len, pairs)) == len(set.union(*pairs)), "triples of two nodes stay together"


def test_a_reverse_relation_does_not_give_the_answer_away() -> None:
    rows = np.array([(i, 0, 40 + (i * k) % 40) for i in range(40) for k in (1, 3, 7, 11, 17)])
    triples = Triples(np.r_[rows, rows[:, ::-1] + [0, 1, 0]], 80, ("HAS", "IS_OF"))
    train, _, test = hold_out(triples, 0.1, 0.2)
    assert len(test) > 40
    known = {(t, h) for h, _, t in train.rows.tolist()}
    assert not [row for row in test.rows.tolist() if (row[0], row[2]) in known]


def test_nodes_without_triples_are_no_candidates() -> None:
    triples = Triples(np.array([[0, 0, 1], [2, 0, 3]]), 50, ("R",))
    worst = random_embedding("transe", nodes=50)
    assert ranks(worst, triples, [triples]).max() <= 4  # of four nodes with triples


def test_norms_are_of_complex_numbers() -> None:
    vectors = torch.randn(4, 6, dtype=torch.float64, requires_grad=True)
    a, b = vectors.detach().numpy()[:, :3], vectors.detach().numpy()[:, 3:]
    found = cubed_norm("complex", vectors)
    np.testing.assert_allclose(found.detach().numpy(), (np.abs(a + 1j * b) ** 3).sum(1))
    cubed_norm("complex", torch.zeros_like(vectors).requires_grad_()).sum().backward()
    plain = (np.abs(np.c_[a, b]) ** 3).sum(1)
    np.testing.assert_allclose(cubed_norm("distmult", vectors).detach().numpy(), plain)


def clusters(groups: int = 8, size: int = 10) -> Triples:
    """Items and entities in groups; an item is tied only to the entities of its group."""
    nodes = groups * size
    rows = [
        (item, 0, nodes + entity)
        for item in range(nodes)
        for entity in range(nodes)
        if item // size == entity // size and (item * 7 + entity * 3) % 10 < 7
    ]
    return Triples(np.array(rows), 2 * nodes, ("TIED_TO",))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.slow
def test_it_finds_held_out_triples_that_chance_and_degree_do_not(method: Method) -> None:
    train, valid, test = hold_out(clusters())
    config = EmbeddingConfig(embedding_size=16, epochs=40, batch_size=64, reg=0.01)
    embedding, result = fit(train, valid, method, config, OPTIONS)
    known = (train, valid, test)
    found = {
        name: link_prediction(ranker, test, known)["mrr"]["mean"]
        for name, ranker in {
            "fitted": embedding,
            "chance": Chance(train.nodes),
            "degree": Degree(train),
        }.items()
    }
    assert found["fitted"] > 0.25 > 3 * found["degree"]
    assert found["chance"] < 0.1
    assert 0 < result.epochs <= 40


def test_one_seed_one_result_also_after_an_interruption(tmp_path: Path) -> None:
    train, valid, _ = hold_out(clusters(4, 6))
    config = EmbeddingConfig(embedding_size=8, epochs=4, batch_size=16)
    whole, _ = fit(train, valid, "complex", config, OPTIONS)

    def stop(row: dict[str, object]) -> None:
        if row["epoch"] == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(train, valid, "complex", config, TrainingOptions(checkpoint=tmp_path, report=stop))
    resumed, _ = fit(train, valid, "complex", config, TrainingOptions(checkpoint=tmp_path))
    assert np.array_equal(whole.nodes, resumed.nodes)
    other, _ = fit(train, valid, "complex", config, TrainingOptions(seed=1))
    assert not np.array_equal(whole.nodes, other.nodes)


@pytest.mark.parametrize("method", METHODS)
def test_a_saved_embedding_is_the_same(method: Method, tmp_path: Path) -> None:
    embedding = random_embedding(method, nodes=4)
    embedding.save(tmp_path, epochs=3)
    again = KnowledgeEmbedding.load(tmp_path)
    rows = np.array([[0, 1, 3], [2, 2, 1]])
    assert np.array_equal(again.score(rows), embedding.score(rows))
    assert again.names == ("A", "B", "C")


@pytest.mark.parametrize("method", METHODS)
def test_pooled_vectors_weigh_the_neighbours(method: Method) -> None:
    """Three items; the first has two neighbours, the second one, the third none."""
    embedding = random_embedding(method, nodes=6)
    triples = Triples(np.array([[0, 0, 3], [4, 1, 0], [1, 2, 5]]), 6, ("A", "B", "C"))
    weights, items, messages = attention(embedding, triples, 3)
    assert items.tolist() == [0, 1, 0]
    assert weights[1] == pytest.approx(1)
    assert weights[0] + weights[2] == pytest.approx(1)
    logits = [embedding.nodes[0] @ messages[n] / np.sqrt(6) for n in (0, 2)]
    assert np.log(weights[0] / weights[2]) == pytest.approx(logits[0] - logits[1], rel=1e-4)
    vectors = item_vectors(embedding, triples, 3)
    assert vectors.shape == (3, 12)
    assert not vectors[2].any()
    assert np.allclose(vectors[1, 6:], messages[1], atol=1e-6)


def test_a_message_predicts_its_item() -> None:
    """The attention's messages score like the triples that they come from."""
    embedding = random_embedding("distmult", nodes=6)
    nodes, relations = torch.from_numpy(embedding.nodes), torch.from_numpy(embedding.relations)
    as_head = head_query("distmult", relations[0], nodes[3]) @ nodes[0]
    as_tail = tail_query("distmult", nodes[4], relations[1]) @ nodes[0]
    expected = embedding.score(np.array([[0, 0, 3], [4, 1, 0]]))
    np.testing.assert_allclose([as_head, as_tail], expected, rtol=1e-4)


def test_triples_are_read_by_name() -> None:
    columns = {"head": [0, 0, 1], "relation": ["B", "A", "B"], "tail": [2, 2, 2]}
    triples = triples_from_frame(pd.DataFrame(columns), 3)
    assert triples.relations == ("A", "B")
    assert triples.rows.tolist() == [[0, 0, 2], [0, 1, 2], [1, 1, 2]]
    with pytest.raises(InputError, match="no knowledge triples"):
        triples_from_frame(pd.DataFrame(columns)[:0], 3)


def test_vectors_of_two_halves_need_an_even_length() -> None:
    with pytest.raises(ValueError, match="even"):
        EmbeddingConfig(embedding_size=7)
