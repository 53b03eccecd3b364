"""Knowledge-graph embeddings of a split: fitted on its triples, written like a graph job's output.

The triples are knowledge only, so these vectors are the same for all splits of a data set
and hold nothing of the ratings. Epochs are chosen on held-out triples, then the vectors are
fitted on all of them for so many epochs.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from pydantic import ValidationError

from ..artifacts import SHUFFLED, Provenance, SplitFolder, digest
from ..errors import InputError
from ..gds_jobs.base import JobOutput
from ..gds_jobs.inputs import Inputs, read_inputs
from ..gds_jobs.outputs import is_done, split_lock, write_output
from ..model.base import TrainingOptions
from ..model.knowledge.embedding import EmbeddingConfig, fit
from ..model.knowledge.evaluation import Chance, Degree, Ranker, link_prediction
from ..model.knowledge.held_out import hold_out
from ..model.knowledge.methods import METHODS
from ..model.knowledge.pooling import item_vectors
from ..model.knowledge.shuffle import SHUFFLE_SEED
from ..model.triples import Triples, triples_from_frame

CONSUMER = "models that ask for it by name"


def method_config(name: str, parameters: Mapping[str, Any] | None = None) -> EmbeddingConfig:
    """The configuration of method ``name``.

    :raises InputError: for an unknown method or a parameter that does not fit.
    """
    methods = {method: method for method in METHODS}
    if name not in methods:
        raise InputError(f"there is no method '{name}'", f"Methods: {', '.join(METHODS)}")
    if parameters and "method" in parameters:
        raise InputError(f"method is no parameter of {name}", f"Name it: {', '.join(METHODS)}")
    try:
        return EmbeddingConfig(**{**EmbeddingConfig.preset(methods[name]), **(parameters or {})})
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise InputError(
            f"parameter {field} of {name}: {first['msg']}",
            f"Parameters: {', '.join(EmbeddingConfig.model_fields)}",
        ) from None


def embed(
    split: SplitFolder,
    config: EmbeddingConfig,
    options: TrainingOptions,
    *,
    shuffled: bool = False,
    force: bool = False,
) -> str:
    """Make ``embeddings/<method>.parquet`` and keep the model; skipped when it is there.

    :param shuffled: of the degree-preserving shuffled triples; the name ends in ``-shuffled``.
    :returns: the output's name.
    :raises InputError: when the data set has no triples.
    """
    name = f"{config.method}{SHUFFLED}" if shuffled else config.method
    inputs = read_inputs(split, shuffled)
    fingerprint = embedding_fingerprint(config.model_dump(), options.seed, inputs)
    if not force and is_done(split, name, fingerprint):
        return name
    made = Provenance(
        config=config.model_dump(mode="json"),
        edges="knowledge",
        shuffle_seed=SHUFFLE_SEED if shuffled else None,
        consumer=CONSUMER,
        fingerprint=fingerprint,
        seed=options.seed,
    )
    with split_lock(split):
        if force or not is_done(split, name, fingerprint):  # by another process meanwhile
            began = time.monotonic()
            output = _fitted(split, name, inputs, config, options)
            write_output(split, name, output, began, made)
    return name


def _fitted(
    split: SplitFolder, name: str, inputs: Inputs, config: EmbeddingConfig, options: TrainingOptions
) -> JobOutput:
    """The items' vectors; the model is kept in ``kge/<name>``."""
    triples = _triples(inputs)
    train, valid, test = _held_out(triples, options.seed)
    options = replace(options, checkpoint=split.path / "kge" / ".unfinished")
    chosen = fit(train, train.only(np.concatenate([valid.rows, test.rows])), config, options)[1]
    embedding, _ = fit(triples, None, config, replace(options, epochs=chosen.epochs))
    embedding.save(split.path / "kge" / name, epochs=chosen.epochs, seed=options.seed)
    vectors = list(item_vectors(embedding, triples, len(inputs.item_ids)))
    table = pd.DataFrame({"itemId": inputs.item_ids, "vector": vectors})
    return JobOutput("embeddings", table, {"epochs": chosen.epochs})


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


def embedding_fingerprint(config: Mapping[str, Any], seed: int, inputs: Inputs) -> str:
    """Digest of all that can change the vectors: the configuration, the seed, the triples."""
    return digest([config, seed, inputs.only("knowledge").fingerprint()])


def evaluate_links(
    split: SplitFolder, config: EmbeddingConfig | None, options: TrainingOptions
) -> dict[str, Any]:
    """Link prediction on a held-out tenth of the triples; epochs chosen on another twentieth.

    :param config: the method; None for the two baselines, chance and degree.
    :returns: for each row its ``mrr`` and ``hits@n`` with intervals, and the epochs.
    """
    triples = _triples(read_inputs(split))
    train, valid, test = _held_out(triples, options.seed)
    known = (train, valid, test)
    rankers: dict[str, Ranker] = {}
    epochs: dict[str, int] = {}
    if config is None:
        rankers = {"chance": Chance(triples.nodes, options.seed), "degree": Degree(train)}
    else:
        rankers[config.method], result = fit(train, valid, config, options)
        epochs[config.method] = result.epochs
    return {
        name: {"epochs": epochs.get(name), **link_prediction(ranker, test, known, options.seed)}
        for name, ranker in rankers.items()
    }


def _triples(inputs: Inputs) -> Triples:
    return triples_from_frame(inputs.knowledge, len(inputs.item_ids) + inputs.entities)
