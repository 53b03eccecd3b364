"""Does the local server answer a query?"""

from __future__ import annotations

from ...errors import DatabaseError, ServerError
from ..connection import Graph
from .envfile import PASSWORD
from .state import ServerState

USERNAME = "neo4j"


def query_answered(state: ServerState, password: str) -> bool:
    """True when the recorded server answers a query.

    :raises ServerError: when it refuses the password, which waiting does not change.
    """
    try:
        with Graph(state.uri, USERNAME, password) as graph:
            graph.verify()
    except DatabaseError as error:
        if "refuses" in error.message:
            raise ServerError(
                f"the local server refuses the password in {PASSWORD}: its store was made "
                "with another one",
                "Put the old password back into .env. If it is lost, start afresh: move "
                "neo4j_data/data away and load the data again.",
            ) from None
        return False
    return True
