"""The Graph Data Science client, where the server has the library."""

from __future__ import annotations

from typing import TYPE_CHECKING

import neo4j

from ..errors import GdsMissingError

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
    except Exception as error:
        raise GdsMissingError(
            f"this server has no usable Graph Data Science library: {error}",
            "Use 'reelgraph neo4j up' (it brings GDS), install the GDS plugin, or go on "
            "without: everything but the graph jobs works.",
        ) from error
    return gds
