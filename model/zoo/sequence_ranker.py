"""What rankers have in common whose network turns a history into one vector and knows no more.

The score of an item is the inner product of the user's vector and the item's, bias included. The
history cannot be told apart in it, so these models give no evidence; ask an explainer.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self

import numpy as np
import torch

from ..base import RANKING_MEMORY, FitResult, Model, Sizes, TrainingOptions, Vectors
from ..data import Catalogue, FloatArray, IntArray, Query
from ..needs import NOTHING, Supplied, TrainingData
from ..storage import load_model, save_model
from ..training.batches import histories_by_length, pad
from ..training.checkpoints import fit_inputs
from ..training.loop import isolated_torch, seed_epoch
from ..training.loss import loss_positions
from ..training.next_item import NextItemLearner, chosen_ahead
from ..training.next_item_config import NextItemConfig
from ..vectors import of_one_length
from .saved_network import load_network, network_arrays
from .tied_network import TiedNetwork

_COPIES = 12  # of the items' vectors: gradient, optimizer, best state, answers …


class SequenceRanker(Model):
    """A :class:`TiedNetwork`, trained by :class:`~..training.next_item.NextItemLearner`."""

    provides = frozenset({"ranking", "vectors"})

    config: NextItemConfig
    catalogue: Catalogue
    network: TiedNetwork

    @property
    def longest(self) -> int | None:
        """Events of a history that are looked at, the last ones; None for all."""
        return None

    @abstractmethod
    def make_network(self, items: int) -> TiedNetwork:
        """A new network for so many items, its first weights drawn by torch's generator."""

    def memory(self, sizes: Sizes) -> int:
        cells = _COPIES * (self.config.embedding_size + 1) + loss_positions(sizes.items)
        return RANKING_MEMORY + 4 * sizes.items * cells

    def fit(self, data: TrainingData, options: TrainingOptions) -> FitResult:
        inputs = fit_inputs(self, data, {}, options)
        with isolated_torch(options) as device:
            result = self.learner(data, options, device).learn(inputs)
        ahead = chosen_ahead(self.config, data, options)
        return replace(result, settings={"ahead": ahead})

    def learner(
        self, data: TrainingData, options: TrainingOptions, device: torch.device
    ) -> NextItemLearner:
        """A new network on a device, and what trains it."""
        seed_epoch(options.seed, 0)
        self.catalogue, self.network = data.catalogue, self.make_network(len(data.catalogue))
        self.network.to(device)
        ahead = chosen_ahead(self.config, data, options)
        if self.longest is not None:
            data = replace(data, train=data.train.last(self.longest))
        return NextItemLearner(self.network, self.config, data, options, ahead, self.recommend)

    def score(self, queries: Sequence[Query], items: IntArray | None = None) -> FloatArray:
        users, of_items = self._parts(queries)
        return users @ (of_items if items is None else of_items[items]).T

    def vectors(self, queries: Sequence[Query]) -> Vectors:
        """User ``(queries, D + 2)`` and item vectors ``(N, D + 2)``: bias, then what fills up."""
        return of_one_length(*self._parts(queries))

    def _parts(self, queries: Sequence[Query]) -> tuple[FloatArray, FloatArray]:
        """User ``(queries, D + 1)`` and item vectors ``(N, D + 1)``, the bias last."""
        self.network.eval()
        with torch.inference_mode():
            inputs = self.network.item_inputs()
            users = self.network.no_history(len(queries)).cpu().numpy()
            histories = [query.items[-(self.longest or 0) :] for query in queries]
            for rows in histories_by_length(histories):
                padded, lengths = pad([histories[row] for row in rows])
                after = self.network(torch.from_numpy(padded).to(inputs.device), inputs)
                users[rows] = after.cpu().numpy()[np.arange(len(rows)), lengths - 1]
            return users, self.network.item_vectors(inputs).cpu().numpy()

    def save(self, folder: Path) -> None:
        arrays = network_arrays(self.network)
        save_model(folder, self.name, self.config, self.catalogue, arrays)

    @classmethod
    def load(cls, folder: Path, catalogue: Catalogue, supplied: Supplied = NOTHING) -> Self:
        config, arrays, _ = load_model(folder, cls.name, cls.config_class, catalogue)
        model = cls(config)
        with torch.random.fork_rng(devices=[]):  # the first weights are replaced at once
            model.catalogue, model.network = catalogue, model.make_network(len(catalogue))
        load_network(model.network, arrays)
        return model
