"""Cross-entropy over the whole catalogue without keeping the logits.

``L = mean_p(log Σ_j exp⟨u_p, o_j⟩ - Σ_a s_pa ⟨u_p, o_target(p, a)⟩)``, j over the items that
position p may still get, a over its targets, whose shares ``s_pa`` add up to 1. Computed in
chunks of positions, each of which turns its logits into their own gradient in place:
``∂L/∂logits = softmax - Σ_a s_pa onehot(a)``. Peak memory is one chunk, not
``(positions, items)``, and the backward pass only scales what is there. A chunk is small
enough to stay in the processor's cache from one step to the next.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

_CELLS = {"cpu": 2**18, "cuda": 2**26}  # scores at once: what stays in a cache, or fills a GPU
_TINY = 1e-38  # a target's probability in the loss at least, so that the loss is finite
_LEAST = 64  # positions at once; with fewer, the products get slow


def loss_positions(items: int, device: str = "cpu") -> int:
    """Positions whose scores of so many items are computed at once."""
    return max(_LEAST, _CELLS.get(device, _CELLS["cpu"]) // max(items, 1))


class CatalogueLoss(torch.autograd.Function):
    """Use :func:`catalogue_loss`."""

    @staticmethod
    def forward(
        ctx: Any, users: Tensor, items: Tensor, targets: Tensor, shares: Tensor, seen: Tensor
    ) -> Tensor:
        count, size = len(users), loss_positions(len(items), users.device.type)
        user_gradient, item_gradient = torch.empty_like(users), torch.zeros_like(items)
        likelihoods = users.new_empty(targets.shape)
        starts = range(0, count, size)
        bounds = torch.searchsorted(seen[0], seen.new_tensor([*starts, count])).tolist()
        cells = seen[0] * len(items) + seen[1]
        for start, first, last in zip(starts, bounds, bounds[1:], strict=False):
            part = slice(start, start + size)
            asking, target = users[part], targets[part]
            # scores of all items; those that the user has already are not candidates
            scores = asking @ items.T
            scores.view(-1).index_fill_(0, cells[first:last] - start * len(items), -torch.inf)
            torch.softmax(scores, 1, out=scores)
            likelihoods[part] = scores.gather(1, target)
            # the gradient by the scores is softmax minus the shares at the targets
            scores.scatter_add_(1, target, -shares[part])
            torch.mm(scores, items, out=user_gradient[part])
            item_gradient.addmm_(scores.T, asking)
        ctx.save_for_backward(user_gradient, item_gradient)
        return -(likelihoods.clamp_(_TINY).log_() * shares).sum() / count

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, None, None, None]:
        users, items = ctx.saved_tensors
        share = gradients[0] / len(users)
        return users * share, items * share, None, None, None


def catalogue_loss(
    users: Tensor, items: Tensor, targets: Tensor, shares: Tensor, seen: Tensor
) -> Tensor:
    """Mean cross-entropy of the items to come.

    :param users: ``(P, D)`` user vectors, one a position.
    :param items: ``(N, D)`` item vectors.
    :param targets: ``(P, A)`` the items that came next.
    :param shares: ``(P, A)`` how much each counts; rows add up to 1.
    :param seen: ``(2, K)`` pairs (position, item) that are not candidates, sorted by position;
        a target must not be among them.
    """
    loss: Tensor = CatalogueLoss.apply(users, items, targets, shares, seen)
    return loss
