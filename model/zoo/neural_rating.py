"""What networks that predict ratings have in common: how they are fitted, asked and kept."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
import torch
from pydantic import Field

from ..base import RANKING_MEMORY, FitResult, Model, ModelConfig, Sizes, TrainingOptions, chunks
from ..data import Catalogue, FloatArray, IntArray, Query
from ..histories import given_ratings
from ..needs import NOTHING, Supplied, TrainingData
from ..rating_context import (
    CONTEXT,
    GAP,
    STEP,
    Histories,
    Scale,
    item_figures,
    query_histories,
    train_histories,
)
from ..search_space import Between, OneOf, Space
from ..storage import load_model, save_model
from ..training.batches import pad
from ..training.checkpoints import fit_inputs
from ..training.loop import isolated_torch, seed_epoch
from ..training.options import Accumulate, BatchOfSequences, Clip, Epochs, Patience, RateSchedule
from ..training.rated import Asked, Padded, RatedSequences, RatingLearner, RatingNetwork
from .saved_network import load_network, network_arrays

_CELLS = 2**22  # of what a network makes for questions at once


class NeuralRatingConfig(ModelConfig):
    """Parameters that all of them have."""

    embedding_size: int = Field(32, ge=1, description="size of item and user vectors")
    dropout: float = Field(0.0, ge=0, lt=1, description="dropout of what the layers give")
    learning_rate: float = Field(1e-3, gt=0, description="first step size of Adam")
    reg: float = Field(1e-6, ge=0, description="λ of the L2 penalty on all parameters")
    history: int = Field(500, ge=1, description="last events of a history that are read by id")
    batch_size: BatchOfSequences = 16
    clip: Clip = 5.0
    accumulate: Accumulate = 1
    epochs: Epochs = 60
    schedule: RateSchedule = "plateau"
    patience: Patience = 10

    search_space: ClassVar[Mapping[str, Space]] = {
        "embedding_size": OneOf((16, 32, 64)),
        "dropout": Between(0.0, 0.6),
        "learning_rate": Between(2e-4, 5e-3, log=True),
        "reg": Between(1e-7, 1e-3, log=True),
        "batch_size": OneOf((8, 16, 32)),
    }


@dataclass(frozen=True)
class NetworkInputs:
    """What a network is made for: so many items, whose ratings are on a scale.

    ``knowledge`` is the width of each supplied embedding, by job; ``context`` says how many
    numbers a question brings.
    """

    items: int
    scale: Scale
    knowledge: Mapping[str, int]
    context: int = len(CONTEXT)


class NeuralRating(Model):
    """Predicts ratings; ranks by them.

    A question is what it is on a train row: the events of the user before it, and figures of
    the past (:mod:`..rating_context`). Nothing is looked up by user.

    ``told`` is what the data of the fit told a model, and its network's shape depends on.
    """

    provides = frozenset({"rating"})

    config: NeuralRatingConfig
    catalogue: Catalogue
    scale: Scale
    of_items: FloatArray  # (items, 2): popularity and mean
    network: RatingNetwork
    told: Mapping[str, Any] = MappingProxyType({})

    @abstractmethod
    def build(self, given: NetworkInputs) -> RatingNetwork:
        """The network, with its first weights."""

    def read(self, data: TrainingData) -> Mapping[str, npt.NDArray[Any]]:
        """What the network is given beside the events, by name, each of some width; sets ``told``.

        By default the supplied vectors of items.
        """
        return data.supplied.vectors(self.needs(self.config))

    def profiles(self, queries: Sequence[Query]) -> IntArray:
        """Codes ``(queries, P)`` of what is known of users beside their events; none by default."""
        return np.zeros((len(queries), 0), np.int64)

    def train_profiles(self, data: TrainingData) -> IntArray:
        """The same of the users of train ``(users, P)``, after :meth:`read`."""
        return np.zeros((len(data.train.users), 0), np.int64)

    def cells(self, history: int) -> int:
        """Values that the network makes per question to a history of so many events."""
        return self.config.embedding_size * 8

    def activations(self) -> int:
        """Bytes that a batch of training takes, beside what grows with the data."""
        return 2**28

    def memory(self, sizes: Sizes) -> int:
        weights = 4 * 8 * sizes.items * (3 * self.config.embedding_size + 2 * sizes.knowledge)
        events = 4 * sizes.interactions * (3 * (len(STEP) + len(CONTEXT)) + 20)
        return 2 * RANKING_MEMORY + weights + events + self.activations()

    def fit(self, data: TrainingData, options: TrainingOptions) -> FitResult:
        """:raises ModelError: when train rows have no ratings, or some that are not finite."""
        ratings, config = given_ratings(data.train, self.name), self.config
        self.catalogue, self.scale = data.catalogue, Scale.of(ratings)
        values = self.scale.standard(ratings, len(ratings))
        self.of_items = item_figures(data.train.items, values, len(data.catalogue))
        given = self.read(data)
        profiles = self.train_profiles(data)
        inputs = fit_inputs(self, data, {**given, "profiles": profiles}, options)
        with isolated_torch(options) as device:
            seed_epoch(options.seed, 0)
            self._build({name: one.shape[1] for name, one in given.items()})
            self.network.set_knowledge({n: torch.from_numpy(one) for n, one in given.items()})
            self.network.to(device)
            histories = train_histories(data.train, self.scale)
            sequences = RatedSequences(histories, ratings, config.history, device, profiles)
            learner = RatingLearner(
                self.network,
                config,
                sequences,
                options,
                partial(self._figure, data),
                hidden=slice(GAP, None),
            )
            return learner.learn(inputs)

    def score(self, queries: Sequence[Query], items: IntArray | None = None) -> FloatArray:
        """Predicted ratings, not cut to the scale."""
        asked = np.arange(len(self.catalogue)) if items is None else items
        if not queries:
            return np.zeros((0, len(asked)), np.float32)
        return np.stack(self._predicted(queries, [asked] * len(queries)))

    def predict_rating(
        self, queries: Sequence[Query], items: Sequence[IntArray]
    ) -> list[FloatArray]:
        """Within the lowest and the highest rating of train."""
        found: list[FloatArray] = []
        for part in chunks(len(queries), len(self.catalogue)):
            rows = self._predicted(queries[part], items[part])
            found += [np.clip(row, self.scale.low, self.scale.high) for row in rows]
        return found

    def save(self, folder: Path) -> None:
        arrays = network_arrays(self.network, "network.")
        scale = self.scale
        arrays["of_items"] = self.of_items
        arrays["scale"] = np.array([scale.mean, scale.spread, scale.low, scale.high])
        save_model(
            folder,
            self.name,
            self.config,
            self.catalogue,
            arrays,
            sources=dict(self.network.knowledge),
            told=dict(self.told),
        )

    @classmethod
    def load(cls, folder: Path, catalogue: Catalogue, supplied: Supplied = NOTHING) -> Self:
        config, arrays, content = load_model(folder, cls.name, cls.config_class, catalogue)
        model = cls(config)
        model.catalogue, model.of_items = catalogue, arrays["of_items"]
        model.scale = Scale(*arrays["scale"].tolist())
        model.told = content.get("told", {})  # a model written before has none
        model._build(content["sources"])
        load_network(model.network, arrays, "network.")
        return model

    def _figure(self, data: TrainingData) -> float | None:
        """Minus the RMSE on valid."""
        if (asked := data.asked) is None or asked.ratings is None:
            return None
        found = np.concatenate(self.predict_rating(asked.queries, asked.answers))
        return -float(np.sqrt(np.mean((found - np.concatenate(asked.ratings)) ** 2)))

    def _build(self, knowledge: Mapping[str, int]) -> None:
        self.network = self.build(NetworkInputs(len(self.catalogue), self.scale, knowledge))

    def _predicted(self, queries: Sequence[Query], items: Sequence[IntArray]) -> list[FloatArray]:
        histories = query_histories(queries, self.scale, self.of_items, self.config.history)
        device = next(self.network.parameters()).device
        profiles = self.profiles(queries)
        found = [np.zeros(len(asked), np.float32) for asked in items]
        self.network.eval()
        with torch.inference_mode():
            for rows, first, end in self._parts(np.diff(histories.offsets), items):
                padded, counts = pad([items[row][first:end] for row in rows])
                given = self.network(
                    _padded(histories, profiles, rows, device),
                    self._asked(histories, rows, padded, device),
                )
                for row, values, count in zip(rows.tolist(), given.cpu(), counts, strict=True):
                    found[row][first : first + count] = values[:count].numpy()
        return found

    def _parts(
        self, lengths: IntArray, items: Sequence[IntArray]
    ) -> Iterator[tuple[IntArray, int, int]]:
        """Rows of queries, and from where to where their questions are asked together."""
        counts = np.array([len(asked) for asked in items], np.int64)
        order = np.lexsort((-counts, -lengths))
        start = 0
        while start < len(order):
            longest = int(lengths[order[start]])
            questions = max(1, _CELLS // self.cells(longest))
            group = order[start : start + max(1, questions // max(1, longest))]
            most = np.maximum.accumulate(counts[group]) * np.arange(1, len(group) + 1)
            group = group[: max(1, int(np.searchsorted(most, questions, "right")))]
            start += len(group)
            wanted = int(counts[group].max())
            step = max(1, questions // len(group))
            for first in range(0, wanted, step):
                yield group, first, min(first + step, wanted)

    def _asked(
        self, histories: Histories, rows: IntArray, items: IntArray, device: torch.device
    ) -> Asked:
        """Questions about ``items`` ``(B, K)`` after all events of the histories."""
        context = np.repeat(histories.asking[rows][:, None], items.shape[1], axis=1)
        context[..., 4:6] = self.of_items[items]
        places = np.repeat(np.diff(histories.offsets)[rows][:, None], items.shape[1], axis=1)
        arrays = (items, context, places)
        return Asked(*(torch.from_numpy(one).to(device) for one in arrays))


def _padded(
    histories: Histories, profiles: IntArray, rows: IntArray, device: torch.device
) -> Padded:
    lengths = np.diff(histories.offsets)[rows]
    places = np.arange(int(lengths.max(initial=0)))
    real = places < lengths[:, None]
    events = np.where(real, histories.offsets[rows][:, None] + places, 0)
    items, steps = np.zeros(real.shape, np.int64), np.zeros((*real.shape, len(STEP)), np.float32)
    if events.size:
        items = np.where(real, histories.items[events], 0)
        steps = np.where(real[..., None], histories.steps[events], np.float32(0))
    arrays = (items, steps, profiles[rows])
    return Padded(*(torch.from_numpy(one).to(device) for one in arrays))
