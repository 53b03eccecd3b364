"""What an evaluation has to know of a split; a protocol says it, and the manifest records it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Self

from ...artifacts import SplitManifest, Task
from ...errors import InputError
from ..targets import Targets

Candidates = Literal["catalogue", "train"]


@dataclass(frozen=True)
class Rules:
    """How the figures of a split are made.

    ``targets`` are the rows of a fold that are predicted. ``candidates`` are the whole
    catalogue or the items of train. ``label`` is shown with every figure.
    """

    protocol: str = "user-time"
    tasks: tuple[Task, ...] = ("ranking", "rating")
    targets: Targets = "all"
    candidates: Candidates = "catalogue"
    label: str = ""

    @classmethod
    def of(cls, manifest: SplitManifest) -> Self:
        """Those that a split's manifest records."""
        return cls(
            manifest.protocol,
            ("rating",) if manifest.task == "rating" else ("ranking", "rating"),
            manifest.targets,
            manifest.candidates,
            manifest.label,
        )

    def history(self, fold: str = "test") -> str:
        """The rows from which a target of the fold is predicted, in words."""
        if self.targets != "all":
            return "all rows of the user before the target"
        return "train" if fold == "valid" else "train + valid"

    def check_task(self, task: Task) -> None:
        """:raises InputError: when the protocol is not for this task."""
        if task not in self.tasks:
            label = f" ({self.label})" if self.label else ""
            raise InputError(
                f"protocol {self.protocol} is not for {task}, but for "
                f"{' and '.join(self.tasks)} only{label}",
                "Take another one: reelgraph run --help lists them.",
            )
