"""The jobs that reelgraph brings."""

from __future__ import annotations

from .base import Job
from .jobs.fastrp import FastRp
from .jobs.graphsage import GraphSage
from .jobs.hashgnn import HashGnn
from .jobs.knn import Knn
from .jobs.knowledge import KNOWLEDGE_JOBS
from .jobs.metapath_walks import MetapathWalks
from .jobs.node2vec import Node2Vec
from .jobs.node_similarity import NodeSimilarity
from .jobs.structure import Structure
from .jobs.structure_vectors import StructureVectors
from .jobs.walk_vectors import WalkVectors
from .jobs.walks import Walks
from .paths import PathsJob

BUILT_IN_JOBS: tuple[type[Job], ...] = (
    FastRp,
    Node2Vec,
    HashGnn,
    GraphSage,
    Knn,
    NodeSimilarity,
    Structure,
    StructureVectors,
    Walks,
    MetapathWalks,
    WalkVectors,
    PathsJob,
    *KNOWLEDGE_JOBS,
)
