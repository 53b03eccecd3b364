"""Emptying a database: of the data set that reelgraph made, or of everything in it.

The graph says that it is being emptied from before the first deletion until after the last
one, so that nothing takes the rest for a graph.
"""

from __future__ import annotations

from ..errors import InputError
from ..graph import migrations
from ..graph.connection import Counters, GraphLike, Transaction
from ..graph.contents import holds
from ..graph.unfinished import GraphWork, begin, end, lost_lock
from ..graph.writer import progress_bar
from .engine.lock import load_lock
from .foreign import WAYS_OUT, find_foreign, foreign_schema, refuse_foreign
from .source import CanonicalTables

EVERYTHING = "--delete-everything"
_NODES = 500  # a transaction; each with all its relationships
_ROWS = 20_000
_STATEMENTS = {
    False: (("load/delete_graph", _NODES), ("load/delete_ledgers", _ROWS)),
    True: (("load/delete_any_relationships", _ROWS), ("load/delete_any_nodes", _ROWS)),
}
_EMPTY = GraphWork("load --into-new", "reelgraph load … --into-new")


def empty(graph: GraphLike, *, everything: bool = False) -> Counters:
    """Delete the data set with its runs and ledgers; the schema stays.

    :param everything: whatever is there, whoever made it, foreign constraints and indexes too.
    :raises InputError: without ``everything``, when the database holds what reelgraph did not
        make, or a graph that was adopted; nothing is deleted then.
    :raises DatabaseError: while a loader writes to it.
    """
    with load_lock(graph) as owner:
        return empty_locked(graph, owner, _EMPTY, everything, progress=False)


def empty_locked(
    graph: GraphLike, owner: str, work: GraphWork, everything: bool = False, progress: bool = True
) -> Counters:
    """:func:`empty` for one who holds the loader's lock; ``work`` is what goes on with it."""
    check_deletable(graph, everything)
    nodes = (graph.run("load/count_foreign").single() or {"nodes": 0})["nodes"]
    subject = holds(graph)["name"]
    subject = "everything" if everything else f"the data set {subject}"
    begin(graph, owner, work, "empty", subject, {"nodes": nodes})
    counters = Counters()
    with progress_bar(nodes, "nodes deleted", progress) as bar:
        for statement, rows in _STATEMENTS[everything]:
            while deleted := _delete(graph, owner, statement, rows, counters):
                bar.update(0 if "relationships" in statement else deleted)
    if everything:
        _drop_schema(graph)
        migrations.apply(graph)  # what was dropped may have stood for one of ours

    def finish(tx: Transaction) -> None:
        tx.run("load/delete_dataset", owner=owner)
        end(tx, owner)

    graph.transact(finish)
    return counters


def check_replaceable(graph: GraphLike, tables: CanonicalTables, everything: bool = False) -> None:
    """:raises InputError: when these tables cannot replace what the database holds."""
    if tables.joins is not None or tables.items is None:
        raise InputError(
            f"{tables.source} adds to a data set, and --into-new would delete that one first",
            "Load it without --into-new.",
        )
    check_deletable(graph, everything)


def replaced(graph: GraphLike, everything: bool = False) -> str | None:
    """What an emptying would delete, in words; None where there is nothing."""
    found = holds(graph)
    if everything:
        labels = [
            row
            for row in graph.run("stats/labels").rows
            if row["nodes"] and not row["label"].startswith("__")
        ]
        parts = [f"{row['nodes']:,} (:{row['label']})" for row in labels]
        types = graph.run("stats/relationship_types").rows
        parts += [f"{row['relationships']:,} [:{row['type']}]" for row in types]
        nodes = (graph.run("load/count_foreign").single() or {"nodes": 0})["nodes"]
        schema = foreign_schema(graph)
        parts += [f"constraints and indexes {', '.join(schema)}"] if schema else []
        return f"everything: {nodes:,} nodes; {', '.join(parts)}" if nodes or schema else None
    counts = {role: found[role] for role in ("users", "items", "entities", "interactions")}
    if found["name"] is None and not any(counts.values()):
        return None
    what = ", ".join(f"{number:,} {role}" for role, number in counts.items())
    return f"the data set {found['name']} with its runs: {what}"


def check_deletable(graph: GraphLike, everything: bool = False, schema: bool = False) -> None:
    """Refuse to delete what is not reelgraph's.

    :param everything: the user wants it deleted, whoever made it.
    :param schema: constraints and indexes would be deleted, too.
    :raises InputError: names what is there, and the ways out.
    """
    if everything:
        return
    found = holds(graph)
    if found.get("adopted"):
        raise InputError(
            f"the database holds a graph that was adopted as {found['name']}; emptying it would "
            "delete what reelgraph did not make",
            f"Take the adoption back (reelgraph adopt --undo). Then: {WAYS_OUT}",
        )
    refuse_foreign(find_foreign(graph, schema))


def _delete(graph: GraphLike, owner: str, statement: str, rows: int, counters: Counters) -> int:
    result = graph.run(statement, owner=owner, rows=rows)
    row = result.single()
    if row is None:
        raise lost_lock()
    counters += result.counters
    deleted: int = row["deleted"]
    return deleted


def _drop_schema(graph: GraphLike) -> None:
    """Constraints and indexes of others."""
    foreign = set(foreign_schema(graph))
    for row in graph.run("stats/indexes").rows:
        if row["name"] not in foreign:
            continue
        if row["constraint"]:
            graph.run("adopt/drop_constraint", name=row["constraint"])
        else:
            graph.run("writeback/drop_index", name=row["name"])
