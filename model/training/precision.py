"""Products in half precision on CUDA; on the CPU everything stays float32."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from ..base import Precision

_TYPES = {"bfloat16": torch.bfloat16, "float16": torch.float16}


class Precise:
    """Automatic mixed precision, as [torch.amp] does it.

    Weights, loss and optimizer stay float32. float16 has few exponents, so its loss is scaled
    up for the backward pass, and a step whose gradient then overflows is left out.
    """

    def __init__(self, precision: Precision, device: torch.device) -> None:
        self.device = device
        self.type = _TYPES.get(precision) if device.type == "cuda" else None
        self.scales = self.type is torch.float16
        self._scaler = torch.amp.GradScaler(device.type, enabled=self.scales)

    def products(self) -> torch.autocast:
        """A context whose products are in the chosen precision."""
        return torch.autocast(self.device.type, dtype=self.type, enabled=self.type is not None)

    def scaled(self, loss: Tensor) -> Tensor:
        """What to go backward from."""
        scaled: Tensor = self._scaler.scale(loss)
        return scaled

    def unscale(self, optimizer: torch.optim.Optimizer) -> None:
        """Make gradients those of the loss, before they are clipped."""
        self._scaler.unscale_(optimizer)

    def step(self, optimizer: torch.optim.Optimizer) -> None:
        self._scaler.step(optimizer)
        self._scaler.update()

    def state(self) -> dict[str, Any]:
        return self._scaler.state_dict()

    def load_state(self, state: dict[str, Any]) -> None:
        if state:
            self._scaler.load_state_dict(state)
