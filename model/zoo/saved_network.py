"""The weights of a network among the arrays of a saved model."""

from __future__ import annotations

import torch
from torch import nn

from ..storage import Arrays


def network_arrays(network: nn.Module, prefix: str = "") -> Arrays:
    """Weights and buffers of a network, for :func:`~..storage.save_model`."""
    return {f"{prefix}{name}": value.numpy() for name, value in network.state_dict().items()}


def load_network(network: nn.Module, arrays: Arrays, prefix: str = "") -> None:
    """Put back what :func:`network_arrays` gave; the network is then ready to be asked."""
    state = {
        name.removeprefix(prefix): torch.from_numpy(one)
        for name, one in arrays.items()
        if name.startswith(prefix)
    }
    network.load_state_dict(state)
    network.eval()
