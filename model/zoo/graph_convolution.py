"""Convolution over the graph of users and items, by sparse products.

One layer (Kipf and Welling, [GCN], eq. 2), with an edge for each train row::

    X' = D^-½ (A + I) D^-½ X W + b,   D the row sums of A + I

``A`` has the blocks ``R`` (users × items) and its transpose. The nodes of users and items are kept
apart, so that a user who is not in the graph can be joined to its items afterwards
(:func:`of_history`), and users can be left out without making the graph again.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


class _Product(torch.autograd.Function):
    """``R X`` and, for the gradient, the product with the stored transpose."""

    @staticmethod
    def forward(ctx: Any, matrix: Tensor, transposed: Tensor, x: Tensor) -> Tensor:
        ctx.transposed = transposed
        return matrix @ x

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[None, None, Tensor]:
        return None, None, ctx.transposed @ gradients[0]


class TrainGraph(nn.Module):
    """Who rated what in train, and how: not saved with a network, which keeps what came of it.

    :param users: of each event ``(E,)``, as ``items``; ``ratings`` are in standard deviations.
    """

    rows: Tensor
    columns: Tensor
    rated: Tensor
    rated_columns: Tensor
    degrees: Tensor

    def __init__(
        self, users: Tensor, items: Tensor, ratings: Tensor, size: tuple[int, int]
    ) -> None:
        super().__init__()
        ones = torch.ones(len(users))
        for name, values in (("rows", ones), ("rated", ratings)):
            made = _sparse(users, items, values, size)
            turned = _sparse(items, users, values, (size[1], size[0]))
            self.register_buffer(name, made, persistent=False)
            other = "columns" if name == "rows" else "rated_columns"
            self.register_buffer(other, turned, persistent=False)
        degrees = torch.bincount(users, minlength=size[0]).float()
        self.register_buffer("degrees", degrees, persistent=False)

    def of_users(self, x: Tensor) -> Tensor:
        """``R X`` ``(users, D)`` of items ``(items, D)``."""
        return _product(self.rows, self.columns, x)

    def of_items(self, x: Tensor) -> Tensor:
        """``Rᵀ X`` ``(items, D)`` of users ``(users, D)``."""
        return _product(self.columns, self.rows, x)

    def users(self, having: Tensor, rated: Tensor) -> Tensor:
        """The vectors of :class:`.rating_network.UserVectors` after all events."""
        sums = self.of_users(having) + _product(self.rated, self.rated_columns, rated)
        return sums / self.degrees.clamp(min=1).sqrt()[:, None]

    def item_degrees(self, kept: Tensor) -> Tensor:
        """Edges of each item to users that are kept ``(users,)``, 1 or 0 each."""
        return (self.columns @ kept[:, None]).squeeze(1)

    def convolve(
        self, items: Tensor, users: Tensor, kept: Tensor, degrees: Tensor
    ) -> tuple[Tensor, Tensor]:
        """``D^-½ (A + I) D^-½ X`` of items and users, those not kept sending nothing."""
        of_item, of_user = (degrees + 1).rsqrt()[:, None], (self.degrees + 1).rsqrt()[:, None]
        sent = of_user * users
        to_items = of_item * (of_item * items + self.of_items(kept[:, None] * sent))
        return to_items, of_user * (sent + self.of_users(of_item * items))


def of_history(users: Tensor, events: Tensor) -> Tensor:
    """The convolution at a user's own node after each of 0 … T events: ``(B, T + 1, D)``.

    :param users: the node itself ``(B, T + 1, D)``.
    :param events: of each event's item ``x / sqrt(degree + 1)`` ``(B, T, D)``.
    """
    sums = nn.functional.pad(events.cumsum(1), (0, 0, 1, 0))
    scale = torch.arange(1, sums.shape[1] + 1, device=sums.device).rsqrt()[:, None]
    return scale * (scale * users + sums)


def _product(matrix: Tensor, transposed: Tensor, x: Tensor) -> Tensor:
    found: Tensor = _Product.apply(matrix, transposed, x)
    return found


def _sparse(rows: Tensor, columns: Tensor, values: Tensor, size: tuple[int, int]) -> Tensor:
    places = torch.stack([rows, columns])
    return torch.sparse_coo_tensor(places, values, size, check_invariants=True).coalesce()
