"""Training knowledge-graph embeddings on a split's triples, and their link prediction."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..artifacts import SplitFolder
from ..errors import InputError
from ..model.base import TrainingOptions
from ..model.data import FloatArray
from ..model.knowledge.config import EmbeddingConfig, Method
from ..model.knowledge.embedding import fit
from ..model.knowledge.evaluation import Chance, Degree, Ranker, link_prediction
from ..model.knowledge.held_out import hold_out
from ..model.knowledge.pooling import item_vectors
from ..model.triples import Triples, triples_from_frame
from .base import FileWork
from .split_graph import SplitGraph, read_split_graph

#: by row: its measures with their intervals, and ``epochs``
LinkScores = dict[str, dict[str, dict[str, float] | int | None]]


def train_item_vectors(
    method: Method, config: EmbeddingConfig, seed: int, work: FileWork
) -> tuple[FloatArray, int]:
    """The items' vectors ``(items, 2 d)`` and the epochs; the model is kept in ``kge/<name>``.

    An interrupted training goes on from the checkpoint in the work's scratch folder.
    """
    triples = _triples(work.inputs)
    train, valid, test = _held_out(triples, seed)
    options = TrainingOptions(
        work.device, work.threads, seed, checkpoint=work.scratch, progress=work.progress
    )
    held_out = train.only(np.concatenate([valid.rows, test.rows]))
    epochs = fit(train, held_out, method, config, options)[1].epochs
    embedding, _ = fit(triples, None, method, config, replace(options, epochs=epochs))
    embedding.save(work.split.path / "kge" / work.name, epochs=epochs, seed=seed)
    return item_vectors(embedding, triples, len(work.inputs.item_ids)), epochs


def evaluate_method(
    split: SplitFolder, method: Method, config: EmbeddingConfig, options: TrainingOptions
) -> LinkScores:
    """Link prediction on a held-out tenth of the triples; epochs chosen on another twentieth.

    :returns: for the method its ``mrr`` and ``hits@n`` with intervals, and the epochs.
    :raises InputError: when the data set has no triples, or too few to hold some out.
    """
    train, valid, test = _held_out(_triples(read_split_graph(split)), options.seed)
    ranker, result = fit(train, valid, method, config, options)
    found = link_prediction(ranker, test, (train, valid, test), options.seed)
    return {method: {"epochs": result.epochs, **found}}


def evaluate_baselines(split: SplitFolder, seed: int) -> LinkScores:
    """:func:`evaluate_method` of what needs no training: ``chance`` and ``degree``."""
    train, valid, test = _held_out(_triples(read_split_graph(split)), seed)
    rankers: dict[str, Ranker] = {"chance": Chance(train.nodes, seed), "degree": Degree(train)}
    return {
        name: {"epochs": None, **link_prediction(ranker, test, (train, valid, test), seed)}
        for name, ranker in rankers.items()
    }


def _triples(inputs: SplitGraph) -> Triples:
    return triples_from_frame(inputs.knowledge, len(inputs.item_ids) + inputs.entities)


def _held_out(triples: Triples, seed: int) -> tuple[Triples, Triples, Triples]:
    """Train, valid and test. :raises InputError: when there is nothing to choose or test on."""
    parts = hold_out(triples, seed=seed)
    if not all(len(part.rows) for part in parts):
        raise InputError(
            f"{len(triples.rows):,} triples are too few: none can be held out whose nodes and "
            "relation are in others, too",
            "Use a data set with more knowledge.",
        )
    return parts
