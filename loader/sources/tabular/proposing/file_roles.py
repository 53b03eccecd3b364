"""What the files of a proposal were found to be."""

from __future__ import annotations

from dataclasses import dataclass, field

from .column_roles import ColumnRoles
from .columns import Column
from .first_rows import FileSample
from .node_columns import NodeColumns, OtherColumn


@dataclass
class Pairs:
    """A file with rows of item and value.

    ``key`` is what it calls items in the items' file, ``roles`` are columns about the pair.
    """

    sample: FileSample
    item: Column
    value: OtherColumn
    time: Column | None = None
    key: str | None = None
    roles: list[Column] = field(default_factory=list)
    names: NodeColumns | None = None

    @property
    def used(self) -> set[str]:
        columns = [self.item, self.value.column, *self.roles, *([self.time] if self.time else [])]
        return {column.name for column in columns}


@dataclass
class FileRoles:
    """What the files seem to be; ``unused`` has a line for each file or column left out."""

    sample: FileSample
    roles: ColumnRoles
    items: NodeColumns | None = None
    users: NodeColumns | None = None
    pairs: list[Pairs] = field(default_factory=list)
    #: files with the readable names of a column of the items
    names: dict[str, NodeColumns] = field(default_factory=dict)
    unused: list[str] = field(default_factory=list)

    def leave_out(self, sample: FileSample, name: str | None, why: str) -> None:
        what = sample.name if name is None else f"'{name}' of {sample.name}"
        self.unused.append(f"{what}: {why}")
