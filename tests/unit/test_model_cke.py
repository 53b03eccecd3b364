"""CKE: its three losses and its answers against plain loops over their equations."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from scipy import sparse
from set_suite import SumSuite

from reelgraph.model.base import TrainingOptions
from reelgraph.model.data import Catalogue, Interactions, Query
from reelgraph.model.knowledge.transr import Corrupted, TransR
from reelgraph.model.needs import NOTHING, Supplied, TextNeed, TrainingData, TriplesNeed
from reelgraph.model.pairwise_fold_in import PairwiseFoldIn, longest_user
from reelgraph.model.training.pairwise import DrawBatch
from reelgraph.model.triples import Triples
from reelgraph.model.zoo.cke import CKE, CKEConfig
from reelgraph.model.zoo.cke_network import CKELearner, item_vectors
from reelgraph.model.zoo.word_autoencoder import WordAutoencoder, bags_of_words
from reelgraph.testing.model_suite import ITEMS

SMALL = {"factors": 4, "relation_size": 3, "hidden_size": 5, "batch_size": 16}
HISTORIES = [[0, 1, 2], [2, 3], [4], [], [1, 5, 5, 6], list(range(8))]
N, COLD, UNKNOWN = 10, 8, 9  # nobody has items 8 and 9; nothing is known of 9
CPU = torch.device("cpu")
TITLES = ("Red Sun", "Red Moon", "The Sun", "Moon Red", "Blue", "Sun Sun", "", "Moon", "Red", "")


def triples() -> Triples:
    """Kinds 10 and 11 of items 0…8, and people 12 and 13 in some of them."""
    rows = [(item, 0, 10 + (item >= 5)) for item in range(UNKNOWN)]
    rows += [(12 + item % 2, 1, item) for item in range(6)]
    return Triples(np.array(rows), 14, ("HAS_KIND", "IN"))


def interactions(histories: list[list[int]], items: int = N) -> Interactions:
    lengths = [len(history) for history in histories]
    return Interactions(
        Catalogue(np.arange(items)),
        np.arange(len(histories)),
        np.concatenate([[0], np.cumsum(lengths)]),
        np.array([item for history in histories for item in history], np.int64),
    )


EVERYTHING = Supplied({TriplesNeed(): triples(), TextNeed("title"): TITLES})


def data(supplied: Supplied = EVERYTHING) -> TrainingData:
    return TrainingData(interactions(HISTORIES), None, supplied)


class TestCKE(SumSuite):
    def make(self) -> CKE:
        config = {"learning_rate": 0.05, "batch_size": 128, "query_reg": 0.02, "hidden_size": 6}
        return CKE(CKEConfig(factors=8, relation_size=4, **config))


class TestWithKnowledge(TestCKE):
    """Items of a group share a genre, and neighbours a word."""

    def supplied(self) -> Supplied:
        rows = np.array([(item, 0, ITEMS + item // 6) for item in range(ITEMS)])
        graph = Triples(rows, ITEMS + 2, ("HAS_GENRE",))
        titles = tuple(f"{'one' if item % 2 else 'two'} w{item // 2}" for item in range(ITEMS))
        return Supplied({TriplesNeed(): graph, TextNeed("title"): titles})


def sigmoid(x: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-x)))


def arrays(module: torch.nn.Module) -> dict[str, np.ndarray]:
    return {name: one.detach().numpy().copy() for name, one in module.named_parameters()}


def autoencoder(given: dict[str, np.ndarray], shown: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The middle layer and the output for a bag of words ``(V,)``."""
    outer = sigmoid(shown @ given["first"] + given["bias"])
    middle = sigmoid(given["encode.weight"] @ outer + given["encode.bias"])
    outer = sigmoid(given["decode.weight"] @ middle + given["decode.bias"])
    return middle, sigmoid(given["last.weight"] @ outer + given["last.bias"])


