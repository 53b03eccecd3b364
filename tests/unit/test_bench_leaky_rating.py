"""The bench of leaky features: on ratings drawn at random, only a leak can explain any of them."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from bench_script import bench_script
from click.testing import CliRunner

LABEL = "LEAKS THE TARGET"


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    return bench_script("leaky_rating")


@pytest.fixture(scope="module")
def reviews(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As the paper's file: 40 users, 12 ratings from 1 to 10 each, drawn at random."""
    random = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "userID": [f"ur{n // 12}" for n in range(480)],
            "movieID": [f"tt{random.permutation(30)[0]:04}" for _ in range(480)],
            "originalTitle": "A",
            "rating": random.integers(1, 11, 480),
            "review date": [f"{d} January 2005" for d in random.integers(1, 32, 480)],
        }
    )
    path = tmp_path_factory.mktemp("reviews") / "user_rating.csv"
    frame.to_csv(path, index=False)
    return path


def figures(bench: ModuleType, *arguments: str) -> dict[str, list[str]]:
    """MSE, MAE and R² by row, as texts."""
    result = CliRunner().invoke(bench.main, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    rows = [line.split(" | ") for line in result.output.splitlines() if line.startswith("| ")]
    return {row[0].strip("| "): [cell.split()[0] for cell in row[1:4]] for row in rows[1:]}


def test_only_the_leak_explains_ratings_drawn_at_random(bench: ModuleType, reviews: Path) -> None:
    models = ("--model", "linear", "--model", "ffnn")
    leaky = figures(bench, str(reviews), *models)
    honest = figures(bench, str(reviews), "--features", "honest", *models)
    assert list(leaky) == [f"linear ({LABEL})", f"ffnn ({LABEL})"]
    assert float(leaky[f"linear ({LABEL})"][2]) > 0.95
    assert float(leaky[f"ffnn ({LABEL})"][2]) > 0.4
    assert list(honest) == ["linear", "ffnn"]
    assert all(float(row[2]) < 0.1 for row in honest.values())


def test_a_straight_line_is_exact_in_months_that_train_has_not(
    bench: ModuleType, tmp_path: Path
) -> None:
    """In single precision its error there is .03, the same for every row."""
    random = np.random.default_rng(0)
    months = ("January", "February", "March", "April", "May")
    frame = pd.DataFrame(
        {
            "userID": [f"ur{n // 10}" for n in range(4000)],
            "movieID": [f"tt{random.integers(133):04}" for _ in range(4000)],
            "rating": random.integers(1, 11, 4000),
            "review date": [
                f"{random.integers(1, 29)} {months[n % 10 // 2]} 2005" for n in range(4000)
            ],
        }
    )
    frame.to_csv(tmp_path / "reviews.csv", index=False)
    found = figures(bench, str(tmp_path / "reviews.csv"), "--model", "linear")
    assert found[f"linear ({LABEL})"] == ["0.000", "0.000", "1.000"]


def test_errors_are_on_the_scale_of_the_paper(bench: ModuleType, tmp_path: Path) -> None:
    """Stars count twice: squared errors four times."""
    random = np.random.default_rng(1)
    rows = [f"{u}\t{i}\t{random.integers(1, 6)}\t{u * 50 + i}" for u in range(30) for i in range(9)]
    stars, double = tmp_path / "u.data", tmp_path / "double.data"
    stars.write_text("\n".join(rows))
    parts = [row.split("\t") for row in rows]
    double.write_text("\n".join(f"{u}\t{i}\t{2 * int(r)}\t{t}" for u, i, r, t in parts))
    arguments = ("--features", "honest", "--model", "linear")
    found, expected = (figures(bench, str(path), *arguments) for path in (stars, double))
    np.testing.assert_allclose(
        np.array(found["linear"], float), np.array(expected["linear"], float), atol=0.002
    )


def test_an_lstm_learns_from_the_table(bench: ModuleType, reviews: Path) -> None:
    found = figures(bench, str(reviews), "--model", "rating-lstm")
    assert float(found[f"rating-lstm ({LABEL})"][2]) > 0.2
