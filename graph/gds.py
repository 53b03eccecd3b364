"""The Graph Data Science client, where the server has the library."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import neo4j
import neo4j.exceptions

from ..errors import CypherError, DatabaseError, GdsMissingError

if TYPE_CHECKING:
    from graphdatascience import GraphDataScience

MINIMUM = (2, 13, 0)  # what the client supports; its procedures have other names in older ones

_INSTALL = (
    "Use 'reelgraph neo4j up' (it brings GDS), install the GDS plugin, or go on without: "
    "everything but the graph jobs works."
)
GONE = (
    "Projections and models live in the server's memory: they are gone when it is started "
    "again. Nothing was written; run the command again."
)


def client(driver: neo4j.Driver, database: str) -> GraphDataScience:
    """A client on an open driver.

    :raises GdsMissingError: when the server has no GDS or one that the client cannot use.
    """
    from graphdatascience import GraphDataScience

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # check_version refuses instead
            gds = GraphDataScience(driver, database=database, show_progress=False)
        found = gds.server_version()
    except (neo4j.exceptions.DriverError, neo4j.exceptions.TransientError) as error:
        raise DatabaseError(f"the connection broke: {error}", "Run the command again.") from error
    except Exception as error:
        raise GdsMissingError(
            f"this server has no usable Graph Data Science library: {error}", _INSTALL
        ) from error
    check_version(found.major, found.minor, found.patch)
    return gds


def check_version(*found: int) -> None:
    """:raises GdsMissingError: when the server's GDS is older than the client can use."""
    if found < MINIMUM:
        has, needed = (".".join(map(str, version)) for version in (found, MINIMUM))
        raise GdsMissingError(
            f"this server has Graph Data Science {has}; the graph jobs need {needed} or newer",
            _INSTALL,
        )


@contextmanager
def gds_errors(what: str) -> Iterator[None]:
    """Turn the client's exceptions into errors that name ``what`` was asked for.

    :raises DatabaseError: for every failure at the server.
    """
    try:
        yield
    except (neo4j.exceptions.Neo4jError, neo4j.exceptions.DriverError) as error:
        text = getattr(error, "message", None) or str(error)
        raise DatabaseError(f"{what}: {text}", _hint(error, text)) from error
    except (CypherError, DatabaseError) as error:
        hint = error.hint or _hint(error, error.message)
        raise DatabaseError(f"{what}: {error.message}", hint) from error


def _hint(error: Exception, text: str) -> str:
    lower = text.lower()
    broken = isinstance(error, neo4j.exceptions.DriverError)
    if broken or "graph with name" in lower or "no neo4j answers" in lower:
        return GONE
    if "memory" in lower:
        return "Give the server more heap: reelgraph neo4j up --heap 4g"
    if "models in the catalog" in lower:
        return "Look at gds.model.list and drop one with gds.model.drop."
    return ""
