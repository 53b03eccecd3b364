"""Cross-entropy over the whole catalogue without keeping the logits.

``L = mean_p(log Σ_j exp⟨u_p, o_j⟩ - ⟨u_p, o_target(p)⟩)``, j over the items that position p
may still get. Computed in chunks of positions, each of which turns its logits into their own
gradient in place: ``∂L/∂logits = softmax - onehot``. Peak memory is one chunk, not
``(positions, items)``, and the backward pass only scales what is there.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

LOSS_POSITIONS = 1024  # positions at once: 1,682 items make 7 MB


class CatalogueLoss(torch.autograd.Function):
    """Use :func:`catalogue_loss`."""

    @staticmethod
    def forward(ctx: Any, users: Tensor, items: Tensor, targets: Tensor, seen: Tensor) -> Tensor:
        count = len(users)
        user_gradient, item_gradient = torch.empty_like(users), torch.zeros_like(items)
        total = users.new_zeros(())
        starts = range(0, count, LOSS_POSITIONS)
        bounds = torch.searchsorted(
            seen[0].contiguous(), torch.tensor([*starts, count], device=users.device)
        )
        for number, start in enumerate(starts):
            part = slice(start, start + LOSS_POSITIONS)
            # scores of all items; those that the user has already are not candidates
            logits = users[part] @ items.T
            rows, columns = seen[:, bounds[number] : bounds[number + 1]]
            logits[rows - start, columns] = -torch.inf
            # log-sum-exp, the largest score taken off first
            target = targets[part, None]
            logits -= logits.amax(1, keepdim=True)
            shifted = logits.gather(1, target)
            sums = logits.exp_().sum(1, keepdim=True)
            total += (sums.log() - shifted).sum()
            # the gradient by the scores is softmax minus one at the target
            logits /= sums
            logits.scatter_add_(1, target, torch.full_like(shifted, -1))
            user_gradient[part] = logits @ items
            item_gradient.addmm_(logits.T, users[part])
        ctx.save_for_backward(user_gradient / count, item_gradient / count)
        return total / count

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, None, None]:
        users, items = ctx.saved_tensors
        return users * gradients[0], items * gradients[0], None, None


def catalogue_loss(users: Tensor, items: Tensor, targets: Tensor, seen: Tensor) -> Tensor:
    """Mean cross-entropy of the next item.

    :param users: ``(P, D)`` user vectors, one a position.
    :param items: ``(N, D)`` item vectors.
    :param targets: ``(P,)`` the item that came next.
    :param seen: ``(2, K)`` pairs (position, item) that are not candidates, sorted by position;
        a target must not be among them.
    """
    loss: Tensor = CatalogueLoss.apply(users, items, targets, seen)
    return loss
