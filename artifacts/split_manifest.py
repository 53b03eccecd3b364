"""The manifest of a split, and what was made of its rows."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar, Literal, TypedDict

from pydantic import Field, JsonValue

from .job_record import JobRecord
from .manifests import Manifest, Moment, Record

Task = Literal["ranking", "rating"]


class RowOrder(StrEnum):
    """What decides which of a user's rows comes first; every figure is shown with the value."""

    ROWS = "the source's row order, said to be that of time"
    ROWS_WITHOUT_TIMES = "the source's row order, without times"
    ITEMS_WITHOUT_TIMES = "item id, without times"
    SOME_TIMES_ROWS = "time where there is one, then the source's row order"
    SOME_TIMES_ITEMS = "time where there is one, then item id"
    TIMES_ROWS = "time, ties by the source's row order"
    TIMES_ITEMS = "time, ties by item id"

    @classmethod
    def known(cls, text: str | None) -> RowOrder | None:
        """The order with this text; None for another text, such as an older graph's."""
        return next((one for one in cls if one.value == text), None)

    @property
    def caveat(self) -> str:
        """What a reader of figures must know of the order; empty for an order by time."""
        if self is RowOrder.ROWS:
            return "order of rows"
        if self in (RowOrder.ROWS_WITHOUT_TIMES, RowOrder.ITEMS_WITHOUT_TIMES):
            return "no times"
        return ""


class FoldCounts(Record):
    """Rows of each fold; ``unused`` where the user's own files leave rows out."""

    train: int
    valid: int
    test: int
    unused: int | None = None


class ColdCounts(Record):
    """Users and items of test that no row of train or valid has."""

    users: int
    items: int


class Cuts(Record):
    """The first second (POSIX) of a fold, where one cut in time holds for everybody."""

    valid: int | None = None
    test: int | None = None


class FeatureCheck(Record):
    """``events`` whose features were computed again, and the names of features that changed."""

    events: int
    changed: tuple[str, ...]


class FeatureRecord(Record):
    """The features of a split's events; ``categories`` and ``lists`` say how many codes."""

    consumer: str
    fingerprint: str
    label: str
    events: int
    without_timestamp: int
    numbers: tuple[str, ...]
    left_out: tuple[str, ...]
    categories: dict[str, int]
    lists: dict[str, int]
    config: dict[str, JsonValue]
    check: FeatureCheck | None = None


class SplitManifest(Manifest):
    """How a data set was split, and what graph jobs and features were made from the split.

    ``label`` is shown with every figure; ``files`` says how the user's own files were read;
    ``cuts`` is there for protocols by time.
    """

    again: ClassVar[str] = "delete the folder and make it again: reelgraph export"

    split_id: str
    dataset: str
    protocol: str
    parameters: dict[str, int | float | str]
    order: RowOrder
    counts: FoldCounts
    task: Task
    candidates: Literal["catalogue", "train"]
    history: str
    targets: Literal["all", "last", "successive"]
    cold: ColdCounts
    label: str = ""
    files: dict[str, str] = Field({})
    cuts: Cuts | None = None
    jobs: dict[str, JobRecord]
    created_at: Moment
    features: FeatureRecord | None = None


class SplitChanges(TypedDict, total=False):
    """Fields of a split's manifest that are written after the split."""

    jobs: dict[str, JobRecord]
    features: FeatureRecord | None


class ExportNote(Record):
    """``exported.json``: when an export made or found the split last."""

    exported_at: Moment
