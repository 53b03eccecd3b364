"""The interface of every explainer.

An explainer is asked about a fitted model and says what each event of a history counts for an
item's score. Plugins register further ones by the hook ``register_explainers``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from ..base import Model
from ..data import FloatArray, IntArray, Query
from ..needs import NOTHING, Need, Supplied


class Explainer(ABC):
    """Says which events of a history a score rests on.

    :param supplied: what it declared in :meth:`needs`.
    :param seed: of what it draws.
    """

    name: ClassVar[str]
    description: ClassVar[str]

    def __init__(self, supplied: Supplied = NOTHING, seed: int = 42) -> None:
        self.supplied = supplied
        self.seed = seed

    @classmethod
    def needs(cls) -> tuple[Need[Any], ...]:
        """What it reads beside the model, such as knowledge; without it, it is not asked."""
        return ()

    @abstractmethod
    def contributions(
        self, model: Model, queries: Sequence[Query], items: IntArray
    ) -> list[FloatArray]:
        """What each event counts for the item, ``(history,)`` per question, more is more.

        An answer depends on its question alone, not on those beside it.

        :param items: ``(queries,)`` the item that each question is about.
        :raises ModelError: when the model does not have what the explainer reads of it.
        """
