"""The files of a mapping, opened, with the columns that it names checked against them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path

from ....errors import InputError
from .datafile import DataFile, is_there, open_file
from .mapping import FileMapping, Format, KnowledgeKeys, NodeKeys


class Files:
    """Opens what a mapping names; each error says which key of the mapping it is about."""

    def __init__(self, path: Path, mapping: FileMapping) -> None:
        self._path = path
        self._mapping = mapping

    def open(self, key: str, file: str, format: Format) -> DataFile:
        """:raises InputError: when there is no such file."""
        path = self._path.parent / file
        if path.is_dir() and not is_there(path):
            raise InputError(
                f"{self._path}, {key}.file: '{file}' is a folder without Parquet files",
                "Name one file; join parts in text to one, with a single header line.",
            )
        if not is_there(path):
            folder = path.parent if path.parent.is_dir() else self._path.parent
            near = get_close_matches(path.name, [one.name for one in folder.iterdir()], 1)
            said = f"Did you mean '{near[0]}'? " if near else ""
            raise InputError(
                f"{self._path}, {key}.file: there is no file '{file}'",
                f"{said}File names are relative to the mapping's folder.",
            )
        return open_file(path, format, self._mapping.missing)

    def need(self, file: DataFile, columns: Iterable[tuple[str, str | None]]) -> None:
        """Refuse columns that the file does not have.

        :param columns: (key of the mapping, column); None for a key that is left out.
        :raises InputError: names the key, and the closest column that there is.
        """
        for key, name in columns:
            if name is None:
                continue
            if name in file.lists() and not key.endswith(".column"):
                raise InputError(
                    f"{self._path}, {key}: column '{name}' of {file.path.name} holds lists, and "
                    "one value per row is needed",
                    "Write one row for each value (DataFrame.explode in pandas); lists of tags "
                    "and the like belong to [[knowledge]].",
                )
            if file.columns.count(name) == 1:
                continue
            problem = "more than one column" if name in file.columns else "no column"
            near = get_close_matches(name, file.columns, 1, 0.5)
            said = f"Did you mean '{near[0]}'? " if near and near[0] != name else ""
            raise InputError(
                f"{self._path}, {key}: {file.path.name} has {problem} '{name}'",
                f"{said}Its columns: {', '.join(file.columns)}",
            )

    def interactions(self) -> DataFile:
        keys = self._mapping.interactions
        file = self.open("interactions", keys.file, keys)
        names = ("user", "item", "rating", "timestamp")
        self.need(file, [(f"interactions.{name}", getattr(keys, name)) for name in names])
        return file

    def nodes(
        self, key: str, keys: NodeKeys, name: str, columns: Sequence[tuple[str, str]] = ()
    ) -> DataFile:
        """The items' or users' file; ``name`` is the key of the readable name."""
        file = self.open(key, keys.file, keys)
        self.need(file, [(f"{key}.id", keys.id), (f"{key}.{name}", getattr(keys, name))])
        self.need(file, [(f"{key}.properties.{p}", c) for p, c in keys.properties.items()])
        self.need(file, columns)
        return file

    def items(self) -> DataFile:
        """The items' file, whose columns were checked; without one the interactions'."""
        keys = self._mapping.items
        return self.open("items", keys.file, keys) if keys else self.interactions()

    def pairs(self, number: int, keys: KnowledgeKeys) -> DataFile:
        """The file of a knowledge entry that has one."""
        key = f"knowledge.{number}"
        assert keys.file is not None
        file = self.open(key, keys.file, keys)
        names = ("item", "column", "timestamp")
        self.need(file, [(f"{key}.{name}", getattr(keys, name)) for name in names])
        self.need(file, [(f"{key}.properties.{p}", c) for p, c in keys.properties.items()])
        return file

    def names(self, number: int, keys: KnowledgeKeys) -> DataFile | None:
        """The file with the readable names of a knowledge entry's values, if it has one."""
        if keys.names is None:
            return None
        key = f"knowledge.{number}.names"
        file = self.open(key, keys.names.file, keys.names)
        self.need(file, [(f"{key}.id", keys.names.id), (f"{key}.name", keys.names.name)])
        return file
