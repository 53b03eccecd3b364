"""A random knowledge graph with the degrees of the real one, to test what knowledge is worth."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

SHUFFLE_SEED = 1  # one shuffled knowledge graph for all that reads one
_ROUNDS = 20  # each round tries a swap for every edge; 10 tries per edge are usual

IntArray = npt.NDArray[np.int64]


def shuffle_triples(triples: pd.DataFrame, seed: int, rounds: int = _ROUNDS) -> pd.DataFrame:
    """Swap tails between triples of one relation until the graph is random.

    For every relation each head keeps its number of tails, each tail its number of
    heads, and no triple comes up twice; a triple from a node to itself never arises.
    (Maslov & Sneppen 2002, https://doi.org/10.1126/science.1065103.)

    :param triples: ``head, relation, tail`` with integer nodes, no row twice.
    :returns: as many rows, sorted by relation, head, tail; the same for the same seed.
    """
    random = np.random.default_rng(seed)
    parts = []
    for relation, group in triples.groupby("relation", sort=True):
        heads = group["head"].to_numpy(dtype=np.int64)
        tails = _swap(heads, group["tail"].to_numpy(dtype=np.int64), random, rounds)
        parts.append(pd.DataFrame({"head": heads, "relation": relation, "tail": tails}))
    if not parts:
        return triples.copy()
    frame = pd.concat(parts).astype(triples.dtypes.to_dict())
    return frame.sort_values(["relation", "head", "tail"], ignore_index=True)


def _swap(heads: IntArray, tails: IntArray, random: np.random.Generator, rounds: int) -> IntArray:
    """Tails after ``rounds`` rounds in which random pairs of edges exchange them.

    All accepted swaps of a round happen at once: a new edge must differ from every
    edge there is and from every other proposal, so none can collide.
    """
    tails = tails.copy()
    width = int(max(heads.max(), tails.max())) + 1
    for _ in range(rounds):
        order = random.permutation(len(heads))
        half = len(order) // 2
        first, second = order[:half], order[half : 2 * half]
        new_first = heads[first] * width + tails[second]
        new_second = heads[second] * width + tails[first]
        proposed = np.concatenate([new_first, new_second])
        _, inverse, counts = np.unique(proposed, return_inverse=True, return_counts=True)
        free = (counts[inverse] == 1) & ~np.isin(proposed, heads * width + tails)
        free &= np.concatenate([heads[first] != tails[second], heads[second] != tails[first]])
        accepted = free[:half] & free[half:]
        first, second = first[accepted], second[accepted]
        tails[first], tails[second] = tails[second], tails[first]
    return tails
