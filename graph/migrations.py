"""Schema migrations: constraints and indexes as versioned Cypher files, recorded in the graph.

A file ``cypher/schema/V004__user_id.cypher`` is applied once, in the order of versions, and
is immutable from then on; ``R__<name>.cypher`` is repeatable: applied again whenever its
text changes. Each holds one statement, because Neo4j keeps schema and data changes in
separate transactions, and says ``IF NOT EXISTS`` (or ``MERGE``), so that a crash between
the statement and its record in a ``__Migration`` node only means that it runs once more.
The checksum is that of the statement without its header and without white space at the
ends of lines, so comments may be improved.

Vector indexes are none of this: their dimension belongs to a run, and so do they.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Literal

from .. import cypher
from ..errors import CypherError, DatabaseError
from .connection import GraphLike

_NAME = re.compile(r"^(?P<version>V\d{3,}|R)__(?P<description>\w+)$")

_CREATED = re.compile(r"^\w+ (?:\w+ )?(CONSTRAINT|INDEX) (\w+)", re.IGNORECASE)

State = Literal["applied", "pending", "changed", "missing"]


@dataclass(frozen=True)
class Migration:
    """One migration file. ``version`` is ``V004``, or ``R__<name>`` for a repeatable one."""

    version: str
    description: str
    statement_id: str
    checksum: str

    @property
    def repeatable(self) -> bool:
        return self.version.startswith("R")


@dataclass(frozen=True)
class MigrationState:
    """A migration and its state in the graph.

    ``changed``: applied, and its file was edited since; ``missing``: applied, and there is
    no such file in this version of the program.
    """

    version: str
    description: str
    state: State
    applied_at: str | None


def migrations(folder: str = "schema") -> list[Migration]:
    """All migrations below ``cypher/<folder>``: versioned ones in order, then repeatable ones.

    :raises CypherError: when two files have the same version.
    """
    found: dict[str, Migration] = {}
    for statement in cypher.statements():
        parent, _, name = statement.id.rpartition("/")
        match = _NAME.match(name)
        if parent != folder or not match:
            continue
        version = name if match["version"] == "R" else match["version"]
        if version in found:
            raise CypherError(
                f"{found[version].statement_id} and {statement.id} have the same version",
                "Give the newer file the next free number.",
            )
        description = match["description"].replace("_", " ")
        found[version] = Migration(version, description, statement.id, _checksum(statement.text))
    return sorted(found.values(), key=lambda m: (m.repeatable, len(m.version), m.version))


def info(graph: GraphLike, folder: str = "schema") -> list[MigrationState]:
    """The state of every migration, known to the program or to the graph."""
    recorded = {row["version"]: row for row in graph.run("schema/read_migrations").rows}
    states = []
    for migration in migrations(folder):
        row = recorded.pop(migration.version, None)
        state: State = "pending"
        if row is not None and row["checksum"] == migration.checksum:
            state = "applied"
        elif row is not None and not migration.repeatable:
            state = "changed"
        applied_at = row["appliedAt"] if row else None
        states.append(MigrationState(migration.version, migration.description, state, applied_at))
    for version, row in recorded.items():
        states.append(MigrationState(version, row["description"], "missing", row["appliedAt"]))
    return states


def validate(graph: GraphLike, folder: str = "schema") -> list[MigrationState]:
    """The states, when the graph has exactly the program's migrations.

    :raises CypherError: names the migrations that are changed, missing or pending.
    """
    states = info(graph, folder)
    _refuse_changed(states)
    for state, hint in (
        ("missing", "The graph was made by a newer version of reelgraph: install that."),
        ("pending", "Apply them: reelgraph schema apply"),
    ):
        versions = [one.version for one in states if one.state == state]
        if versions:
            raise CypherError(f"{state} migrations: {', '.join(versions)}", hint)
    return states


def apply(graph: GraphLike, folder: str = "schema") -> list[str]:
    """Apply what is pending, in order; return the versions.

    :raises CypherError: when an applied file was changed; nothing is applied then.
    """
    states = info(graph, folder)
    _refuse_changed(states)
    pending = {state.version for state in states if state.state == "pending"}
    applied = []
    for migration in migrations(folder):
        if migration.version in pending:
            _run(graph, migration)
            graph.run(
                "schema/record_migration",
                version=migration.version,
                description=migration.description,
                checksum=migration.checksum,
            )
            applied.append(migration.version)
    return applied


def own_schema() -> tuple[set[str], set[str]]:
    """Names of the constraints and of the indexes that the migrations create."""
    found: dict[str, set[str]] = {"CONSTRAINT": set(), "INDEX": set()}
    for migration in migrations():
        match = _CREATED.match(cypher.load(migration.statement_id).text)
        if match:
            found[match[1].upper()].add(match[2])
    return found["CONSTRAINT"], found["INDEX"]


def _run(graph: GraphLike, migration: Migration) -> None:
    try:
        graph.run(migration.statement_id)
    except CypherError as error:
        if "already exists" not in error.message:
            raise
        # IF NOT EXISTS does not see what another session creates at the same moment
        graph.run(migration.statement_id)
    except DatabaseError as error:
        if "ConstraintCreationFailed" not in error.message:
            raise
        raise DatabaseError(
            error.message,
            "The graph holds data that break this constraint. Mend them, then apply it again: "
            "reelgraph schema apply",
        ) from error


def _refuse_changed(states: list[MigrationState]) -> None:
    changed = [state.version for state in states if state.state == "changed"]
    if changed:
        raise CypherError(
            f"applied migrations whose files were changed since: {', '.join(changed)}",
            "A migration is immutable once applied: restore the file, and put the change "
            "into a new one with the next number.",
        )


def _checksum(text: str) -> str:
    lines = "\n".join(line.rstrip() for line in text.strip().splitlines())
    return hashlib.sha256(lines.encode()).hexdigest()[:16]
