"""Leak-safe projections: built from the files of a split, checked edge by edge, always dropped.

A projection's node ids are the data set's node indices, its edges exactly those of
:class:`~reelgraph.gds_jobs.split_graph.SplitGraph`. It takes nothing from the database, so what
valid and test rows say cannot get in, and results do not depend on how the database
numbers its nodes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..artifacts import Edges
from ..errors import ArtifactError, CypherError, DatabaseError, ReelgraphError
from ..graph.connection import Graph
from ..graph.gds import GONE
from .catalogue import drop, drop_stale, forget, new_name
from .payload import edge_groups, edge_sums, node_groups
from .split_graph import SplitGraph

if TYPE_CHECKING:
    from graphdatascience import GraphDataScience

_LABELS = {"knowledge": ("Item", "Entity"), "train": ("Item", "User")}


@dataclass(frozen=True)
class Projection:
    """An open projection, handed to jobs: its name in the catalogue and what it holds."""

    graph: Graph
    gds: GraphDataScience
    name: str
    inputs: SplitGraph

    @property
    def weight(self) -> str | None:
        """The relationship property with the weights, in a weighted projection."""
        return "weight" if self.inputs.weighted else None

    def handle(self) -> Any:
        """The graph object that the client's algorithms take.

        :raises DatabaseError: when the server lost it, as when it was started again.
        """
        try:
            return self.gds.graph.get(self.name)
        except ValueError:
            raise DatabaseError(f"the projection {self.name} is gone", GONE) from None

    def types(self, edges: Edges) -> list[str]:
        """Relationship types that hold ``edges``.

        :raises ArtifactError: when there is no such edge.
        """
        found = list(self.inputs.only(edges).types)
        if not found:
            raise ArtifactError(
                f"the split has no {edges} edges to compute on",
                "Choose other edges, or load a source that has them.",
            )
        return found

    def labels(self, edges: Edges) -> list[str]:
        """Labels of the nodes that ``edges`` can join."""
        wanted = _LABELS.get(edges, ("Item", "Entity", "User"))
        present = [group["label"] for group in node_groups(self.inputs)]
        return [label for label in present if label in wanted]


@contextmanager
def project(graph: Graph, inputs: SplitGraph, label: str) -> Iterator[Projection]:
    """A checked projection of ``inputs``; it is dropped whatever happens inside.

    :param label: part of the name in the server's catalogue, such as split and job.
    :raises GdsMissingError: when the server has no usable GDS.
    :raises DatabaseError: when the server's heap is too small.
    :raises ArtifactError: when the projection does not hold exactly the edges of ``inputs``.
    """
    gds = graph.gds()
    drop_stale(graph)
    _check_memory(graph, inputs)
    name = new_name(label)
    try:
        _create(graph, name, inputs)
        check_projection(graph, name, inputs)
        yield Projection(graph, gds, name, inputs)
    except NameTakenError:
        forget(name)  # it is another one's projection
        raise
    except BaseException:
        with suppress(ReelgraphError):  # the first error says more
            drop(graph, name)
        raise
    drop(graph, name)


class NameTakenError(DatabaseError):
    """Another projection has the name."""


def _create(graph: Graph, name: str, inputs: SplitGraph) -> None:
    statement = "gds/project_weighted" if inputs.weighted else "gds/project"
    try:
        graph.run(statement, name=name, nodes=node_groups(inputs), edges=edge_groups(inputs))
    except (CypherError, DatabaseError) as error:
        if "already exists" not in error.message:
            raise
        raise NameTakenError(
            f"another projection has the name {name}; it stays as it is",
            "Run the command again: it takes another name.",
        ) from None


def check_projection(graph: Graph, name: str, inputs: SplitGraph) -> None:
    """Check that a projection has exactly the edges of ``inputs``, forward and reverse.

    Counts and checksums of each relationship type are compared, so that an edge too
    many, one too few, one in place of another and a wrong weight are all found.

    :raises ArtifactError: when they differ; names the type and both counts.
    """
    statement = "gds/weighted_edge_sums" if inputs.weighted else "gds/edge_sums"
    rows = graph.run(statement, name=name).rows
    found = {(row["type"], row["upward"]): (row["edges"], row["checksum"]) for row in rows}
    expected = edge_sums(inputs)
    for key in sorted({*found, *expected}):
        if found.get(key) != expected.get(key):
            held, wanted = (sums.get(key, (0, 0))[0] for sums in (found, expected))
            differ = "not the same ones" if held == wanted else f"the files have {wanted:,}"
            raise ArtifactError(
                f"the projection is not the split: it holds {held:,} {key[0]} edges in one "
                f"direction, {differ}",
                "Nothing was computed from it. Run the job again; if it stays so, delete the "
                "split and make it again: reelgraph export",
            )


def _check_memory(graph: Graph, inputs: SplitGraph) -> None:
    """Refuse what cannot fit; where the server gives no estimate, go on."""
    edges = 2 * (len(inputs.train) + len(inputs.knowledge))
    properties = ["weight"] if inputs.weighted else []
    sizes = {"nodeCount": inputs.nodes, "relationshipCount": edges, "properties": properties}
    try:
        row = graph.run("gds/estimate", **sizes).single()
    except CypherError:
        return
    if row and row["bytesNeeded"] > row["bytesFree"]:
        raise DatabaseError(
            f"the projection needs {row['bytesNeeded'] / 2**20:,.0f} MiB, the server's heap has "
            f"{row['bytesFree'] / 2**20:,.0f} MiB",
            "Give the server more heap: reelgraph neo4j up --heap 4g",
        )
