"""Dropout, pairs of what was seen, the loss and ranking, each against its plain form."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from reelgraph.model.base import rank
from reelgraph.model.data import Catalogue, Interactions
from reelgraph.model.training import loss
from reelgraph.model.training.dropout import Dropout
from reelgraph.model.training.sequences import Sequences, seen_pairs


@pytest.mark.parametrize("share", [0.4, 0.99])
def test_dropout_drops_its_share_and_keeps_the_mean(share):
    torch.manual_seed(3)
    x = torch.ones(1001, 400)
    dropped = Dropout(share)(x)
    # each of the four elements that share a random number, apart
    parts = dropped.flatten()[:400_000].view(-1, 4)
    assert (parts == 0).float().mean(0).tolist() == pytest.approx([share] * 4, abs=0.01)
    assert dropped.mean() == pytest.approx(1, abs=0.05)
    pairs = torch.corrcoef(parts.T)
    assert pairs.fill_diagonal_(0).abs().max() < 0.02


def test_dropout_has_the_gradient_of_what_it_kept():
    x = torch.ones(50, 3, requires_grad=True)
    dropped = Dropout(0.5)(x)
    (gradient,) = torch.autograd.grad(dropped.sum(), x)
    assert torch.equal(gradient, dropped)


def test_dropout_changes_nothing_outside_training():
    x = torch.rand(4, 5)
    assert Dropout(0.5).eval()(x) is x
    assert Dropout(0.0)(x) is x


@given(st.lists(st.lists(st.integers(0, 5), max_size=8), max_size=5))
def test_seen_are_the_items_before_but_not_the_target(sequences):
    flat = torch.tensor([item for one in sequences for item in one], dtype=torch.int64)
    lengths = torch.tensor([len(one) for one in sequences], dtype=torch.int64)
    expected, row = [], 0
    for one in sequences:
        for position, target in enumerate(one):
            expected += [(row, item) for item in one[:position] if item != target]
            row += 1
    assert list(zip(*seen_pairs(flat[:, None], lengths).tolist(), strict=True)) == expected
    if all(len(set(one)) == len(one) for one in sequences):
        assert seen_pairs(flat[:, None], lengths, repeats=False).T.tolist() == [
            list(pair) for pair in expected
        ]


def test_what_comes_soon_is_not_among_the_seen():
    asked = sequences([[1, 2, 1, 3]], ahead=2)
    batch = asked.batch(np.array([0]))
    assert items_at(asked, batch.targets) == [[1, 2], [2, 1], [1, 3], [3, 3]]
    assert batch.seen[0].tolist() == [2, 3, 3, 3]
    assert items_at(asked, batch.seen[1]) == [2, 1, 2, 1]


def items_at(asked, places):
    """The items at places among the candidates."""
    return asked.candidates[places].tolist()


def sequences(rows, ratings=None, times=None, **options):
    """Sequences of some users, each a list of items."""
    flat = np.array([item for row in rows for item in row], np.int64)
    offsets = np.cumsum([0, *map(len, rows)])
    data = Interactions(
        Catalogue(np.arange(10)), np.arange(len(rows)), offsets, flat, ratings, times
    )
    return Sequences(data, torch.device("cpu"), **options)


def test_later_targets_count_a_share_of_the_one_before():
    asked = sequences([[5, 6, 7], [8]], ahead=3, decay=0.5)
    batch = asked.batch(np.array([0, 1]))
    assert items_at(asked, batch.targets) == [[5, 6, 7], [6, 7, 7], [7, 7, 7], [8, 8, 8]]
    shares = [[4 / 7, 2 / 7, 1 / 7], [2 / 3, 1 / 3, 0], [1, 0, 0], [1, 0, 0]]
    torch.testing.assert_close(batch.shares, torch.tensor(shares))


def test_events_of_equal_times_are_put_in_another_order():
    rows, gains = [[1, 2, 3, 4], [5, 6, 7]], np.arange(7, dtype=np.float32)
    times = np.array([10, 10, 10, 20, 5, 6, 6])
    tied = sequences(rows, times=times, gains=gains, reorders=True)
    seen = set()
    for number in range(200):
        tied.reorder(np.random.default_rng(number))
        items = tied.items.tolist()
        assert sorted(items[:3]) == [1, 2, 3] and items[3:5] == [4, 5]
        assert tied.gains.tolist() == [item - 1 for item in items], "gains go with their items"
        seen.add(tuple(items))
    assert len(seen) == 12  # 3! orders of the first user's, 2 of the second's


@pytest.mark.parametrize("times", [None, [1, 2, 3], [2, 2, 1]])
def test_an_order_that_is_not_of_tied_times_stays(times):
    times = None if times is None else np.array(times)
    given_order = sequences([[3, 1, 2]], times=times, reorders=True)
    given_order.reorder(np.random.default_rng(0))
    assert given_order.items.tolist() == [3, 1, 2]


def test_a_batch_holds_the_sequences_of_its_users():
    gains = np.array([1, 0.5, 1, 1, 0.2, 1], np.float32)
    asked = sequences([[5, 6, 7], [], [8], [9, 5]], gains=gains)
    batch = asked.batch(np.array([3, 0]))
    assert batch.items.tolist() == [[9, 5, 0], [5, 6, 7]]
    assert batch.real.tolist() == [[True, True, False], [True, True, True]]
    assert asked.candidates.tolist() == [5, 6, 7, 8, 9]
    assert items_at(asked, batch.targets) == [[9], [5], [5], [6], [7]]
    assert batch.shares.tolist() == [[1]] * 5
    torch.testing.assert_close(batch.gains, torch.tensor([[0.2, 1, 0], [1, 0.5, 1]]))
    assert batch.seen[0].tolist() == [1, 3, 4, 4]
    assert items_at(asked, batch.seen[1]) == [9, 5, 5, 6]


@pytest.mark.parametrize("at_once", [7, 64, 1000])
def test_the_loss_is_the_same_in_any_number_of_parts(monkeypatch, at_once):
    monkeypatch.setattr(loss, "loss_positions", lambda items, device: at_once)
    torch.manual_seed(0)
    users, items = torch.randn(200, 6, requires_grad=True), torch.randn(9, 6, requires_grad=True)
    targets, shares = torch.randint(0, 8, (200, 3)), torch.rand(200, 3).softmax(1)
    positions = torch.arange(0, 200, 3)
    seen = torch.stack([positions, torch.full_like(positions, 8)])
    masked = (users @ items.T).index_put((seen[0], seen[1]), torch.tensor(-torch.inf))
    wanted_items = torch.zeros(200, 9).scatter_add(1, targets, shares)
    expected = (masked.logsumexp(1) - (wanted_items * (users @ items.T)).sum(1)).mean()
    found = loss.catalogue_loss(users, items, targets, shares, seen)
    torch.testing.assert_close(found, expected)
    wanted = torch.autograd.grad(2 * expected, [users, items])
    torch.testing.assert_close(torch.autograd.grad(2 * found, [users, items]), wanted)


def test_a_target_without_any_probability_leaves_the_loss_finite():
    users, items = torch.tensor([[1.0]]), torch.tensor([[0.0], [500.0]], requires_grad=True)
    found = loss.catalogue_loss(
        users, items, torch.tensor([[0]]), torch.ones(1, 1), torch.zeros(2, 0, dtype=torch.long)
    )
    (gradient,) = torch.autograd.grad(found, items)
    assert 80 < found < 90
    assert gradient.tolist() == [[-1], [1]]


def test_parts_of_the_loss_are_bounded():
    assert loss.loss_positions(1682) * 1682 <= 2**18
    assert loss.loss_positions(200_000) == 64
    assert loss.loss_positions(1682, "cuda") > 10_000


@settings(deadline=None)
@given(st.data())
def test_ranking_is_the_head_of_a_stable_sort(data):
    queries, items = data.draw(st.integers(0, 5)), data.draw(st.integers(1, 12))
    n = data.draw(st.integers(0, 14))
    values = st.sampled_from([0.0, 1.0, 2.5, -3.0, -np.inf])
    row = st.lists(values, min_size=items, max_size=items)
    scores = np.array(data.draw(st.lists(row, min_size=queries, max_size=queries)), np.float32)
    scores = scores.reshape(queries, items)
    indices = st.lists(st.integers(0, items - 1), unique=True)
    exclude = [np.array(data.draw(indices), np.int64) for _ in range(queries)]
    found = rank(scores, n, exclude)
    assert found.items.shape == (queries, min(n, items))
    for one, excluded, listed in zip(scores, exclude, found.items, strict=True):
        left = [i for i in range(items) if i not in excluded and one[i] > -np.inf]
        best = sorted(left, key=lambda i: (-one[i], i))[:n]
        assert listed.tolist() == best + [-1] * (min(n, items) - len(best))
