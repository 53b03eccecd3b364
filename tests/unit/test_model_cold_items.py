"""Items without events: no negatives in training, known by their facts, defined without any."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy import sparse

from reelgraph.model.base import TrainingOptions
from reelgraph.model.data import Catalogue, Interactions, Query
from reelgraph.model.dataset import load_catalogue
from reelgraph.model.needs import Facts, FactsNeed, Supplied, TrainingData
from reelgraph.model.suppliers.base import AbsentError, Place
from reelgraph.model.suppliers.facts import FactsSupplier
from reelgraph.model.training.sequences import Sequences
from reelgraph.model.zoo.attention_lstm import AttentionLSTMRanker
from reelgraph.model.zoo.attention_lstm_config import AttentionLSTMConfig
from reelgraph.model.zoo.fusion import Fusion
from reelgraph.testing.small_split import ITEMS, make_split_folder

N, HALF = 42, 20  # items 0…19 are of one kind, 20…39 of the other, 40 and 41 of none
COLD = (0, 20, 40)  # no user has them; 40 and 41 have no facts either
CONFIG = AttentionLSTMConfig(
    embedding_size=8,
    hidden_size=16,
    heads=2,
    dropout=0.1,
    batch_size=4,
    embeddings=(),
    linear_weight=0,
)
FACTS = FactsNeed()


def interactions() -> Interactions:
    """40 users, each with 8 items of one kind; item 41 is rated, too."""
    random = np.random.default_rng(3)
    histories = []
    for user in range(40):
        kind = user % 2
        items = 1 + kind * HALF + random.permutation(HALF - 1)[:8]
        histories.append(np.append(items, 41) if user < 6 else items)
    offsets = np.concatenate([[0], np.cumsum([len(one) for one in histories])])
    return Interactions(Catalogue(np.arange(N)), np.arange(40), offsets, np.concatenate(histories))


def facts() -> Facts:
    """Each item's kind, one of five topics, and a fact that only cold items have."""
    rows = np.zeros((N, 8), np.float32)
    for item in range(2 * HALF):
        rows[item, item // HALF] = rows[item, 2 + item % 5] = 1
    rows[list(COLD[:2]), 7] = 1
    names = ("kind a", "kind b", *(f"topic {n}" for n in range(5)), "kind cold")
    return Facts(sparse.csr_array(rows), names)


@pytest.fixture(scope="module")
def model() -> AttentionLSTMRanker:
    made = AttentionLSTMRanker(CONFIG)
    made.fit(
        TrainingData(interactions(), None, Supplied({FACTS: facts()})), TrainingOptions(epochs=8)
    )
    return made


def test_items_without_events_are_no_candidates_of_the_loss() -> None:
    data = interactions()
    sequences = Sequences(data, torch.device("cpu"))
    assert sequences.candidates is not None
    assert not np.isin(COLD, sequences.candidates.numpy()).any()
    batch = sequences.batch(np.array([1, 7]))
    told = sequences.candidates[batch.targets[:, 0]].tolist()
    assert told == [*data.history(1), *data.history(7)] == batch.items[batch.real].tolist()
    assert sequences.candidates[batch.seen[1, :3]].tolist() == [*data.history(1)[[0, 0, 1]]]


def test_training_leaves_what_it_has_not_seen_as_it_was() -> None:
    """With all items as candidates their biases would be the lowest of all."""
    made = AttentionLSTMRanker(CONFIG)
    made.fit(TrainingData(interactions()), TrainingOptions(epochs=3))
    cold = list(COLD)
    assert made.network.fusion.bias[cold].tolist() == [0, 0, 0]
    warm = np.setdiff1d(np.arange(N), COLD)
    assert made.network.fusion.bias[warm].abs().min() > 0


def test_a_cold_item_is_what_its_facts_say(model: AttentionLSTMRanker) -> None:
    first, second = interactions().query(0), interactions().query(1)
    scores = model.score([first, second])
    assert scores[0, 0] > scores[0, 20]
    assert scores[1, 20] > scores[1, 0]
    # among those of its own kind it is neither first for all nor last
    rank = (scores[0, :HALF] > scores[0, 0]).sum()
    assert rank < HALF - 1
    assert scores[0, 0] > np.median(scores[0])


def test_an_item_of_which_nothing_is_known_has_the_lowest_score(model: AttentionLSTMRanker) -> None:
    vectors = model.vectors([interactions().query(0)])
    np.testing.assert_array_equal(vectors.items[40, :-1], 0)
    lengths = np.linalg.norm(vectors.items, axis=1)
    np.testing.assert_allclose(lengths, lengths[0], rtol=1e-5)
    assert vectors.items[40, -1] == vectors.items[:, -1].min() < 0
    assert vectors.items[41, -1] > vectors.items[40, -1]  # a rated item without facts has its id
    empty = model.score([Query(0, np.zeros(0, np.int64))])[0]
    assert empty.argmin() == 40


def test_without_facts_cold_items_are_equal_and_last() -> None:
    made = AttentionLSTMRanker(CONFIG)
    made.fit(TrainingData(interactions()), TrainingOptions(epochs=3))
    scores = made.score([Query(0, np.zeros(0, np.int64))])[0]
    assert len(set(scores[list(COLD)].tolist())) == 1
    assert scores[list(COLD)].max() <= scores.min()


def test_a_new_item_has_the_vector_of_a_cold_one_with_its_facts(model: AttentionLSTMRanker) -> None:
    new = model.vectors_of_new([{"kind a", "topic 0"}, {"kind b", "topic 0"}, {"nobody"}, ()])
    known = model.vectors([]).items
    np.testing.assert_allclose(new[:2], known[[0, 20]], rtol=1e-5)
    np.testing.assert_array_equal(new[2:], known[[40, 40]])
    # facts that training has not seen say nothing, neither of a new item nor of a cold one
    assert "kind cold" not in model.facts
    assert np.abs(known[0] - known[1]).max() > 0.1


def test_new_items_are_scored_after_loading(model: AttentionLSTMRanker, tmp_path: Path) -> None:
    model.save(tmp_path)
    loaded = AttentionLSTMRanker.load(tmp_path, Catalogue(np.arange(N)))
    told = [{"kind b", "topic 3"}]
    np.testing.assert_array_equal(loaded.vectors_of_new(told), model.vectors_of_new(told))
    query = interactions().query(1)
    np.testing.assert_array_equal(loaded.score([query]), model.score([query]))


def test_a_model_without_knowledge_knows_nothing_of_new_items() -> None:
    made = AttentionLSTMRanker(CONFIG)
    made.fit(TrainingData(interactions()), TrainingOptions(epochs=1))
    np.testing.assert_array_equal(made.vectors_of_new([{"kind a"}])[0], made.vectors([]).items[40])


def test_ids_are_dropped_in_training_alone_and_where_there_is_something_else() -> None:
    torch.manual_seed(0)
    fusion = Fusion(N, 4, {}, (facts().rows.shape[1], facts().rows.nnz), id_dropout=0.5)
    fusion.set_facts(facts().rows)
    weights, _ = fusion.train().weights_and_vectors()
    dropped = weights[:, 0] == 0
    assert 0.2 < dropped[:40].float().mean() < 0.8
    assert not dropped[40:].any()
    assert not (fusion.eval().weights_and_vectors()[0][:, 0] == 0).any()


def test_facts_that_are_shared_are_supplied_and_shuffled_with_their_numbers(tmp_path: Path) -> None:
    titles = [f"The Film {'of Fire' if n % 2 else 'of Water'} {n}" for n in range(ITEMS - 1)]
    years = [1990 + n // 4 for n in range(ITEMS - 1)]
    split = make_split_folder(tmp_path, items={"title": [*titles, None], "year": [*years, None]})
    place = Place(split, load_catalogue(split))
    found = FactsSupplier().read(FACTS, place)
    told = {found.names[n] for n in found.rows[[1]].indices}
    assert {"word film", "word fire", "year 1990", "decade 1990"} <= told
    assert any("genre:" in name for name in told)
    assert found.rows.shape == (ITEMS, len(found.names)) and set(found.rows.data) == {1.0}
    assert (found.rows.sum(0) >= 2).all()
    other = FactsSupplier().read(FACTS, replace(place, shuffled=True))
    words = [n for n, name in enumerate(found.names) if name.startswith(("word", "year"))]
    same = [other.names.index(found.names[n]) for n in words]
    np.testing.assert_array_equal(found.rows[:, words].sum(0), other.rows[:, same].sum(0))
    assert (found.rows[:, words] != other.rows[:, same]).nnz


def test_a_data_set_without_facts_says_so(tmp_path: Path) -> None:
    split = make_split_folder(tmp_path, knowledge=False)
    with pytest.raises(AbsentError, match="no facts"):
        FactsSupplier().read(FACTS, Place(split, load_catalogue(split)))