def random_learner(model: CKE, given: TrainingData) -> CKELearner:
    learner = model.learner(given, TrainingOptions(), CPU)
    torch.manual_seed(1)
    with torch.no_grad():
        for one in learner.network.parameters():
            one.normal_(std=0.5)
    learner.network.double()
    return learner


def expected_vectors(network: torch.nn.Module) -> np.ndarray:
    """``e`` item by item."""
    given, bags = arrays(network), bags_of_words(TITLES, 2000).toarray()
    words = {name.removeprefix("words."): one for name, one in given.items()}
    found = []
    for item in range(N):
        vector = np.zeros(4)
        if any(item in history for history in HISTORIES):
            vector += given["offsets"][item]
        if item < UNKNOWN:
            vector += given["structure.nodes"][item]
        if bags[item].any():
            vector += autoencoder(words, bags[item])[0]
        found.append(vector)
    return np.array(found)


def test_an_item_is_its_offset_its_node_and_its_words() -> None:
    network = random_learner(CKE(CKEConfig(**SMALL)), data()).network
    np.testing.assert_allclose(item_vectors(network), expected_vectors(network), rtol=1e-10)
    assert not item_vectors(network)[UNKNOWN].any()


def test_without_knowledge_an_item_is_its_offset() -> None:
    model = CKE(CKEConfig(**SMALL))
    network = random_learner(model, data(NOTHING)).network
    assert list(arrays(network)) == ["users", "offsets"]
    expected = arrays(network)["offsets"]
    expected[[COLD, UNKNOWN]] = 0
    np.testing.assert_array_equal(item_vectors(network), expected)
    assert model.needs(CKEConfig(text="")) == (TriplesNeed(),)


def test_distances_are_taken_in_the_space_of_the_relation() -> None:
    torch.manual_seed(0)
    graph = TransR(6, 3, 4, 2).double()
    with torch.no_grad():
        graph.matrices.normal_()
    given = arrays(graph)
    rows = np.array([(0, 0, 1), (2, 0, 2), (5, 2, 3)])
    expected = [
        np.sum(
            (
                given["nodes"][h] @ given["matrices"][r]
                + given["relations"][r]
                - given["nodes"][t] @ given["matrices"][r]
            )
            ** 2
        )
        for h, r, t in rows
    ]
    found = graph.distances(*torch.from_numpy(rows).T)
    np.testing.assert_allclose(found.detach().numpy(), expected, rtol=1e-10)
    four = torch.from_numpy(np.c_[rows, [4, 0, 1]])
    wrong = graph.distances(*four[:, [0, 1, 3]].T).detach().numpy()
    right = np.array(expected)
    assert graph.loss(four).item() == pytest.approx(-np.log(sigmoid(wrong - right)).sum())
    assert graph.loss(four[:0]).item() == 0


def test_matrices_begin_as_transe() -> None:
    torch.manual_seed(0)
    graph = TransR(4, 2, 3, 3)
    h, r, t = torch.tensor([0, 1]), torch.tensor([0, 1]), torch.tensor([2, 3])
    moved = graph.nodes[h] + graph.relations[r] - graph.nodes[t]
    torch.testing.assert_close(graph.distances(h, r, t), moved.square().sum(1))


def test_a_corrupted_tail_makes_no_triple() -> None:
    torch.manual_seed(0)
    known = {tuple(row) for row in triples().rows.tolist()}
    rows = torch.cat([Corrupted(triples()).draw(16) for _ in range(40)])
    drawn = {tuple(row) for row in rows[:, :3].tolist()}
    assert drawn == known
    wrong = [(h, r, w) for h, r, _, w in rows.tolist()]
    assert not known & set(wrong)
    assert {w for *_, w in wrong} == set(range(14))
    assert torch.equal(rows[:16, 1], rows[:16, 1].sort().values)
    full = Triples(np.array([(0, 0, 0), (0, 0, 1)]), 2, ("R",))
    assert Corrupted(full).draw(8).shape == (0, 4), "every node is a right tail"


