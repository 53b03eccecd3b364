"""A job's table as properties of the graph's nodes, for analysts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from ..artifacts import Edges, SplitFolder, read_parquet
from ..errors import InputError
from ..graph.connection import Counters, GraphLike
from ..graph.contents import read_facts
from ..graph.contract import STRUCTURE, structure_property
from ..graph.writer import Batch, progress_bar, write_batches

WRITABLE = ("embeddings", "structure")

_NODES = 1000  # of a transaction
_STATEMENTS = {
    "Item": ("gds/write_item_properties", "itemId"),
    "User": ("gds/write_user_properties", "userId"),
}


def vector_property(output: str) -> str:
    """Name of the property that holds a job's vectors.

    >>> vector_property("fastrp-train")
    'embeddingFastrpTrain'
    """
    return "embedding" + "".join(part[:1].upper() + part[1:] for part in output.split("-"))


def check_writable(names: list[str], kinds: list[str]) -> None:
    """:raises InputError: for an output that cannot be a property of nodes."""
    for name, kind in zip(names, kinds, strict=True):
        if kind not in WRITABLE:
            raise InputError(
                f"{name} is {kind}, which cannot be properties of nodes",
                f"--write is for {' and '.join(WRITABLE)}.",
            )


def write_properties(
    graph: GraphLike, split: SplitFolder, name: str, progress: bool = True
) -> Counters:
    """Write an output's columns onto the graph's items, of structure features onto users too.

    Vectors become ``embedding…`` (:func:`vector_property`), structure features
    ``trainDegree, trainPageRank, trainCommunity``. Values of an earlier time are replaced;
    a node about which the job knows nothing loses them.

    :raises InputError: when the graph holds another data set, or the output cannot be a property.
    """
    record = split.manifest().jobs[name]
    check_writable([name], [record.kind])
    _check_dataset(graph, split)
    table = read_parquet(split.path / record.file)
    if record.kind == "embeddings":
        parts = {"Item": _vectors(table, vector_property(name))}
    else:
        parts = dict(_structure(split, table, record.edges))
    _claim(graph, parts)
    counters = Counters()
    with progress_bar(sum(map(len, parts.values())), name, progress) as bar:
        for label, rows in parts.items():
            statement, key = _STATEMENTS[label]
            cut = property_batches(rows, key)
            counters += write_batches(graph, statement, cut, ledger=None, progress=bar.update)
    return counters


def property_batches(rows: pd.DataFrame, key: str) -> Iterator[Batch]:
    """Rows ``key, properties``, a node each, in transactions; they may be repeated freely."""
    pairs = zip(rows[key].tolist(), rows["properties"], strict=True)
    nodes = [{key: node, "properties": values} for node, values in pairs]
    for first in range(0, len(nodes), _NODES):
        some = nodes[first : first + _NODES]
        yield Batch(first, some, "", len(some))


def _vectors(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """Vectors of nothing but zeros know nothing of an item and have no direction."""
    values = [{name: vector.tolist() if np.any(vector) else None} for vector in table["vector"]]
    return pd.DataFrame({"itemId": table["itemId"], "properties": values})


def _structure(
    split: SplitFolder, table: pd.DataFrame, edges: Edges
) -> Iterator[tuple[str, pd.DataFrame]]:
    nodes = {"Item": split.dataset.items, "User": split.dataset.users}
    for label, path in nodes.items():
        key = _STATEMENTS[label][1]
        rows = read_parquet(path)[[key, "index"]].merge(table, left_on="index", right_on="node")
        named = rows[list(STRUCTURE)].rename(columns=lambda name: structure_property(edges, name))
        values = named.astype(object).where(named.notna(), None)
        yield label, pd.DataFrame({key: rows[key], "properties": values.to_dict("records")})


def _claim(graph: GraphLike, parts: dict[str, pd.DataFrame]) -> None:
    """Never a name of somebody else's; ours go when an adoption is undone."""
    names = {name for rows in parts.values() for values in rows["properties"] for name in values}
    found = graph.run("gds/claim_properties", names=sorted(names)).single()
    if found is None:
        raise InputError(
            "the graph has no Dataset node that could remember which properties are reelgraph's",
            "Load a data set, or adopt the graph: reelgraph adopt --init mapping.toml",
        )
    if found["taken"]:
        raise InputError(
            f"the graph has a property {found['taken'][0]} that no graph job wrote",
            "Rename it in your graph; nothing is overwritten.",
        )


def _check_dataset(graph: GraphLike, split: SplitFolder) -> None:
    held, wanted = read_facts(graph).id_space, split.dataset.manifest().id_space
    if held != wanted:
        raise InputError(
            f"the graph holds {held or 'no data set'}, the split is of {wanted}",
            "Load the data set of the split, or name a split of the graph's.",
        )
