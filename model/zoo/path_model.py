"""What models of paths between users and items have in common: fitting, asking, keeping."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator
from scipy import sparse
from torch import nn

from ...errors import ModelError
from ..base import (
    RANKING_MEMORY,
    Evidence,
    FitResult,
    Model,
    ModelConfig,
    Sizes,
    TrainingOptions,
    Vectors,
)
from ..data import Catalogue, FloatArray, IntArray, Query
from ..histories import query_matrix
from ..needs import NOTHING, AdjacencyNeed, Need, PathsNeed, Supplied, TrainingData
from ..search_space import Between, OneOf, Space
from ..storage import load_model, save_model, sparse_arrays, sparse_of
from ..training.checkpoints import fit_inputs
from ..training.loop import isolated_torch, seed_epoch
from ..training.on_valid import sum_rr_on_valid
from ..training.options import Accumulate, Clip, Epochs, Patience, RateOfAdamW, RateSchedule
from ..training.path_pairs import PathLearner, PathPairs
from ..vectors import of_one_length, share_of_history
from .path_answers import PER_PAIR, PathAnswers
from .path_candidates import Middles, best_middles
from .path_network import Pooling, RecurrentPaths
from .saved_network import load_network, network_arrays


class PathModelConfig(ModelConfig):
    """Parameters of models of paths."""

    length: Literal[3, 5, 7] = Field(3, description="edges of a path, at most: 3, 5 or 7")
    negatives: Literal[1, 3, 5] = Field(1, description="sets of sampled negatives")
    rank_by: Literal["vectors", "closeness"] = Field(
        "closeness",
        description="what ranks: the inner product of the learned vectors of user and item, as in "
        "the paper, or the closeness by the paths to each item",
    )
    vector_loss: float = Field(
        0.0,
        ge=0,
        description="what the loss of the inner product counts beside that of the closeness; 0 in "
        "the paper, which ranks by it and does not train it",
    )
    embedding_size: int = Field(32, ge=1, description="size of the nodes' vectors")
    hidden_size: int = Field(32, ge=1, description="size of a path's state")
    dropout: float = Field(0.0, ge=0, lt=1, description="dropout of the vectors along a path")
    learning_rate: RateOfAdamW = 2e-3
    reg: float = Field(1e-2, ge=0, description="weight decay")
    batch_size: int = Field(512, ge=1, description="pairs in a batch")
    clip: Clip = 5.0
    accumulate: Accumulate = 1
    epochs: Epochs = 20
    schedule: RateSchedule = "constant"
    patience: Patience = 4

    search_space: ClassVar[Mapping[str, Space]] = {
        "embedding_size": OneOf((16, 32, 64)),
        "hidden_size": OneOf((16, 32, 64)),
        "dropout": Between(0.0, 0.5),
        "learning_rate": Between(5e-4, 1e-2, log=True),
        "reg": Between(1e-4, 1e-1, log=True),
    }

    @model_validator(mode="after")
    def _short(self) -> Self:
        if self.rank_by == "closeness" and self.length != 3:
            raise ValueError(
                "ranking by closeness finds paths of length 3 to every item; rank by vectors to "
                "train on longer ones"
            )
        return self

    @property
    def lengths(self) -> tuple[int, ...]:
        return tuple(range(3, self.length + 1, 2))


class PathModel(Model):
    """Closeness of user and item by the paths between them.

    **Users.** The first node of a path is the user who is asked about. As with the other models
    here they are known by their history only: the node's vector is ``Σ y_i / √n`` over the items
    of the history, in training without the item that is asked about. Users that a path passes are
    nodes of the graph and have vectors of their own; a table's row of the asked user would know
    nobody new, and would be told by an id that is only a label.

    **Ranking by closeness** finds up to five paths of length 3 to each item, one by each of the
    latest events that leads there (:mod:`.path_candidates`), over all knowledge and the ratings of
    train. It scores by ``W_r·h + b_r``, the closeness of eq. 4 before its sigmoid, which keeps the
    order. An item without a path has ``h = 0``, so its closeness is ``σ(b_r)``, whatever it is;
    pairs without a path are not trained on.

    **Pairs** are those of train's events in both fits, since job ``paths`` finds paths for these.
    The final fit has the events of valid in the users' vectors, and takes none for a negative.

    **Ranking by vectors**, as in [RKAN], scores by the inner product of the user's and the item's
    vector, for which no path is needed. The loss of eq. 5 is that of the closeness and does not
    reach this product, so the closeness, which it trains, is the default.

    **Evidence** is exact in both. The last layer is linear, so the score is the bias and one term
    per path, which is that of the history's item on it; an event's weight is the attention of its
    paths, averaged over the items that are explained. With vectors it is one term per item of the
    history, of equal weight.
    """

    provides = frozenset({"ranking", "evidence", "vectors"})

    config: PathModelConfig
    catalogue: Catalogue
    network: RecurrentPaths
    adjacency: sparse.csr_array | None = None
    middles: Middles

    @classmethod
    def needs(cls, config: PathModelConfig) -> tuple[Need[Any], ...]:
        paths = PathsNeed(config.lengths, config.negatives)
        return (paths, AdjacencyNeed("both")) if config.rank_by == "closeness" else (paths,)

    @property
    @abstractmethod
    def pooling(self) -> Pooling:
        """How the states of a pair's paths become one."""

    def memory(self, sizes: Sizes) -> int:
        pairs = sizes.interactions * (1 + self.config.negatives)
        paths = pairs * PER_PAIR * (8 * (self.config.length + 1) + 500)  # as a frame, as arrays
        tables = 40 * self.config.embedding_size * (sizes.items + sizes.known)  # ten copies
        middles = 4 * sizes.items**2 if self.config.rank_by == "closeness" else 0
        return RANKING_MEMORY + paths + tables + middles + 2**28

    def fit(self, data: TrainingData, options: TrainingOptions) -> FitResult:
        """:raises ModelError: when the paths are of another split than train, or there are none."""
        config = self.config
        self.catalogue = data.catalogue
        with isolated_torch(options) as device:
            paths = data[PathsNeed(config.lengths, config.negatives)]
            pairs = PathPairs(paths, data.train, device)
            nodes = pairs.nodes
            if config.rank_by == "closeness":
                adjacency = data[AdjacencyNeed("both")]
                self._join(adjacency)
                nodes = max(nodes, adjacency.shape[0])
            inputs = fit_inputs(self, data, pairs.arrays(), options)
            seed_epoch(options.seed, 0)
            self._build(max(nodes, len(data.catalogue)))
            self.network.to(device)
            figure = partial(self._figure, data)
            learner = PathLearner(self.network, config, pairs, options, config.vector_loss, figure)
            return learner.learn(inputs)

    def score(self, queries: Sequence[Query], items: IntArray | None = None) -> FloatArray:
        asked = np.arange(len(self.catalogue)) if items is None else items
        if not queries:
            return np.zeros((0, len(asked)), np.float32)
        if self.config.rank_by == "vectors":
            return self._users(queries) @ self._items()[asked].T
        return self._answers().closeness(queries, asked)

    def explain(self, queries: Sequence[Query], items: Sequence[IntArray]) -> list[Evidence]:
        """Contributions are those of the history's items, or of the paths that begin with them."""
        if self.config.rank_by == "closeness":
            return self._answers().evidence(queries, items)
        having, of_items = _weights(self.network.having), self._items()
        return [
            _evidence_of_vectors(having, of_items[asked], query)
            for query, asked in zip(queries, items, strict=True)
        ]

    def has_vectors(self) -> bool:
        return self.config.rank_by == "vectors"

    def vectors(self, queries: Sequence[Query]) -> Vectors:
        """:raises ModelError: when it ranks by closeness, which is no inner product."""
        if not self.has_vectors():
            raise ModelError(
                f"model '{self.name}' ranks by closeness, which no vectors have",
                "Fit it with rank_by=vectors.",
            )
        return of_one_length(self._users(queries), self._items())

    def save(self, folder: Path) -> None:
        arrays = network_arrays(self.network, "network.")
        if self.adjacency is not None:
            arrays |= sparse_arrays("adjacency", self.adjacency)
        save_model(folder, self.name, self.config, self.catalogue, arrays)

    @classmethod
    def load(cls, folder: Path, catalogue: Catalogue, supplied: Supplied = NOTHING) -> Self:
        config, arrays, _ = load_model(folder, cls.name, cls.config_class, catalogue)
        model = cls(config)
        model.catalogue = catalogue
        if "adjacency.data" in arrays:
            model._join(sparse_of("adjacency", arrays))
        model._build(len(arrays["network.nodes.weight"]))
        load_network(model.network, arrays, "network.")
        return model

    def _build(self, nodes: int) -> None:
        config = self.config
        self.network = RecurrentPaths(
            len(self.catalogue),
            nodes,
            config.embedding_size,
            config.hidden_size,
            self.pooling,
            config.dropout,
        )

    def _join(self, adjacency: sparse.csr_array) -> None:
        self.adjacency = adjacency
        self.middles = best_middles(adjacency, len(self.catalogue))

    def _answers(self) -> PathAnswers:
        return PathAnswers(self.network, self.middles)

    def _users(self, queries: Sequence[Query]) -> FloatArray:
        """``(queries, D)``."""
        histories = query_matrix(queries, len(self.catalogue))
        found = histories @ _weights(self.network.having)
        lengths = np.maximum(np.diff(histories.indptr), 1).astype(np.float32)
        return np.asarray(found / np.sqrt(lengths)[:, None], np.float32)

    def _items(self) -> FloatArray:
        return _weights(self.network.nodes)[: len(self.catalogue)]

    def _figure(self, data: TrainingData) -> float | None:
        """ΣRR@10 on valid."""
        return sum_rr_on_valid(data.asked, self.recommend)


def _weights(table: nn.Embedding) -> FloatArray:
    found: FloatArray = table.weight.detach().cpu().numpy()
    return found


def _evidence_of_vectors(having: FloatArray, items: FloatArray, query: Query) -> Evidence:
    """One term ``y_i·q / √n`` per item of a history."""
    share = share_of_history(query.items)
    count = max(float(share.sum()), 1.0)
    terms = (items @ having[query.items].T) * (share / np.float32(np.sqrt(count)))
    return Evidence(share / np.float32(count), terms, np.zeros(len(items), np.float32))
