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

    writers: list[SummaryWriter] = []  # none before the first epoch ends

    def report(row: dict[str, Any]) -> None:
        if not writers:
            writers.append(SummaryWriter(str(folder)))
        for name, figure in row.items():
            if name != "epoch":
                writers[0].add_scalar(name, figure, row["epoch"])
        writers[0].flush()

    return report
