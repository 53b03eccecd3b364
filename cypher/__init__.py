"""Every Cypher statement of reelgraph, one file each, and the one place where text becomes a query.

The id of a statement is its path below this folder without ``.cypher``, such as
``load/users``. A header comment says what it is for::

    // Purpose: top recommendations of one user from the active run.
    // Params:  userId (INTEGER|STRING), n (INTEGER, default 10)
    // Returns: rank, title, score, predictedRating
    // Mode:    READ, managed transaction

``Mode`` is READ or WRITE, then ``managed transaction`` (the driver may retry it) or
``auto-commit`` (needed by ``CALL … IN TRANSACTIONS``). A query for analysts also has a
``Theme``, the folder in which their tools show it, and one for Bloom may have a ``Phrase``,
which people type there. Plugins add folders of their
own by :func:`add_folder`; their ids begin with the plugin's name.
"""

from .statement import Parameter, Statement
from .store import add_folder, load, statements

__all__ = ["Parameter", "Statement", "add_folder", "load", "statements"]
