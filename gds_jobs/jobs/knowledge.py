"""Knowledge-graph embeddings of a split's triples: TransE, DistMult and ComplEx.

The triples are knowledge only, so these vectors are the same for all splits of a data set
and hold nothing of the ratings.
"""

from __future__ import annotations

from typing import ClassVar

import pandas as pd

from ...artifacts import Edges
from ...model.knowledge.config import PRESETS, EmbeddingConfig, Method
from ..base import FileJob, FileWork, JobOutput, Kind
from ..config import SeededConfig


class KnowledgeConfig(SeededConfig, EmbeddingConfig):
    """Parameters of a knowledge-graph embedding and the seed of its training."""


class KnowledgeJob(FileJob):
    """A job that trains vectors of nodes and relations on the triples.

    Epochs are chosen on held-out triples, then the vectors are fitted on all of them for so
    many epochs. An item's vector is its own and, beside it, that of its neighbours, pooled by
    attention. The model with all nodes and relations stays in the split's folder
    ``kge/<output>``. Training needs torch, which is imported only then.
    """

    slow: ClassVar[bool] = True
    kind: ClassVar[Kind] = "embeddings"
    cost: ClassVar[str] = "trains: triples x epochs x (negatives + 1) x embedding_size; minutes"
    config_class = KnowledgeConfig
    method: ClassVar[Method]

    config: KnowledgeConfig

    @property
    def edges(self) -> Edges:
        return "knowledge"

    def compute(self, work: FileWork) -> JobOutput:
        """:raises InputError: when the data set has no triples, or too few to hold some out."""
        from ..knowledge_training import train_item_vectors

        vectors, epochs = train_item_vectors(self.method, self.config, self.config.seed, work)
        table = pd.DataFrame({"itemId": work.inputs.item_ids, "vector": list(vectors)})
        return JobOutput(self.kind, table, {"epochs": epochs})


class TransE(KnowledgeJob):
    """Vectors in which a relation leads from its head to its tail.

    Bordes et al., Translating Embeddings for Modeling Multi-relational Data, NeurIPS 2013,
    https://proceedings.neurips.cc/paper/2013/hash/1cecc7a77928ca8133fa24680a88d2f9-Abstract.html
    """

    name: ClassVar[str] = "transe"
    description: ClassVar[str] = "item vectors from the triples by translation"
    default_config: ClassVar[dict[str, object]] = PRESETS["transe"]
    method: ClassVar[Method] = "transe"


class DistMult(KnowledgeJob):
    """Vectors of which a relation weighs the products.

    Yang et al., Embedding Entities and Relations for Learning and Inference in Knowledge
    Bases, ICLR 2015, https://arxiv.org/abs/1412.6575
    """

    name: ClassVar[str] = "distmult"
    description: ClassVar[str] = "item vectors from the triples by weighted products"
    default_config: ClassVar[dict[str, object]] = PRESETS["distmult"]
    method: ClassVar[Method] = "distmult"


class ComplEx(KnowledgeJob):
    """Vectors of complex numbers, in which head and tail are not the same.

    Trouillon et al., Complex Embeddings for Simple Link Prediction, ICML 2016,
    https://arxiv.org/abs/1606.06357
    """

    name: ClassVar[str] = "complex"
    description: ClassVar[str] = "item vectors from the triples by complex products"
    default_config: ClassVar[dict[str, object]] = PRESETS["complex"]
    method: ClassVar[Method] = "complex"


KNOWLEDGE_JOBS: tuple[type[KnowledgeJob], ...] = (TransE, DistMult, ComplEx)
