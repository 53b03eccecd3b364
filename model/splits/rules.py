"""What an evaluation has to know of a split; a protocol says it, and the manifest records it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Self

from ...artifacts import SplitManifest
from ...errors import InputError

Task = Literal["ranking", "rating"]
Targets = Literal["all", "last", "successive"]
Candidates = Literal["catalogue", "train"]


@dataclass(frozen=True)
class Rules:
    """How the figures of a split are made.

    ``targets`` are the rows of a fold that are predicted. ``candidates`` are the whole
    catalogue or the items of train. ``label`` stands beside every figure.
    """

    protocol: str = "user-time"
    task: Task = "ranking"
    targets: Targets = "all"
    candidates: Candidates = "catalogue"
    label: str = ""

    @classmethod
    def of(cls, manifest: SplitManifest) -> Self:
        """Those that a split's manifest records."""
        return cls(
            manifest.protocol,
            manifest.task,
            manifest.targets,
            manifest.candidates,
            manifest.label,
        )

    def history(self, fold: str = "test") -> str:
        """The rows from which a target of the fold is predicted, in words."""
        if self.targets != "all":
            return "all rows of the user before the target"
        return "train" if fold == "valid" else "train + valid"

    def check_ranking(self) -> None:
        """:raises InputError: when the protocol is for rating prediction only."""
        if self.task != "ranking":
            raise InputError(
                f"protocol {self.protocol} is for rating prediction only ({self.label})",
                "Rank on another one: user-time, leave-one-out, global-time, given or random.",
            )
