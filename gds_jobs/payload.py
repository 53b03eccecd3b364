"""Inputs as query parameters, and the sums that a projection of them must show."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from .split_graph import SplitGraph

_PRIME = 2147483647
Sums = dict[tuple[str, bool], tuple[int, int]]


def node_groups(inputs: SplitGraph) -> list[dict[str, Any]]:
    """``{label, first, last}`` for each role that has nodes, in the order of indices."""
    counts = {"Item": len(inputs.item_ids), "Entity": inputs.entities, "User": inputs.users}
    groups: list[dict[str, Any]] = []
    first = 0
    for label, count in counts.items():
        if count:
            groups.append({"label": label, "first": first, "last": first + count - 1})
        first += count
    return groups


def edge_groups(inputs: SplitGraph) -> list[dict[str, Any]]:
    """``{type, source, targets}``: edges as columns by type and source, in a fixed order.

    Weighted inputs have the list ``weights`` beside the targets.
    """
    groups = []
    for kind, pairs in _by_type(inputs).items():
        ordered = pairs.sort_values(["source", "target"])
        unique, starts = np.unique(ordered["source"].to_numpy(), return_index=True)
        lists = {"targets": ordered["target"].to_numpy()}
        if inputs.weighted:
            lists["weights"] = ordered["weight"].to_numpy()
        cut = {name: np.split(values, starts[1:]) for name, values in lists.items()}
        for row, value in enumerate(unique):
            columns = {name: parts[row].tolist() for name, parts in cut.items()}
            groups.append({"type": kind, "source": int(value), **columns})
    return groups


def edge_sums(inputs: SplitGraph) -> Sums:
    """Count and checksum by (type, upward), as the statement ``gds/edge_sums`` computes them.

    Of weighted inputs as ``gds/weighted_edge_sums`` does: weights are in it to 2^-30.
    """
    sums: Sums = {}
    for kind, pairs in _by_type(inputs).items():
        ends = pairs[["source", "target"]]
        low = ends.min(axis=1).to_numpy(dtype=np.int64)
        high = ends.max(axis=1).to_numpy(dtype=np.int64)
        key = (low * 92821 + high) % _PRIME
        if inputs.weighted:
            weight = np.floor(pairs["weight"].to_numpy() * 2.0**30).astype(np.int64)
            key = (key * key + weight) % _PRIME
        total = (len(pairs), int((key * key % _PRIME).sum()))
        sums[kind, True] = sums[kind, False] = total
    return sums


def _by_type(inputs: SplitGraph) -> dict[str, pd.DataFrame]:
    """``source, target`` (and ``weight``) of each type that has edges, train first.

    Projections are undirected, so the end with fewer nodes is the source: fewer, longer lists.
    """
    found = {}
    if len(inputs.train):
        found[inputs.train_type] = inputs.train.rename(columns={"user": "source", "item": "target"})
    for relation, rows in inputs.knowledge.groupby("relation", sort=True):
        pairs = rows.rename(columns={"head": "source", "tail": "target"})
        pairs = pairs[["source", "target"]]
        found[str(relation)] = pairs.assign(weight=1.0) if inputs.weighted else pairs
    return {kind: _from_fewer(pairs) for kind, pairs in found.items()}


def _from_fewer(pairs: pd.DataFrame) -> pd.DataFrame:
    if pairs["source"].nunique() <= pairs["target"].nunique():
        return pairs
    return pairs.rename(columns={"source": "target", "target": "source"})
