"""What every source that brings interactions must do, on files that its test writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from ..errors import InputError
from ..loader.engine.prepare import prepared
from ..loader.engine.validate import check_tables
from ..loader.reading.rejects import Rejects
from ..loader.source import CanonicalTables, InteractionTable, Reading, Source, SourceOptions
from .registered import check_registered


class SourceSuite:
    """Derive from it as ``TestX``, name the ``source`` and define :meth:`files`."""

    source: ClassVar[type[Source]]
    #: how many interactions the files hold
    interactions: ClassVar[int]

    def files(self, folder: Path) -> Path:
        """Write the files of a small data set into ``folder``; what the user gives as PATH."""
        raise NotImplementedError

    def options(self) -> SourceOptions:
        """The options of the source."""
        return self.source.options_class()

    def read(self, path: Path, folder: Path) -> CanonicalTables:
        """What the source gives; it may keep files of its own in ``folder``."""
        reading: Reading[Any] = Reading(self.options(), folder)
        return self.source().read(path, reading)

    @pytest.fixture
    def tables(self, tmp_path: Path) -> CanonicalTables:
        """What the source gives of its files."""
        return self.read(self.files(tmp_path), tmp_path)

    def test_it_can_be_registered(self) -> None:
        check_registered(self.source)

    def test_its_rows_can_be_loaded(self, tables: CanonicalTables) -> None:
        check_tables(tables)
        with prepared(None, tables, {}) as ready:
            ready.read(Rejects())
            assert ready.spool.rows == self.interactions

    def test_it_names_itself_and_its_ids(self, tables: CanonicalTables) -> None:
        assert tables.source == self.source.name
        assert tables.id_space

    def test_the_schema_says_what_there_is(self, tables: CanonicalTables) -> None:
        assert set(tables.edges) <= {edge.type for edge in tables.schema.edges}
        assert set(tables.domain_labels) == {
            tables.schema.item_label,
            *tables.schema.entity_labels,
        }
        if tables.items is not None:
            properties = set(tables.items) - {"itemId", "title"}
            assert properties <= set(tables.schema.item_properties)

    def test_interactions_can_be_read_again(self, tables: CanonicalTables) -> None:
        assert tables.interactions is not None
        first, second = _rows(tables.interactions), _rows(tables.interactions)
        assert_frame_equal(first, second)
        assert {"userId", "itemId"} <= set(first)

    def test_the_same_files_give_the_same_tables(self, tmp_path: Path) -> None:
        path = self.files(tmp_path)
        one, other = self.read(path, tmp_path), self.read(path, tmp_path)
        for first, second in ((one.items, other.items), (one.users, other.users)):
            assert (first is None) == (second is None)
            if first is not None and second is not None:
                assert_frame_equal(first, second)
        assert_frame_equal(one.entities, other.entities)
        assert one.id_space == other.id_space

    def test_files_that_are_not_there_are_named(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="nowhere"):
            _all_rows(self.read(tmp_path / "nowhere", tmp_path))


def _rows(interactions: InteractionTable) -> pd.DataFrame:
    return pd.concat(interactions.chunks(Rejects()), ignore_index=True)


def _all_rows(tables: CanonicalTables) -> None:
    """Read what a source reads only when its rows are written."""
    if tables.interactions is not None:
        _rows(tables.interactions)
