"""What was not a finite number when a loss or a gradient was none."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from ...errors import ModelError

_SHOWN = 5  # names at most


class NotFinite(ModelError):
    """A loss or a gradient is NaN or infinite; the message says what else is."""


def not_finite(what: str, network: nn.Module, rate: float) -> NotFinite:
    """The error, before the step that would have spoilt all parameters.

    :param what: what was found first, such as "the loss is nan".
    :param rate: the learning rate.
    """
    inputs = _named("input", dict(network.named_buffers()))
    parameters = dict(network.named_parameters())
    weights = _named("parameter", parameters)
    gradients = _named(
        "gradient of", {n: p.grad for n, p in parameters.items() if p.grad is not None}
    )
    found = [*inputs, *weights, *gradients]
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    listed = f"not finite: {', '.join(found[:_SHOWN])}{more}" if found else "all else is finite"
    if inputs:
        hint = "Make these vectors again, or leave them out (--set embeddings=…)."
    else:
        hint = (
            f"Lower the learning rate (--set learning_rate={rate / 4:.1g}) or the largest norm of "
            "a gradient (--set clip=1), or check the embeddings for extreme values."
        )
    return NotFinite(f"{what}; learning rate {rate:.3g}; {listed}", hint)


def _named(kind: str, tensors: Mapping[str, Tensor]) -> list[str]:
    """``kind name (wrong of all)`` of the tensors that have values that are not finite."""
    texts = []
    for name, tensor in tensors.items():
        wrong = int(tensor.numel() - torch.isfinite(tensor).sum())
        if wrong:
            texts.append(f"{kind} {name} ({wrong:,} of {tensor.numel():,})")
    return texts
