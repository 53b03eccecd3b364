"""Digests of tables: the values count, not how they are held in memory."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from reelgraph.artifacts import digests, frame_digest


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "id": [1, 2, 3],
            "name": ["a", None, "ü"],
            "year": pd.Series([1990, None, 2000], dtype="Int64"),
            "rating": [0.5, float("nan"), 2.0],
            "labels": pd.Series([["x"], [], ["y", "z"]], dtype="object"),
        }
    )


def test_types_in_memory_do_not_matter(frame: pd.DataFrame, tmp_path: Path) -> None:
    other = frame.astype({"id": "int32", "name": "object", "rating": "float32"})
    assert frame_digest(other) == frame_digest(frame)
    frame.to_parquet(tmp_path / "frame.parquet", index=False)
    assert frame_digest(pd.read_parquet(tmp_path / "frame.parquet")) == frame_digest(frame)


def test_digests_stay_as_they_were(frame: pd.DataFrame) -> None:
    """Names of folders and ids of runs are made of them."""
    assert frame_digest(frame) == "e20163eaecae9b80"
    assert frame_digest(frame.head(0)) == "c52203c62eb2d40f"
    assert frame_digest(frame, frame) == "13884bb1cc61cf10"


@pytest.mark.parametrize("rows", [1, 3, 8, 1000])
@pytest.mark.slow
def test_pieces_do_not_matter(
    frame: pd.DataFrame, rows: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = pd.concat([frame] * 50)
    path = tmp_path / "frame.parquet"
    long.to_parquet(path, index=False, row_group_size=rows)
    monkeypatch.setattr(digests, "_DIGEST_ROWS", rows)
    assert frame_digest(long) == frame_digest(path) == "cafef98ddcbcb74f"
    assert frame_digest(path, frame) == frame_digest(long, frame)
    frame.head(0).to_parquet(path, index=False)
    assert frame_digest(path) == frame_digest(frame.head(0))


@pytest.mark.parametrize(
    ("column", "value"),
    [("id", 4), ("name", "b"), ("year", 0), ("rating", 0.0), ("labels", ["yz"])],
)
def test_every_value_counts(frame: pd.DataFrame, column: str, value: object) -> None:
    changed = frame.copy()
    changed.at[1, column] = value
    assert frame_digest(changed) != frame_digest(frame)


def test_names_order_and_borders_count(frame: pd.DataFrame) -> None:
    digests = {
        frame_digest(frame),
        frame_digest(frame.rename(columns={"id": "key"})),
        frame_digest(frame[::-1]),
        frame_digest(frame[[*frame.columns[::-1]]]),
        frame_digest(frame, frame),
        frame_digest(frame[:1], frame[1:]),
    }
    assert len(digests) == 6