def test_words_of_one_text_are_left_out() -> None:
    bags = bags_of_words(TITLES, 2000)
    assert bags.shape == (N, 3)  # red and moon are in four and three, sun in three
    assert bags.toarray()[5].tolist() == [0, 0, 1]
    assert bags_of_words(TITLES, 1).toarray().sum() == 4
    assert bags_of_words(("", "word"), 10).nnz == 0


def test_words_are_reconstructed_from_those_that_are_shown() -> None:
    torch.manual_seed(0)
    bags = bags_of_words(TITLES, 2000)
    words = WordAutoencoder(bags, 5, 4).double()
    dense, given = bags.toarray(), arrays(words)
    items = torch.tensor([1, 6, 3])  # nothing is known of 6
    expected = [
        ((autoencoder(given, dense[one])[1] - dense[one]) ** 2).sum() * dense[one].any()
        for one in items.tolist()
    ]
    assert words.loss(items, 0.0).item() == pytest.approx(np.mean(expected))
    torch.manual_seed(4)
    shown = torch.rand(4).numpy() >= 0.5
    assert 0 < shown.sum() < 4, "some words are hidden"
    torch.manual_seed(4)
    found = words.middle(items, 0.5).detach().numpy()
    hidden = dense[[1, 3]].astype(np.float64)
    hidden[0, np.flatnonzero(hidden[0])] = shown[:2]
    hidden[1, np.flatnonzero(hidden[1])] = shown[2:]
    for row, one in zip(found[[0, 2]], hidden, strict=True):
        np.testing.assert_allclose(row, autoencoder(given, one)[0], rtol=1e-10)
    assert not found[1].any()


def test_the_loss_and_its_gradient() -> None:
    model = CKE(CKEConfig(**SMALL, knowledge_weight=0.7, text_weight=0.3))
    learner = random_learner(model, data())
    learner.network.eval()  # no word is hidden
    drawn = [(0, 0, 7), (1, 3, 0), (4, 6, 2)]
    batch = DrawBatch(*torch.tensor(drawn).T)
    vectors, users = expected_vectors(learner.network), arrays(learner.network)["users"]
    apart = [users[u] @ (vectors[i] - vectors[j]) for u, i, j in drawn]
    expected = -np.log(sigmoid(np.array(apart))).mean()
    torch.manual_seed(5)
    rows = learner.triples.draw(3)
    expected += 0.7 * learner.network.structure.loss(rows).item() / 3
    both = torch.unique(torch.cat([batch.targets, batch.others]))
    expected += 0.3 * learner.network.words.loss(both, 0.0).item()
    torch.manual_seed(5)
    assert learner.loss(batch).item() == pytest.approx(expected, rel=1e-9)
    names, given = zip(*learner.network.named_parameters(), strict=True)

    def loss(*parameters: torch.Tensor) -> torch.Tensor:
        torch.manual_seed(5)
        named = {f"network.{name}": one for name, one in zip(names, parameters, strict=True)}
        return torch.func.functional_call(_Loss(learner, batch), named, ())

    first = [one.detach().requires_grad_() for one in given]
    assert torch.autograd.gradcheck(loss, first, fast_mode=True)


class _Loss(torch.nn.Module):
    def __init__(self, learner: CKELearner, batch: DrawBatch) -> None:
        super().__init__()
        self.network, self.learner, self.batch = learner.network, learner, batch
        learner.network = self.network

    def forward(self) -> torch.Tensor:
        return self.learner.loss(self.batch)


