"""A movie's knowledge vector from the entities around it ([KG-LSTM], section 3.4.2).

Each neighbour of an item speaks through what the triple says of the item: for (i, r, e) the
vector that would predict i from r and e, for (e, r, i) the one that would predict i from e
and r. The item's own vector is the query of a dot-product attention over these messages, so
entities that agree with everything else known of the item weigh more; nothing is learned on
top, so no rating gets in.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch

from ..data import FloatArray
from ..triples import Triples
from .embedding import KnowledgeEmbedding
from .methods import head_query, tail_query


def item_vectors(embedding: KnowledgeEmbedding, triples: Triples, n_items: int) -> FloatArray:
    """Own and pooled vector of each item side by side: ``(n_items, 2 d)``.

    Zeros for an item without a triple: nothing is known of it.
    """
    own = embedding.nodes[:n_items]
    weights, items, messages = attention(embedding, triples, n_items)
    pooled = np.zeros_like(own)
    np.add.at(pooled, items, weights[:, None] * messages)
    known = np.zeros(n_items, dtype=bool)
    known[items] = True
    return np.where(known[:, None], np.concatenate([own, pooled], axis=1), 0).astype(np.float32)


def attention(
    embedding: KnowledgeEmbedding, triples: Triples, n_items: int
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64], FloatArray]:
    """``(weights, items, messages)`` of all neighbours; an item's weights sum to 1.

    The order is that of ``triples``: those whose head is an item, then those whose tail is.
    """
    nodes, relations = torch.from_numpy(embedding.nodes), torch.from_numpy(embedding.relations)
    heads, tails = (triples.rows[triples.rows[:, end] < n_items] for end in (0, 2))
    # a neighbour's message: what the triple's other node says that the item should be
    messages = torch.cat(
        [
            head_query(embedding.method, relations[heads[:, 1]], nodes[heads[:, 2]]),
            tail_query(embedding.method, nodes[tails[:, 0]], relations[tails[:, 1]]),
        ]
    ).numpy()
    items = np.concatenate([heads[:, 0], tails[:, 2]])
    logits = (embedding.nodes[items] * messages).sum(1) / np.sqrt(messages.shape[1])
    # softmax over the neighbours of each item, its largest logit taken off first
    top = np.full(n_items, -np.inf, np.float32)
    np.maximum.at(top, items, logits)
    weights = np.exp(logits - top[items])
    sums = np.zeros(n_items, np.float32)
    np.add.at(sums, items, weights)
    return weights / sums[items], items, messages
