"""The network of [LSTM-CNN], section III.C: a vector of the user, one of the movie, a head.

::

    u = tanh(W_2 ReLU(W_1 [e_user; e_gender; e_age; e_occupation] + b_1) + b_2)     128, then 200
    m = tanh(W_4 [ReLU(W_3 [e_item; Σ e_genre] + b_3); title] + b_4)                200
    y = w ReLU(W_5 [u; m] + b_5) + b                    dense, "till a value is output"
    y = b + a cos(u, m)                                 cosine

The paper gives the sizes and leaves out the functions between the layers; ReLU and tanh are those
of this page. How it joins the genres of a movie it does not say; here they are added.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from ..rating_context import Scale
from ..training.rated import Asked, Padded, RatingNetwork
from .rating_network import UserVectors, at, item_vectors, layers
from .title_network import TitleNetwork

_AT_ONCE = 2**13  # items whose titles are read together


class UserFeatures(nn.Module):
    """``u`` after each of 0 … T events; a value that is not known is a vector of zeros.

    :param values: number of codes of each part of a profile, 0 for unknown included.
    """

    def __init__(
        self, n_items: int, size: int, values: Sequence[int], of_value: int, sizes: tuple[int, int]
    ) -> None:
        super().__init__()
        self.users = UserVectors(n_items, size)
        self.values = nn.ModuleList(nn.Embedding(one, of_value, padding_idx=0) for one in values)
        self.first = nn.Linear(size + of_value * len(values), sizes[0])
        self.second = nn.Linear(*sizes)

    def forward(self, histories: Padded) -> Tensor:
        """``(B, T + 1, sizes[1])``."""
        users = self.users(histories)
        known = [part(codes) for part, codes in zip(self.values, histories.profiles.T, strict=True)]
        spread = [one[:, None].expand(-1, users.shape[1], -1) for one in known]
        found: Tensor = self.second(self.first(torch.cat([users, *spread], -1)).relu()).tanh()
        return found


class ItemFeatures(nn.Module):
    """``m`` of items.

    :param width: of ``m``.
    :param title: None where there are no titles; they have ``longest`` words at most.
    :param genres: their number.
    """

    codes: Tensor
    of_genres: Tensor

    def __init__(
        self,
        n_items: int,
        size: int,
        width: int,
        title: TitleNetwork | None,
        genres: int,
        longest: int,
    ) -> None:
        super().__init__()
        self.items, self.title = item_vectors(n_items, size), title
        self.register_buffer("codes", torch.zeros(n_items, longest, dtype=torch.int64))
        self.register_buffer("of_genres", torch.zeros(n_items, genres))
        self.genres = nn.Linear(genres, size, bias=False) if genres else None
        parts = 2 if genres else 1
        self.first = nn.Linear(parts * size, parts * size)
        self.second = nn.Linear(parts * size + (title.width if title else 0), width)

    def forward(self, items: Tensor) -> Tensor:
        """``(M, width)`` of items ``(M,)``."""
        parts = [self.items(items)]
        if self.genres is not None:
            parts.append(self.genres(self.of_genres[items]))
        joined = [self.first(torch.cat(parts, -1)).relu()]
        if self.title is not None:
            joined.append(self.title(self.codes[items]))
        found: Tensor = self.second(torch.cat(joined, -1)).tanh()
        return found


class DenseHead(nn.Module):
    """``y`` by layers over both vectors."""

    def __init__(self, width: int, inner: int, scale: Scale) -> None:
        super().__init__()
        self.layers = layers((2 * width, inner, 1), 0.0, scale.mean)

    def forward(self, user: Tensor, item: Tensor) -> Tensor:
        found: Tensor = self.layers(torch.cat([user, item], -1)).squeeze(-1)
        return found


class CosineHead(nn.Module):
    """``y`` by the angle between both vectors; ``a`` and ``b`` are learned."""

    def __init__(self, scale: Scale) -> None:
        super().__init__()
        self.slope = nn.Parameter(torch.tensor(scale.spread))
        self.mean = nn.Parameter(torch.tensor(scale.mean))

    def forward(self, user: Tensor, item: Tensor) -> Tensor:
        return self.mean + self.slope * nn.functional.cosine_similarity(user, item, dim=-1)


class LSTMCNNNetwork(RatingNetwork):
    """Features of both sides through the head."""

    def __init__(self, users: UserFeatures, items: ItemFeatures, head: nn.Module) -> None:
        super().__init__()
        self.users, self.items, self.head = users, items, head

    @property
    def knowledge(self) -> Mapping[str, int]:
        items = self.items
        widths = {"title": items.codes.shape[1], "genres": items.of_genres.shape[1]}
        return {name: width for name, width in widths.items() if width}

    def set_knowledge(self, vectors: Mapping[str, Tensor]) -> None:
        for name, buffer in (("title", self.items.codes), ("genres", self.items.of_genres)):
            if name in vectors:
                buffer.copy_(vectors[name])

    def forward(self, histories: Padded, asked: Asked) -> Tensor:
        """Each item that is asked about is read once, however often it comes."""
        user = at(asked.places, self.users(histories))
        different, place = torch.unique(asked.items, return_inverse=True)
        item = torch.cat([self.items(part) for part in different.split(_AT_ONCE)])[place]
        found: Tensor = self.head(user, item)
        return found