def test_an_item_without_events_is_ranked_by_its_node() -> None:
    """Item 8 has the kind of items 5 to 7, and nobody has it."""
    histories = [[0, 1, 2], [1, 2, 3], [0, 3, 4]] * 4 + [[5, 6], [6, 7], [5, 7]] * 4
    rows = [(item, 0, 10 + (item >= 5)) for item in range(UNKNOWN)]
    graph = Triples(np.array(rows), 12, ("HAS_KIND",))
    config = {"learning_rate": 0.05, "batch_size": 16, "knowledge_weight": 1.0, "reg": 0.01}
    model = CKE(CKEConfig(factors=8, relation_size=8, text="", **config))
    given = TrainingData(interactions(histories), None, Supplied({TriplesNeed(): graph}))
    model.fit(given, TrainingOptions(seed=43, epochs=40))
    found = model.score([Query(0, np.array([5])), Query(0, np.array([0]))])
    assert found[0, COLD] > found[0, :5].max()
    assert found[1, COLD] < np.median(found[1, :5])
    assert not model.items[UNKNOWN].any()


def test_an_item_of_which_nothing_is_known_comes_last_and_says_nothing() -> None:
    """Users have the items of one group, so that their scores of the others are below 0."""
    histories = [[0, 1, 2, 3], [1, 2, 3], [0, 2, 3]] * 4 + [[4, 5, 6], [5, 6, 7], [4, 6, 7]] * 4
    config = {"factors": 4, "learning_rate": 0.05, "batch_size": 16, "query_reg": 0.01}
    model = CKE(CKEConfig(**config))
    model.fit(TrainingData(interactions(histories)), TrainingOptions(epochs=10))
    unknown = [COLD, UNKNOWN]  # without knowledge both are
    asked = [Query(0, np.array(items)) for items in ([0], [5, 6], [0, 1, 2, 3, 4])]
    found = model.score(asked)
    assert found[:, :COLD].min() < 0
    assert (found[:, unknown].max(axis=1) < found[:, :COLD].min(axis=1)).all()
    vectors = model.vectors(asked)
    np.testing.assert_allclose(vectors.scores(), found, atol=1e-4)
    beside = [Query(0, np.append(one.items, unknown)) for one in asked]
    np.testing.assert_array_equal(model.score(beside), found)
    nothing = model.score([Query(0, np.array(items, np.int64)) for items in ([], unknown)])
    assert not nothing[:, :COLD].any()
    assert (nothing[:, unknown] < 0).all()


def test_no_user_is_longer_than_the_bound() -> None:
    """Items far from the negatives, liked by many: the vector that tells them apart is long."""
    for reg in (0.0, 0.01, 0.2):
        items = np.array([[20.0, 0], [18, 1], [-20, 0], [-19, 2]], np.float32)
        fold_in = PairwiseFoldIn(np.pad(items, ((0, 0), (0, 1))), np.array([2, 3]), reg)
        for scale in (0.05, 0.3, 1):
            made = replace(fold_in, items=fold_in.items * np.float32(scale))
            found = made.users(sparse.csr_array(np.array([[1, 1, 0, 0]], np.float32)))
            length = np.linalg.norm(found[0, :-1])
            assert 0 < length <= longest_user(reg)


def test_a_tiny_set_is_learned_by_heart() -> None:
    config = {"learning_rate": 0.05, "reg": 0, "batch_size": 8, "text": ""}
    result = CKE(CKEConfig(factors=8, **config)).fit(data(NOTHING), TrainingOptions(epochs=100))
    assert result.history[0]["loss"] > 0.5
    assert result.history[-1]["loss"] < 0.05


def test_texts_without_words_in_common_are_no_texts() -> None:
    titles = tuple(f"w{n}" for n in range(N))
    odd = CKE(CKEConfig(**SMALL))
    odd.fit(data(Supplied({TextNeed("title"): titles})), TrainingOptions(epochs=1))
    none = CKE(CKEConfig(**SMALL))
    none.fit(data(NOTHING), TrainingOptions(epochs=1))
    np.testing.assert_array_equal(odd.items, none.items)


def test_unusable_settings_are_refused() -> None:
    for wrong in ({"factors": 0}, {"noise": 1}, {"knowledge_weight": -1}, {"clip": 2}):
        with pytest.raises(ValidationError):
            CKEConfig(**wrong)
