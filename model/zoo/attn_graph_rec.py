"""AttnGraphRec ([AttnGraphRec]): ratings by graph convolution, feature attention and layers.

See :mod:`.attn_graph_rec_network` for the mathematics. Sizes, dropout and early stopping after
five epochs are those of the project; its learning rate of .00002 is for batches of 1,024 rows.

What differs: there, users have vectors by number, and the graph is that of known users. Here a
user's node begins with a vector made of the history (:class:`.rating_network.UserVectors`), and
whoever asks is joined to the items of the history as a new node, which sends nothing to others.
In training the graph lacks the edges of the batch's own users; with them, as there, a movie's
vector would contain the rating that is to be predicted. The project's code makes an attention of
one weight, over one value, that its prediction does not read, and leaves the graph out where it
trains; here both are what its text says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from pydantic import Field

from ..base import FitResult, ModelConfig, Sizes, TrainingOptions
from ..data import IntArray, Query
from ..histories import given_ratings
from ..needs import TrainingData
from ..training.options import Patience
from .attn_graph_rec_network import AttnGraphRecNetwork
from .neural_rating import NetworkInputs, NeuralRating, NeuralRatingConfig


class AttnGraphRecConfig(NeuralRatingConfig):
    """Parameters of AttnGraphRec."""

    embedding_size: int = Field(64, ge=1, description="size of item and user vectors")
    hidden_size: int = Field(128, ge=2, description="size inside the convolution and the layers")
    graph_dropout: float = Field(0.3, ge=0, lt=1, description="dropout between convolutions")
    dropout: float = Field(0.2, ge=0, lt=1, description="dropout of what the layers give")
    reg: float = Field(1e-5, ge=0, description="λ of the L2 penalty on all parameters")
    patience: Patience = 5


class AttnGraphRec(NeuralRating):
    """Predicts ratings; ranks by them."""

    name = "attn-graph-rec"
    description = "ratings by graph convolution and feature attention"
    config_class: ClassVar[type[ModelConfig]] = AttnGraphRecConfig

    config: AttnGraphRecConfig
    network: AttnGraphRecNetwork

    def read(self, data: TrainingData) -> Mapping[str, npt.NDArray[Any]]:
        """The events of train: user, item, rating in standard deviations."""
        train = data.train
        owners = np.repeat(np.arange(len(train.users)), np.diff(train.offsets))
        values = self.scale.standard(given_ratings(train, self.name), len(train))
        return {"events": np.column_stack([owners, train.items, values])}

    def profiles(self, queries: Sequence[Query]) -> IntArray:
        return np.zeros((len(queries), 1), np.int64)

    def train_profiles(self, data: TrainingData) -> IntArray:
        return 1 + np.arange(len(data.train.users), dtype=np.int64)[:, None]

    def fit(self, data: TrainingData, options: TrainingOptions) -> FitResult:
        result = super().fit(data, options)
        self.network.settle()
        self.network.graph = None
        return result

    def build(self, given: NetworkInputs) -> AttnGraphRecNetwork:
        config = self.config
        dropout = config.graph_dropout, config.dropout
        return AttnGraphRecNetwork(
            given.items, given.scale, config.embedding_size, config.hidden_size, dropout
        )

    def cells(self, history: int) -> int:
        return 4 * (self.config.embedding_size + self.config.hidden_size)

    def memory(self, sizes: Sizes) -> int:
        nodes, width = sizes.users + sizes.items, self.config.embedding_size
        graph = 96 * sizes.interactions + 16 * nodes * (width + self.config.hidden_size) * 4
        return super().memory(sizes) + graph
