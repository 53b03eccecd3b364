"""The source ``tabular``: what a mapping file names, as canonical tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from ....errors import InputError
from ...source import CanonicalTables, MappedSource, Proposal, Reading
from .mapping import load_mapping
from .proposing import propose
from .tables import Tables


class TabularSource(MappedSource):
    """Load CSV, TSV or Parquet files as the mapping file PATH describes them.

    A mapping is a small TOML file that names the columns with users, items, ratings and
    times, item and user properties, and columns of knowledge (tags, people, …) with their
    label and relationship type. '--init FILE …' proposes one from the files.
    """

    name: ClassVar[str] = "tabular"
    description: ClassVar[str] = "CSV, TSV or Parquet files, described by a mapping file (TOML)"
    examples: ClassVar[tuple[str, ...]] = (
        "reelgraph load tabular --init plays.tsv artists.csv",
        "reelgraph load tabular plays.toml --dry-run",
        "reelgraph load tabular plays.toml",
    )

    def read(self, path: Path | None, reading: Reading[Any]) -> CanonicalTables:
        """:raises InputError: names the mapping and its key, or the data file and its line."""
        if path is None:
            raise InputError(
                "tabular needs a mapping file",
                "reelgraph load tabular MAPPING.toml; make one from your files: "
                "reelgraph load tabular --init FILE …",
            )
        return Tables(path, load_mapping(path), reading.rejects, reading.text_ids).canonical()

    @classmethod
    def propose(cls, files: Sequence[Path]) -> Proposal:
        return propose.propose(files)

    @classmethod
    def write_proposal(cls, files: Sequence[Path], force: bool = False) -> Proposal:
        return propose.write_proposal(files, force)
