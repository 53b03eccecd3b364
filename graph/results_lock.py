"""The lock of runs in the graph: one process at a time writes, activates or removes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from .connection import GraphLike, Transaction

T = TypeVar("T")


def holding_results(graph: GraphLike, work: Callable[[], T]) -> T:
    """Do ``work`` while no other process writes, activates or removes runs.

    The lock is a node that an open transaction has written to, so it ends with the
    process that holds it, however that ends; a second one waits.
    """

    def hold(tx: Transaction) -> T:
        tx.run("writeback/lock", name="writeback")
        return work()

    return graph.transact(hold)
