"""Figures of a fit for TensorBoard, by choice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...errors import ModelError


def tensorboard_report(folder: Path) -> Callable[[dict[str, Any]], None]:
    """What :class:`TrainingOptions` reports to: each figure of an epoch by its name.

    A fit that goes on adds to what is in the folder.

    :raises ModelError: when TensorBoard is not installed.
    """
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        raise ModelError(
            "TensorBoard is not installed",
            "Install the extra: pip install 'reelgraph[tensorboard]', or leave out --tensorboard.",
        ) from None

    def report(row: dict[str, Any]) -> None:
        with SummaryWriter(str(folder)) as writer:
            for name, figure in row.items():
                if name != "epoch":
                    writer.add_scalar(name, figure, row["epoch"])

    return report
