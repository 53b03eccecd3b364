"""The explainers that reelgraph brings."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .hookspecs import hookimpl

if TYPE_CHECKING:
    from ..model.explainers.base import Explainer


@hookimpl
def register_explainers(register: Callable[[type[Explainer]], None]) -> None:
    from ..model.explainers.attention import Attention
    from ..model.explainers.counterfactual import Counterfactual
    from ..model.explainers.knowledge_paths import KnowledgePaths
    from ..model.explainers.path_integration import PathIntegration

    register(Attention)
    register(Counterfactual)
    register(PathIntegration)
    register(KnowledgePaths)
