"""The files of the local server's databases: put in the graph's place, put back, removed.

Only while no server has them open.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from .home import Home

DATABASE = "neo4j"
_REPLACED = "being-replaced"


def _folders(home: Home, database: str) -> list[Path]:
    return [home.data / part / database for part in ("databases", "transactions")]


def replace(home: Home, beside: str) -> None:
    """Put the database ``beside`` where the graph was; on failure the graph is put back.

    Killed in between, it leaves what :func:`put_back` makes good.
    """
    put_back(home)
    remove(home, _REPLACED)
    moves = [
        *zip(_folders(home, DATABASE), _folders(home, _REPLACED), strict=True),
        # the store comes last: with it in its place everything is
        *reversed([*zip(_folders(home, beside), _folders(home, DATABASE), strict=True)]),
    ]
    try:
        for source, target in moves:
            if source.exists():
                source.rename(target)
    except BaseException:  # Ctrl-C too
        put_back(home)
        raise
    remove(home, _REPLACED)


def put_back(home: Home) -> None:
    """Put the graph back that :func:`replace`, killed before its end, left elsewhere.

    Only with no server running: one that finds no store makes an empty one.
    """
    store, transactions = _folders(home, DATABASE)
    old_store, old_transactions = _folders(home, _REPLACED)
    if store.exists() or not old_store.exists():
        return
    if old_transactions.exists():
        shutil.rmtree(transactions, ignore_errors=True)  # those of the new graph
        old_transactions.rename(transactions)
    old_store.rename(store)


def remove(home: Home, database: str) -> None:
    """Delete a database's files; only of one that no server has open."""
    for folder in _folders(home, database):
        shutil.rmtree(folder, ignore_errors=True)
