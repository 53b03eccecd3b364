"""Closeness to every item by the paths from a history, and what each event adds to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from ..base import Evidence
from ..data import FloatArray, IntArray, Query
from ..histories import query_matrix
from ..training.path_pairs import HistoryRows
from ..vectors import share_of_history
from .path_candidates import Middles, candidate_paths
from .path_network import RecurrentPaths

PER_PAIR = 5  # paths to a candidate at most, as many as the job finds for a pair


@dataclass(frozen=True)
class _Found:
    """Paths of one query: ``event`` and ``place`` as :func:`.candidate_paths` gives them.

    ``added`` is what each path adds to its item's closeness, ``looks`` its attention weight.
    """

    event: IntArray
    place: IntArray
    added: FloatArray
    looks: FloatArray


@dataclass(frozen=True)
class PathAnswers:
    """A fitted network, and what joins two items best."""

    network: RecurrentPaths
    middles: Middles

    def closeness(self, queries: Sequence[Query], items: IntArray) -> FloatArray:
        """``(queries, items)``, before the sigmoid."""
        found = np.full((len(queries), len(items)), self._bias(), np.float32)
        for row, paths in enumerate(self._found(queries, [items] * len(queries))):
            found[row] += np.bincount(paths.place, paths.added, len(items)).astype(np.float32)
        return found

    def evidence(self, queries: Sequence[Query], items: Sequence[IntArray]) -> list[Evidence]:
        """Paths as parts of the events that they begin with.

        Without a path to any of the items, all events have the same weight.
        """
        explained = []
        for query, asked, paths in zip(queries, items, self._found(queries, items), strict=True):
            shape = (len(asked), len(query.items))
            contributions = np.zeros(shape, np.float32)
            contributions[paths.place, paths.event] = paths.added
            looks = np.bincount(paths.event, paths.looks, shape[1])
            looks = looks if looks.sum() else share_of_history(query.items).astype(np.float64)
            weights = (looks / max(looks.sum(), 1.0)).astype(np.float32)
            bias = np.full(len(asked), self._bias(), np.float32)
            explained.append(Evidence(weights, contributions, bias))
        return explained

    def _bias(self) -> float:
        return self.network.closeness.bias.item()

    def _found(self, queries: Sequence[Query], items: Sequence[IntArray]) -> list[_Found]:
        network = self.network
        device = next(network.parameters()).device
        training = network.training
        network.eval()
        found = []
        with torch.inference_mode():
            histories = HistoryRows.of(query_matrix(queries, network.items), device)
            users = network.users(histories)
            for user, query, asked in zip(users, queries, items, strict=True):
                found.append(self._of_query(user, query.items, asked))
        network.train(training)
        return found

    def _of_query(self, user: torch.Tensor, history: IntArray, items: IntArray) -> _Found:
        event, place = candidate_paths(self.middles, history, items, PER_PAIR)
        ends, past = items[place], history[event]
        begun, owner = np.unique(
            np.stack([past, self.middles[past, ends]]), axis=1, return_inverse=True
        )
        counts = np.bincount(place, minlength=len(items))
        real = torch.from_numpy(np.arange(int(counts.max(initial=0))) < counts[:, None])
        arrays = (np.ascontiguousarray(begun.T), owner.ravel(), ends)
        on = (torch.from_numpy(one).to(user.device) for one in arrays)
        states = self.network.states_from(user, *on)
        added, looks = self.network.shares(states, real := real.to(user.device))
        return _Found(event, place, added[real].cpu().numpy(), looks[real].cpu().numpy())
