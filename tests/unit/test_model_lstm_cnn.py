"""LSTM-CNN: its equations written out, what it does without an input, and titles in any script."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
import torch
from audited import audited, config, make_run, small_split
from scipy import sparse

from reelgraph.errors import ModelError
from reelgraph.model.base import Sizes, TrainingOptions
from reelgraph.model.data import Interactions, Query, interactions_from_frame
from reelgraph.model.needs import (
    Facts,
    FactsNeed,
    Need,
    Supplied,
    TextNeed,
    TrainingData,
    UserPropertiesNeed,
)
from reelgraph.model.titles import title_codes, title_words
from reelgraph.model.zoo.lstm_cnn import LSTMCNN, LSTMCNNConfig
from reelgraph.model.zoo.lstm_cnn_network import LSTMCNNNetwork
from reelgraph.model.zoo.title_network import TitleNetwork
from reelgraph.testing import ModelSuite
from reelgraph.testing.model_suite import CATALOGUE, ITEMS, events, query

Floats = npt.NDArray[np.float64]
SMALL = {"embedding_size": 5, "learning_rate": 0.01, "batch_size": 8, "epochs": 9}
SIZES = {"value_size": 3, "user_layers": (9, 7), "head_size": 6, "filters": 2}

TITLES = (
    "The Red Shoes (1948)",
    "Red River (1948)",
    "千と千尋の神隠し (2001)",
    "千年女優 (2001)",
    "",
    "Война и мир (1966)",
    "Война (2002)",
    "River, The (1951)",
    "M (1931)",
    "दो बीघा ज़मीन (1953)",
    "दो आँखें (1957)",
    "Three Colours: Red or the Longest Title of a Film That Anybody Ever Saw (1994)",
)
NAMES = ("HAS_GENRE genre:Drama", "word red", "HAS_GENRE genre:War", "IN_GENRE genre:Noir")


def genres() -> Facts:
    rows = np.zeros((ITEMS, len(NAMES)), np.float32)
    rows[::2, 0] = rows[:3, 1] = rows[5:7, 2] = rows[9, 3] = 1
    return Facts(sparse.csr_array(rows), NAMES)


def users(of: int = 60) -> dict[Need[Any], object]:
    known = {
        "gender": ["F" if user % 2 else "M" for user in range(of)],
        "age": [None if user % 7 == 0 else float(10 + user) for user in range(of)],
        "occupation": ["artist" if user % 3 else "writer" for user in range(of)],
    }
    return {UserPropertiesNeed((name,)): pd.DataFrame({name: known[name]}) for name in known}


def supplied(titles: tuple[str, ...] = TITLES) -> Supplied:
    return Supplied({TextNeed("title"): titles, FactsNeed(): genres(), **users()})


def model(**options: Any) -> LSTMCNN:
    return LSTMCNN(LSTMCNNConfig(**{**SMALL, **SIZES, **options}))


def train() -> Interactions:
    return interactions_from_frame(events(), CATALOGUE)


class TestLSTMCNN(ModelSuite):
    """Items 9 and 4 have the highest ratings."""

    answers = (((1, 4), 9), ((9,), 4))

    def make(self) -> LSTMCNN:
        return model()

    def supplied(self) -> Supplied:
        return supplied()


class TestCosineWithoutLSTM(TestLSTMCNN):
    def make(self) -> LSTMCNN:
        return model(head="cosine", lstm=False, windows=(2, 3), title_length=4)


class TestWithoutAnything(TestLSTMCNN):
    """As on plain files, which have interactions alone."""

    def supplied(self) -> Supplied:
        return Supplied()


def array(values: Any) -> Floats:
    return np.asarray(values.detach().numpy(), np.float64)


def sigmoid(x: Floats) -> Floats:
    return 1 / (1 + np.exp(-x))


def states(network: TitleNetwork, x: Floats) -> Floats:
    """``h`` of each word by torch's published equations of the LSTM, gates i, f, g, o."""
    lstm = network.lstm
    assert lstm is not None
    of_x, of_h = array(lstm.weight_ih_l0), array(lstm.weight_hh_l0)
    bias = array(lstm.bias_ih_l0) + array(lstm.bias_hh_l0)
    h, c, found = np.zeros(len(of_h) // 4), np.zeros(len(of_h) // 4), []
    for word in x:
        i, f, g, o = np.split(of_x @ word + of_h @ h + bias, 4)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        found.append(h)
    return np.array(found)


def title_vector(network: TitleNetwork, codes: list[int]) -> Floats:
    """Windows of 2 to 5 words through filters, the largest of each: one loop per sum."""
    if not codes:
        return np.zeros(network.width)
    x = array(network.words.weight)[codes]
    if network.lstm is not None:
        x = states(network, x)
    found = []
    for one in network.filters:
        assert isinstance(one, torch.nn.Conv1d)
        weight, bias = array(one.weight), array(one.bias)
        filters, size, window = weight.shape
        for n in range(filters):
            best = -np.inf
            for first in range(max(len(x) - window + 1, 1)):
                total = bias[n]
                for step in range(window):
                    for d in range(size):
                        if first + step < len(x):
                            total += weight[n, d, step] * x[first + step, d]
                best = max(best, total, 0.0)
            found.append(best)
    return np.array(found)


@pytest.mark.parametrize("lstm", [True, False])
def test_a_title_is_windows_of_words_through_filters(lstm: bool) -> None:
    torch.manual_seed(3)
    network = TitleNetwork(20, 4, (2, 3, 4, 5), 3, 0.0, lstm).eval()
    random = np.random.default_rng(1)
    titles = [random.integers(1, 20, size).tolist() for size in (6, 0, 1, 2, 3, 4, 5, 9)]
    codes = np.zeros((len(titles), 9), np.int64)
    for row, title in enumerate(titles):
        codes[row, : len(title)] = title
    found = array(network(torch.from_numpy(codes)))
    expected = np.stack([title_vector(network, title) for title in titles])
    assert (expected > 0).any(1).tolist() == [bool(title) for title in titles]
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_what_stands_behind_a_title_and_titles_beside_it_change_nothing() -> None:
    torch.manual_seed(4)
    network = TitleNetwork(20, 4, (2, 5), 3, 0.0).eval()
    short, longer = torch.tensor([[5, 7]]), torch.tensor([[5, 7, 0, 0, 0, 0], [3] * 6])
    torch.testing.assert_close(network(short)[0], network(longer)[0])
    assert network(torch.zeros(3, 0, dtype=torch.int64)).tolist() == [[0.0] * 6] * 3


def through(layer: Any, x: Floats) -> Floats:
    return array(layer.weight) @ x + (0 if layer.bias is None else array(layer.bias))


def predicted(network: LSTMCNNNetwork, asked: Query, profile: list[int], item: int, r: Any) -> Any:
    """A rating by the equations of the docstring, for one user and one movie.

    :param r: ratings of the history in standard deviations from the mean.
    """
    of_users, of_items = network.users, network.items
    having, rated = (array(one.weight) for one in (of_users.users.having, of_users.users.rated))
    events = having[asked.items] + r[:, None] * rated[asked.items]
    e_user = events.sum(0) / np.sqrt(max(len(events), 1))
    parts = [array(one.weight)[code] for one, code in zip(of_users.values, profile, strict=True)]  # type: ignore[arg-type]
    hidden = np.maximum(through(of_users.first, np.concatenate([e_user, *parts])), 0)
    u = np.tanh(through(of_users.second, hidden))

    assert of_items.genres is not None and of_items.title is not None
    e_genres = array(of_items.genres.weight) @ array(of_items.of_genres[item])
    joined = np.concatenate([array(of_items.items.weight)[item], e_genres])
    first = np.maximum(through(of_items.first, joined), 0)
    codes = [int(code) for code in of_items.codes[item] if code]
    title = title_vector(of_items.title, codes)
    m = np.tanh(through(of_items.second, np.concatenate([first, title])))
    head = network.head
    if hasattr(head, "layers"):
        inner, last = head.layers[0], head.layers[-1]
        return through(last, np.maximum(through(inner, np.concatenate([u, m])), 0))[0]
    cosine = u @ m / np.linalg.norm(u) / np.linalg.norm(m)
    return head.mean.item() + head.slope.item() * cosine


@pytest.mark.parametrize(
    "options", [{}, {"head": "cosine"}, {"lstm": False}], ids=["dense", "cosine", "cnn"]
)
def test_a_rating_is_the_features_through_the_head(options: dict[str, Any]) -> None:
    fitted = model(**options)
    fitted.fit(TrainingData(train(), None, supplied()), TrainingOptions(seed=5, epochs=3))
    known = [
        ({"gender": "F", "age": 24, "occupation": "artist"}, [1, 2, 1]),
        ({"gender": "M", "age": 70, "occupation": "nurse"}, [2, 7, 0]),
        ({}, [0, 0, 0]),
    ]
    for told, profile in known:
        for history in ((1, 4, 7), ()):
            asked = replace(query(*history), known=told)
            assert fitted.profiles([asked]).tolist() == [profile]
            r = (asked.ratings - fitted.scale.mean) / fitted.scale.spread  # type: ignore[operator]
            found = fitted.score([asked])[0]
            for item in (0, 4, 8, 11):
                right = predicted(fitted.network, asked, profile, item, r)  # type: ignore[arg-type]
                assert found[item] == pytest.approx(right, abs=1e-4)


def test_it_learns_a_tiny_set_by_heart() -> None:
    """Ratings at random, which only who is asked and which film together can tell."""
    frame = events()[lambda rows: rows["user"] < 8].copy()
    frame["rating"] = np.random.default_rng(2).integers(1, 6, len(frame)).astype(float)
    data = interactions_from_frame(frame, CATALOGUE)
    given = Supplied({TextNeed("title"): TITLES, FactsNeed(): genres(), **users(8)})
    fitted = model(embedding_size=16, dropout=0.0, reg=0.0, learning_rate=0.02)
    result = fitted.fit(TrainingData(data, None, given), TrainingOptions(seed=1, epochs=150))
    assert data.ratings is not None
    assert result.history[0]["loss"] > 1
    assert result.history[-1]["loss"] < 0.05 * data.ratings.var()


def test_a_rating_is_told_from_the_title_alone() -> None:
    """Films that have a word in common are rated alike, and a new one with it, too."""
    titles = tuple(f"{'good' if n % 2 else 'bad'} film {n}" for n in range(ITEMS))
    random, rows = np.random.default_rng(0), []
    for user in range(80):
        for seq, item in enumerate(random.permutation(ITEMS - 2)[:6], start=1):
            rows.append((user, 100 + item, seq, 5.0 if item % 2 else 1.0))
    frame = pd.DataFrame(rows, columns=["user", "item", "seq", "rating"])
    data = interactions_from_frame(frame, CATALOGUE)
    fitted = model(dropout=0.0, reg=1e-5, learning_rate=0.02)
    fitted.fit(
        TrainingData(data, None, Supplied({TextNeed("title"): titles})),
        TrainingOptions(seed=1, epochs=10),
    )
    bad, good = fitted.predict_rating([query(user=1)], [np.array([ITEMS - 2, ITEMS - 1])])[0]
    assert good - bad > 2


@pytest.mark.parametrize("left", range(5))
def test_each_input_may_be_absent(left: int, tmp_path: Path) -> None:
    whole = supplied()
    needs = LSTMCNN.needs(LSTMCNNConfig())
    assert all(need.fallback for need in needs)
    given = Supplied({need: whole[need] for n, need in enumerate(needs) if n != left})
    fitted = model()
    fitted.fit(TrainingData(train(), None, given), TrainingOptions(seed=1, epochs=1))
    asked = [replace(query(1, 4), known={"gender": "F", "age": 30, "occupation": "writer"})]
    scores = fitted.score(asked)
    assert np.isfinite(scores).all()
    fitted.save(tmp_path)
    np.testing.assert_array_equal(LSTMCNN.load(tmp_path, CATALOGUE).score(asked), scores)


def test_titles_without_a_word_are_no_titles() -> None:
    fitted = model()
    given = Supplied({TextNeed("title"): ("", " ", "!?") * 4})
    fitted.fit(TrainingData(train(), None, given), TrainingOptions(seed=1, epochs=1))
    assert isinstance(fitted.network, LSTMCNNNetwork)
    assert fitted.network.items.title is None
    assert fitted.network.knowledge == {}


def test_facts_without_genres_are_no_genres() -> None:
    fitted = model(genre_relations=("NOBODY",))
    fitted.fit(TrainingData(train(), None, supplied()), TrainingOptions(seed=1, epochs=1))
    assert isinstance(fitted.network, LSTMCNNNetwork)
    assert sorted(fitted.network.knowledge) == ["title"]


def test_genres_are_those_of_the_relations() -> None:
    fitted = model()
    found = fitted.read(TrainingData(train(), None, supplied()))["genres"]
    np.testing.assert_array_equal(found, genres().rows.todense()[:, [0, 2, 3]])


def test_a_table_of_other_users_is_refused() -> None:
    data = TrainingData(train(), None, Supplied(users(59)))
    with pytest.raises(ModelError, match="59 rows for 60 users"):
        model().fit(data, TrainingOptions(epochs=1))


def test_users_of_train_are_known_as_their_questions_are() -> None:
    fitted, data = model(), TrainingData(train(), None, supplied())
    fitted.read(data)
    tables = [data.supplied[need] for need in users() if isinstance(need, UserPropertiesNeed)]
    known = replace(data.train, known=pd.concat(tables, axis=1))
    asked = [known.query(user) for user in range(60)]
    np.testing.assert_array_equal(fitted.train_profiles(data), fitted.profiles(asked))
    assert (fitted.train_profiles(data)[:, 1] == 0).sum() == len(range(0, 60, 7))


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Amélie's ÉTÉ 2 (2001)", ["amélie", "s", "été", "2"]),
        ("Ame\u0301lie", ["amélie"]),
        ("Straße", ["strasse"]),
        ("Война и мир", ["война", "и", "мир"]),
        ("千と千尋", ["千", "と", "千", "尋"]),
        ("기생충 2", ["기생충", "2"]),
        ("दो बीघा", ["दो", "बीघा"]),
        ("ألف ليلة", ["ألف", "ليلة"]),
        ("ＦＵＬＬ", ["full"]),
        ("2001: A Space Odyssey (1968)", ["2001", "a", "space", "odyssey"]),
        ("(1968) (1968)", ["1968"]),
        ("🙂 !", []),
    ],
)
def test_words_of_a_title(title: str, words: list[str]) -> None:
    assert title_words(title) == words


