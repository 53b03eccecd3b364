"""The manifest of a data set."""

from __future__ import annotations

from typing import ClassVar, Literal

from .manifests import Manifest, Moment, Record

IdType = Literal["INTEGER", "STRING"]


class DatasetCounts(Record):
    """Rows of each file of a data set."""

    interactions: int
    users: int
    items: int
    entities: int
    triples: int


class DatasetManifest(Manifest):
    """What the export says of a data set.

    ``name`` and ``id_space`` are None where the graph has no ``(:Dataset)`` node.
    ``event_types_left_out`` counts the relationships that are not triples because they have a
    timestamp, by type.
    """

    again: ClassVar[str] = "delete the folder and make it again: reelgraph export"

    fingerprint: str
    name: str | None
    id_space: str | None
    interaction_type: str
    user_id_type: IdType
    item_id_type: IdType
    ratings: bool
    timestamps: bool
    counts: DatasetCounts
    relation_types: dict[str, int]
    event_types_left_out: dict[str, int]
    created_at: Moment

    @property
    def adopted(self) -> bool:
        """Whether the graph was there before reelgraph: its rows have no order of their own."""
        return (self.id_space or "").startswith("adopted:")
