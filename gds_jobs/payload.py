"""Inputs as query parameters, and the sums that a projection of them must show."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from .inputs import Inputs

Sums = dict[tuple[str, bool], tuple[int, int]]


def node_groups(inputs: Inputs) -> list[dict[str, Any]]:
    """``{label, first, last}`` for each role that has nodes, in the order of indices."""
    counts = {"Item": len(inputs.item_ids), "Entity": inputs.entities, "User": inputs.users}
    groups: list[dict[str, Any]] = []
    first = 0
    for label, count in counts.items():
        if count:
            groups.append({"label": label, "first": first, "last": first + count - 1})
        first += count
    return groups


def edge_groups(inputs: Inputs) -> list[dict[str, Any]]:
    """``{type, source, targets}``: edges as columns by type and source, in a fixed order."""
    groups = []
    for kind, pairs in _by_type(inputs).items():
        ordered = pairs.sort_values(["source", "target"])
        source, target = ordered["source"].to_numpy(), ordered["target"].to_numpy()
        unique, starts = np.unique(source, return_index=True)
        for value, targets in zip(unique, np.split(target, starts[1:]), strict=True):
            groups.append({"type": kind, "source": int(value), "targets": targets.tolist()})
    return groups


def edge_sums(inputs: Inputs) -> Sums:
    """Count and checksum by (type, upward), as the statement ``gds/edge_sums`` computes them."""
    sums: Sums = {}
    for kind, pairs in _by_type(inputs).items():
        low = pairs.min(axis=1).to_numpy(dtype=np.int64)
        high = pairs.max(axis=1).to_numpy(dtype=np.int64)
        key = (low * 92821 + high) % 2147483647
        total = (len(pairs), int((key * key % 2147483647).sum()))
        sums[kind, True] = sums[kind, False] = total
    return sums


def _by_type(inputs: Inputs) -> dict[str, pd.DataFrame]:
    """``source, target`` of each type that has edges, train first."""
    found = {}
    if len(inputs.train):
        train = inputs.train.rename(columns={"user": "source", "item": "target"})
        found[inputs.train_type] = train[["source", "target"]]
    for relation, rows in inputs.knowledge.groupby("relation", sort=True):
        pairs = rows.rename(columns={"head": "source", "tail": "target"})
        found[str(relation)] = pairs[["source", "target"]]
    return found
