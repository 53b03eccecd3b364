"""The Graph Data Science client, where the server has the library."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import neo4j
import neo4j.exceptions

from ..errors import DatabaseError, GdsMissingError

if TYPE_CHECKING:
    from graphdatascience import GraphDataScience


def client(driver: neo4j.Driver, database: str) -> GraphDataScience:
    """A client on an open driver.

    :raises GdsMissingError: when the server has no GDS or one that the client cannot use.
    """
    from graphdatascience import GraphDataScience

    try:
        gds = GraphDataScience(driver, database=database, show_progress=False)
        gds.server_version()
    except (neo4j.exceptions.DriverError, neo4j.exceptions.TransientError) as error:
        raise DatabaseError(f"the connection broke: {error}", "Run the command again.") from error
    except Exception as error:
        raise GdsMissingError(
            f"this server has no usable Graph Data Science library: {error}",
            "Use 'reelgraph neo4j up' (it brings GDS), install the GDS plugin, or go on "
            "without: everything but the graph jobs works.",
        ) from error
    return gds


@contextmanager
def gds_errors(what: str) -> Iterator[None]:
    """Turn the client's exceptions into errors that name ``what`` was asked for.

    :raises DatabaseError: for every failure at the server.
    """
    try:
        yield
    except (neo4j.exceptions.Neo4jError, neo4j.exceptions.DriverError) as error:
        text = getattr(error, "message", None) or str(error)
        hint = "Give the server more heap: reelgraph neo4j up --heap 4g"
        raise DatabaseError(f"{what}: {text}", hint if "memory" in text.lower() else "") from error
