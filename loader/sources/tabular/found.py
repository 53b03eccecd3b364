"""What the files of a proposal were found to be."""

from __future__ import annotations

from dataclasses import dataclass, field

from .columns import Column
from .first_rows import Look
from .leftovers import Leftover, Things
from .roles import Roles


@dataclass
class Pairs:
    """A file with rows of item and value.

    ``key`` is what it calls items in the items' file, ``roles`` are columns about the pair.
    """

    look: Look
    item: Column
    value: Leftover
    time: Column | None = None
    key: str | None = None
    roles: list[Column] = field(default_factory=list)
    names: Things | None = None

    @property
    def used(self) -> set[str]:
        columns = [self.item, self.value.column, *self.roles, *([self.time] if self.time else [])]
        return {column.name for column in columns}


@dataclass
class Guess:
    """What the files seem to be; ``unused`` has a line for each file or column left out."""

    look: Look
    roles: Roles
    items: Things | None = None
    users: Things | None = None
    pairs: list[Pairs] = field(default_factory=list)
    #: files with the readable names of a column of the items
    names: dict[str, Things] = field(default_factory=dict)
    unused: list[str] = field(default_factory=list)

    def leave_out(self, look: Look, name: str | None, why: str) -> None:
        what = look.name if name is None else f"'{name}' of {look.name}"
        self.unused.append(f"{what}: {why}")
