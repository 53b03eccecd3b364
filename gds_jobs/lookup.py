"""The built-in jobs, and jobs by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from pydantic import ValidationError

from ..errors import InputError
from ..graph.contract import Edges
from .base import GraphJob
from .jobs.fastrp import FastRp
from .jobs.graphsage import GraphSage
from .jobs.hashgnn import HashGnn
from .jobs.knn import Knn
from .jobs.metapath_walks import MetapathWalks
from .jobs.node2vec import Node2Vec
from .jobs.node_similarity import NodeSimilarity
from .jobs.structure import Structure
from .jobs.walks import Walks
from .paths import PathsJob

BUILT_IN_JOBS: tuple[type[GraphJob], ...] = (
    FastRp,
    Node2Vec,
    HashGnn,
    GraphSage,
    Knn,
    NodeSimilarity,
    Structure,
    Walks,
    MetapathWalks,
    PathsJob,
)


def make_job(
    name: str, known: Mapping[str, type[GraphJob]], parameters: Mapping[str, Any] | None = None
) -> GraphJob:
    """A job by the name of its output: ``fastrp``, or ``fastrp-train`` for other edges.

    :param known: classes by name, such as ``plugins.manager.graph_jobs()``.
    :param parameters: values of the job's configuration that are not the default.
    :raises InputError: for an unknown job or a parameter that does not fit.
    """
    values = dict(parameters or {})
    base, _, edges = name.rpartition("-")
    if name not in known and base in known and edges in get_args(Edges):
        if values.setdefault("edges", edges) != edges:
            raise InputError(f"job {name} is over {edges} edges", f"Name it {base}, or drop edges.")
        name = base
    if name not in known:
        raise InputError(f"there is no graph job '{name}'", f"Jobs: {', '.join(known)}")
    cls = known[name]
    try:
        return cls(cls.config_class(**{**cls.default_config, **values}))
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        what = f"parameter {field} of job {name}" if field else f"job {name}"
        raise InputError(
            f"{what}: {first['msg'].removeprefix('Value error, ')}",
            f"Parameters: {', '.join(cls.config_class.model_fields)}",
        ) from None
