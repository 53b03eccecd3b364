"""Work on the graph that was begun and has not ended: the graph itself remembers it.

A node ``(:__Unfinished)`` is written before the first write of a load, an emptying or an
adoption, and removed after its last one, so that a graph whose writer was killed does not
look whole. Only the holder of the loader's lock writes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from ..errors import DatabaseError, InputError
from .connection import GraphLike, Result
from .local.process import ended, host

Kind = Literal["load", "add", "empty", "adopt", "undo"]

_STATES: dict[str, str] = {
    "load": "the data set {} is half loaded",
    "add": "what {} adds to the data set is half loaded",
    "empty": "the database is half emptied: {} is being deleted",
    "adopt": "the graph is half adopted, as {}",
    "undo": "the adoption as {} is half undone",
}
_DOING: dict[str, str] = {
    "load": "loads {} into this graph",
    "add": "adds {} to this graph",
    "empty": "empties this database of {}",
    "adopt": "adopts this graph, as {}",
    "undo": "takes back the adoption as {}",
}


class _Runs(Protocol):
    def run(self, statement_id: str, **parameters: Any) -> Result: ...


@dataclass(frozen=True)
class GraphWork:
    """``key`` is one for each thing that can be done, ``command`` is what does it or goes on."""

    key: str
    command: str


@dataclass(frozen=True)
class Unfinished:
    """Work that has not ended.

    - ``kind``: a *load* of a data set, rows that *add* to one, *empty*, *adopt* or *undo*
    - ``subject``: what it is about; ``command`` goes on with it
    - ``wanted``: how many rows it writes of what, or how many nodes it deletes;
      ``types`` are those of the knowledge relationships among them
    - ``process``: who is at it now, as text; None when it was interrupted
    """

    key: str
    kind: Kind
    subject: str
    command: str
    since: str
    wanted: Mapping[str, int] = field(default_factory=dict)
    types: tuple[str, ...] = ()
    process: str | None = None

    @property
    def state(self) -> str:
        """What the graph is like, in words."""
        return _STATES[self.kind].format(self.subject)

    @property
    def doing(self) -> str:
        """What the process does that is at it, in words."""
        return f"{self.process} {_DOING[self.kind].format(self.subject)}"

    def error(self) -> InputError | DatabaseError:
        """Why the graph cannot be used now, and what to do."""
        if self.process is not None:
            return DatabaseError(
                f"{self.doing} at this moment",
                "Wait until it has ended. To see how far it is: reelgraph graph stats",
            )
        afresh = f"\nOr begin afresh: {self.command} --into-new" if self.kind == "load" else ""
        return InputError(
            f"{self.state}; that was interrupted",
            f"Go on with it: {self.command}{afresh}\nTo see how far it is: reelgraph graph stats",
        )


def begin(
    graph: _Runs,
    owner: str,
    work: GraphWork,
    kind: Kind,
    subject: str,
    wanted: Mapping[str, int] | None = None,
    types: Sequence[str] = (),
) -> None:
    """Remember work before its first write.

    :param owner: of the loader's lock.
    :param graph: or an open transaction.
    :raises DatabaseError: when another process has taken the lock.
    """
    properties = mark(work, kind, subject, wanted or {}, types)
    row = graph.run("load/begin_work", owner=owner, work=work.key, properties=properties).single()
    if row is None:
        raise lost_lock()


def mark(
    work: GraphWork, kind: Kind, subject: str, wanted: Mapping[str, int], types: Sequence[str]
) -> dict[str, Any]:
    """The properties of the node that remembers work; see :class:`Unfinished`."""
    return {
        "kind": kind,
        "subject": subject,
        "command": work.command,
        "names": list(wanted),
        "numbers": list(wanted.values()),
        "types": list(types),
    }


def end(graph: _Runs, owner: str, work: GraphWork | None = None) -> None:
    """Forget work after its last write; without ``work`` all of it, when everything is deleted."""
    graph.run("load/end_work", owner=owner, work=work and work.key)


def unfinished(graph: GraphLike) -> list[Unfinished]:
    """All work that was begun and has not ended: first what is being done now, then what must
    go on before anything else can, then the oldest."""
    found = [
        Unfinished(
            row["work"],
            row["kind"],
            row["subject"],
            row["command"],
            row["since"],
            dict(zip(row["names"], row["numbers"], strict=True)),
            tuple(row["types"]),
            _process(row),
        )
        for row in graph.run("load/read_unfinished").rows
    ]
    return sorted(found, key=lambda one: (one.process is None, one.kind != "empty", one.since))


def check_finished(graph: GraphLike) -> None:
    """Refuse a graph that is not whole.

    :raises InputError: when a load, an emptying or an adoption was interrupted; names the
        command that goes on.
    :raises DatabaseError: when another process is at it now.
    """
    found = unfinished(graph)
    if found:
        raise found[0].error()


def check_not_emptied(graph: GraphLike) -> None:
    """Refuse to add to a graph of which the rest is still to be deleted.

    :raises InputError: names the command that goes on.
    """
    for one in unfinished(graph):
        if one.kind == "empty":
            raise one.error()


def lost_lock() -> DatabaseError:
    return DatabaseError(
        "another loader has taken over this graph, because this one did not answer for "
        "longer than its lock lasts; it has stopped",
        "Wait until the other one has ended, then run the same command again.",
    )


def _process(row: Mapping[str, Any]) -> str | None:
    """The process that holds the lock for the work; None when it has ended."""
    if row["pid"] is None or (row["host"] == host() and ended(row["pid"])):
        return None
    machine = row["host"].partition(" ")[0]
    return f"process {row['pid']} on {machine} (since {row['started'][:19]}Z)"
