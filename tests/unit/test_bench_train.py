"""The benchmark of training works on a small split, and its parts have a step's shapes."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest
import torch
from audited import small_split
from bench_script import bench_script
from click.testing import CliRunner

from reelgraph.model.zoo.attention_lstm_config import AttentionLSTMConfig


@pytest.fixture
def bench() -> ModuleType:
    return bench_script("train")


def test_the_table_has_a_row_for_each_part(bench: ModuleType, tmp_path: Path) -> None:
    split = small_split(tmp_path)
    small = ["--set", "embedding_size=4", "--set", "hidden_size=8", "--set", "heads=2"]
    result = CliRunner().invoke(bench.main, [str(split.path), "--epochs", "1", *small])
    assert result.exit_code == 0, result.output
    rows = [line.split("|")[1].strip() for line in result.output.splitlines() if "|" in line]
    assert {"step", "nn.LSTM", *bench.WAYS, "valid", "bare product"} <= set(rows)


def test_parts_of_the_catalogue_add_up_to_the_whole(bench: ModuleType) -> None:
    torch.manual_seed(0)
    parts = bench.BareParts(AttentionLSTMConfig(embedding_size=4), 30, torch.device("cpu"))
    found = []
    for at_once in (50, 7):
        torch.manual_seed(1)
        found.append(parts.catalogue(50, at_once))
    torch.testing.assert_close(found[0], found[1])
