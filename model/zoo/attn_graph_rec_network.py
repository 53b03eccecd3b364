"""The network of [AttnGraphRec]: graph convolution, attention over features, layers.

Its text names the parts; sizes are those of its code. With ``x`` the embeddings of all nodes and
``conv`` of :mod:`.graph_convolution`::

    h = ReLU(conv_1(x)),  g = conv_2(h)
    u = x_u + g_u,  m = x_m + g_m,  z = [u; m]
    a = softmax_k(A_2 tanh(A_1 z + a_1) + a_2)        a weight for each feature of z
    y = w ReLU(W_2 ReLU(W_1 (2E · a ⊙ z) + b_1) + b_2) + b

A weight of ``1 / 2E`` for each leaves ``z`` as it is.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from ..rating_context import Scale
from ..training.dropout import Dropout
from ..training.rated import Asked, Padded, RatingNetwork
from .graph_convolution import TrainGraph, of_history
from .rating_network import UserVectors, at, item_vectors, layers


class FeatureAttention(nn.Module):
    """``2E · a ⊙ z`` of ``z`` ``(…, 2E)``."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(width, hidden), nn.Linear(hidden, width)

    def forward(self, z: Tensor) -> Tensor:
        weights: Tensor = self.second(self.first(z).tanh()).softmax(-1)
        return z.shape[-1] * weights * z


class AttnGraphRecNetwork(RatingNetwork):
    """The network.

    ``graph`` is there while it is trained; then ``states``, ``vectors`` and ``degrees`` of items
    are what came of it. A history's profile is its user's number in the graph and 1, or 0: in
    training a batch's own users send nothing, else a movie's vector would tell their rating.
    """

    states: Tensor  # (N, H): h
    vectors: Tensor  # (N, E): g
    degrees: Tensor  # (N,)

    def __init__(
        self, n_items: int, scale: Scale, size: int, hidden: int, dropout: tuple[float, float]
    ) -> None:
        super().__init__()
        self.users, self.items = UserVectors(n_items, size), item_vectors(n_items, size)
        self.first, self.second = nn.Linear(size, hidden), nn.Linear(hidden, size)
        self.dropout = Dropout(dropout[0])
        self.attention = FeatureAttention(2 * size, hidden)
        self.layers = layers((2 * size, hidden, hidden // 2, 1), dropout[1], scale.mean)
        self.graph: TrainGraph | None = None
        for name, shape in (("states", (hidden,)), ("vectors", (size,)), ("degrees", ())):
            self.register_buffer(name, torch.zeros(n_items, *shape))

    def set_knowledge(self, vectors: Mapping[str, Tensor]) -> None:
        """The events of train ``(E, 3)``: user, item, rating in standard deviations."""
        events = vectors["events"]
        users, items = events[:, 0].long(), events[:, 1].long()
        size = int(users.max()) + 1, self.items.num_embeddings
        self.graph = TrainGraph(users, items, events[:, 2].float(), size)

    def settle(self) -> None:
        """Keep what comes of the graph for questions."""
        if self.graph is not None:
            with torch.no_grad():
                found = self._of_items(torch.ones_like(self.graph.degrees))
            for kept, one in zip((self.states, self.vectors, self.degrees), found, strict=True):
                kept.copy_(one)

    def train(self, mode: bool = True) -> AttnGraphRecNetwork:
        """Settles where training stops."""
        stops = self.training and not mode
        super().train(mode)
        if stops:
            self.settle()
        return self

    def forward(self, histories: Padded, asked: Asked) -> Tensor:
        if self.training and self.graph is not None:
            tables = self._of_items(self._others(self.graph, histories.profiles))
        else:
            tables = self.states, self.vectors, self.degrees
        user = at(asked.places, self._of_users(histories, *tables))
        item = self.items(asked.items) + tables[1][asked.items]
        z = self.attention(torch.cat([user, item], -1))
        found: Tensor = self.layers(z).squeeze(-1)
        return found

    @staticmethod
    def _others(graph: TrainGraph, profiles: Tensor) -> Tensor:
        """1 for users of the graph who are not among the histories, else 0."""
        kept = graph.degrees.new_ones(len(graph.degrees) + 1)
        kept[profiles[:, 0]] = 0
        return kept[1:]

    def _of_items(self, kept: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """``h``, ``g`` and degrees of all items by the graph without those not kept."""
        graph = self.graph
        assert graph is not None
        degrees = graph.item_degrees(kept)
        of_users = graph.users(self.users.having.weight, self.users.rated.weight)
        found = graph.convolve(self.items.weight, of_users, kept, degrees)
        states, of_users = (self.dropout(self.first(one).relu()) for one in found)
        to_items, to_users = (
            nn.functional.linear(one, self.second.weight) for one in (states, of_users)
        )
        vectors = graph.convolve(to_items, to_users, kept, degrees)[0] + self.second.bias
        return states, vectors, degrees

    def _of_users(
        self, histories: Padded, states: Tensor, vectors: Tensor, degrees: Tensor
    ) -> Tensor:
        """``u`` after each of 0 … T events: ``(B, T + 1, E)``."""
        x = self.users(histories)
        scale = (degrees + 1).rsqrt()[histories.items][..., None]
        h = self.first(of_history(x, scale * self.items(histories.items))).relu()
        mapped = nn.functional.linear(states, self.second.weight)[histories.items]
        own = nn.functional.linear(self.dropout(h), self.second.weight)
        found: Tensor = x + of_history(own, scale * mapped) + self.second.bias
        return found