def test_thai_is_read_by_characters_with_their_marks() -> None:
    assert title_words("กี่ วัน") == ["ก", "ี", "่", "ว", "ั", "น"]


def test_a_word_of_one_title_is_the_unknown_word() -> None:
    codes, words = title_codes(("Red red shoes", "the Red one", "", "the"), 3, least=2)
    red, the = 2, 3
    assert codes.tolist() == [[red, red, 1], [the, red, 1], [0, 0, 0], [the, 0, 0]]
    assert words == 4
    assert title_codes(("", ""), 3, 2)[0].shape == (2, 0)
    assert title_codes(("a b c d",), 3, 1)[0].tolist() == [[2, 3, 4]]


def test_memory_grows_with_titles_and_genres() -> None:
    least, facts = model().memory(Sizes(10, 10**6, 10)), Sizes(10, 10**6, 10, facts=20)
    assert model().memory(facts) - least >= 8 * 10**6 * 20
    assert model(title_length=40).memory(Sizes(10, 10**6, 10)) - least >= 8 * 10**6 * 20


@pytest.mark.slow
def test_a_full_audit_passes(tmp_path: Path) -> None:
    split = small_split(tmp_path, "user-time")
    options = {"embedding_size": 4, "epochs": 2}
    report = audited(split, make_run(split, config("lstm-cnn", options=options)), full=True)
    assert report.passed, report.failed
