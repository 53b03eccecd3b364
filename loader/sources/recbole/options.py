"""Options of the source ``recbole``."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from ...source import SourceOptions
from ..tabular.naming import checked_label

_SIGNS = {"tab": "\t", "\\t": "\t", "space": " "}


class RecBoleOptions(SourceOptions):
    """Which files and columns are meant; the header says what is left to know."""

    name: str | None = Field(
        None, description="data set to read, where there are several: NAME of NAME.inter"
    )
    item_label: str | None = Field(
        None,
        description="label of the items; default: Movie for MovieLens (ml-…), else Product",
    )
    user_column: str | None = Field(
        None, description="column of the user in .inter; default: user_id, or the first token"
    )
    item_column: str | None = Field(
        None, description="column of the item in .inter; default: item_id, or the second token"
    )
    rating_column: str | None = Field(
        None,
        description="column of the rating, whatever its values; default: rating, unless it "
        "looks like a count",
    )
    timestamp_column: str = Field("timestamp", description="column of the time, if there is one")
    time_unit: (
        Literal["seconds", "milliseconds", "microseconds", "nanoseconds", "days", "excel-days"]
        | None
    ) = Field(None, description="what the times count since 1970; default: what their size says")
    any_time: bool = Field(False, description="also take times outside 1900 to 2100")
    repeated: Literal["reject", "first", "last"] = Field(
        "last",
        description="which row counts when a user has several with one item; the others are "
        "counted as dropped",
    )
    field_separator: str = Field("tab", description="what is between fields")
    seq_separator: str = Field("space", description="what is between the values of a _seq field")
    text: tuple[str, ...] = Field(
        (),
        description="token_seq column of .item that is a text and becomes a property, not "
        "entities; columns called description, review, address and the like are",
    )
    all_triples: bool = Field(
        False, description="also keep triples of .kg neither end of which is an item"
    )

    @field_validator("item_label")
    @classmethod
    def _is_label(cls, value: str | None) -> str | None:
        return value if value is None else checked_label(value)

    @field_validator("field_separator", "seq_separator")
    @classmethod
    def _is_some_text(cls, value: str) -> str:
        if not value:
            raise ValueError("give at least one character")
        return value

    @property
    def between_fields(self) -> str:
        return _SIGNS.get(self.field_separator, self.field_separator)

    @property
    def between_values(self) -> str:
        return _SIGNS.get(self.seq_separator, self.seq_separator)
