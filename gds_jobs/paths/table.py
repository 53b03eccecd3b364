"""Found paths as an Arrow table."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from ..ranges import rank_in_group
from .network import NO_TIME, Network, vocabulary
from .search import FoundPaths, Targets


def schema(network: Network, pairs: pd.DataFrame) -> pa.Schema:
    """Columns as :mod:`reelgraph.gds_jobs.paths` says; ids are of the data set's kind."""
    ids = [
        (name, pa.int64() if pd.api.types.is_integer_dtype(pairs[column]) else pa.string())
        for name, column in (("user", "userId"), ("item", "itemId"))
    ]
    others = [
        ("seq", pa.int32()),
        ("rank", pa.int32()),
        ("nodes", pa.list_(pa.int32())),
        ("relations", pa.list_(pa.int16())),
        ("timestamps", pa.list_(pa.int64())),
        ("sampled", pa.bool_()),
    ]
    return pa.schema([*ids, *others], {"relations": json.dumps(vocabulary(network.types))})


def path_table(
    network: Network, pairs: pd.DataFrame, targets: Targets, found: Sequence[FoundPaths], rated: int
) -> pa.Table:
    """One row a path, by pair and rank.

    :param found: paths of each length, the shortest first.
    :param rated: number of the relation between a user and an item of their history.
    """
    wanted = schema(network, pairs)
    tables = [_table(network, pairs, targets, paths, rated, wanted) for paths in found]
    pair = np.concatenate([paths.pair for paths in found])
    order = np.argsort(pair, kind="stable")
    table = pa.concat_tables(tables).take(order)
    rank = pa.array(rank_in_group(pair[order]) + 1, pa.int32())
    return table.set_column(3, wanted.field("rank"), rank).combine_chunks()


def _table(
    network: Network,
    pairs: pd.DataFrame,
    targets: Targets,
    paths: FoundPaths,
    rated: int,
    wanted: pa.Schema,
) -> pa.Table:
    times = paths.times(network, targets)
    rows = pairs.take(paths.pair)
    columns = [
        pa.array(rows["userId"], wanted.field("user").type, from_pandas=True),
        pa.array(rows["itemId"], wanted.field("item").type, from_pandas=True),
        pa.array(rows["seq"].to_numpy(), pa.int32()),
        pa.array(np.zeros(len(paths)), pa.int32()),
        _lists(paths.nodes, pa.int32()),
        _lists(paths.relations(network, rated), pa.int16()),
        _lists(times, pa.int64(), times == NO_TIME),
        pa.array(rows["sampled"].to_numpy(), pa.bool_()),
    ]
    return pa.Table.from_arrays(columns, schema=wanted)


def _lists(
    rows: npt.NDArray[np.integer], kind: pa.DataType, missing: npt.NDArray[np.bool_] | None = None
) -> pa.ListArray:
    """A matrix as a list a row."""
    mask = None if missing is None else missing.ravel()
    values = pa.array(rows.ravel(), kind, mask=mask)
    offsets = np.arange(len(rows) + 1, dtype=np.int32) * np.int32(rows.shape[1])
    return pa.ListArray.from_arrays(offsets, values)
