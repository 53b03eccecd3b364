"""What the features of [KG-LSTM] are worth: its networks with them as written, and honest ones.

    python bench/leaky_rating.py u.data
    python bench/leaky_rating.py u.data --features honest
    python bench/leaky_rating.py user_rating.csv

Both have the paper's cut: the last 20 % of the rows by time are test, the last 20 % of those before
them valid, which chooses the epochs. As written, the features CONTAIN THE ANSWER: the rating less
the movie's mean stands beside that mean, and moving averages include the rating. Honest ones come
from earlier rows only. The networks are the same; each row is predicted from its features and
its user's earlier rows.

A file has the columns user, item, rating, timestamp, or is the one that the paper used
(https://doi.org/10.21227/br41-bd49), whole or in part. Users with one row are left out, as there.
Errors are on the paper's scale, up to 10: ratings up to 5 count twice. Intervals are 95 %
over users.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import Any

import click
import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from sklearn.linear_model import LinearRegression

from reelgraph.artifacts import Interval
from reelgraph.model.base import TrainingOptions
from reelgraph.model.data import Catalogue, interactions_from_frame
from reelgraph.model.evaluation.rating import rating_metrics
from reelgraph.model.features.builder import FeatureBuilder
from reelgraph.model.features.config import FeatureConfig
from reelgraph.model.features.facts import Facts
from reelgraph.model.features.table import FeatureTable
from reelgraph.model.rating_context import Scale, train_histories
from reelgraph.model.splits.fold_files import read_fold
from reelgraph.model.splits.lookup import bound
from reelgraph.model.splits.splitting import make_split
from reelgraph.model.training.loop import isolated_torch, seed_epoch
from reelgraph.model.training.rated import RatedSequences, RatingLearner, RatingNetwork
from reelgraph.model.zoo.neural_rating import NetworkInputs, NeuralRating
from reelgraph.plugins import manager

MODELS = ("linear", "ffnn", "ncf", "rating-lstm", "rating-attention-lstm")
SHOWN = ("mse", "mae", "r2", "explained_variance", "median_absolute_error")
UNITS = {"mse": 2, "mae": 1, "median_absolute_error": 1}  # power of the ratings' unit
PROTOCOLS: dict[str, tuple[str, dict[str, Any]]] = {
    "leaky": ("seed-leaky", {}),
    "honest": ("global-time", {"train": 0.8, "valid": 0.2}),
}
_ROWS = 1500  # of a batch, about
_PIECES = 64  # asked at once

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Rows:
    """Rows ``user, item, rating, seq, fold``, each user's in time, and their features."""

    frame: pd.DataFrame
    table: FeatureTable
    catalogue: Catalogue

    @property
    def ratings(self) -> Floats:
        return self.frame["rating"].to_numpy(dtype=np.float64)

    def of(self, fold: str) -> npt.NDArray[np.bool_]:
        return self.frame["fold"].to_numpy() == fold

    def sequences(
        self, longest: int, scale: Scale, chosen: npt.NDArray[np.bool_]
    ) -> RatedSequences:
        """The chosen rows, with the features of the table."""
        rows = interactions_from_frame(self.frame[chosen], self.catalogue)
        assert rows.ratings is not None
        histories = train_histories(rows, scale)
        steps = histories.steps.copy()
        steps[:, 2:] = 0  # figures of all rows; what is known of a row stands in the table
        histories = replace(histories, steps=steps, context=self.table.numeric[chosen])
        return RatedSequences(histories, rows.ratings, longest, torch.device("cpu"))


def read(path: Path) -> pd.DataFrame:
    """``user, item, rating, timestamp, seq``, each user's in time; users with one row left out."""
    with path.open(encoding="utf-8", errors="replace") as file:
        reviews = "review date" in file.readline()
    if reviews:
        frame = pd.read_csv(path, encoding_errors="replace")
        frame = frame.rename(columns={"userID": "user", "movieID": "item"})
        days = pd.to_datetime(frame["review date"], format="%d %B %Y")
        frame["timestamp"] = days.astype("datetime64[s]").astype("int64")
        frame = frame.drop_duplicates(["user", "item"])
    else:
        frame = read_fold(path)
        frame = frame.assign(**{n: pd.to_numeric(frame[n]) for n in ("rating", "timestamp")})
    frame = frame[["user", "item", "rating", "timestamp"]]
    frame = frame[frame.groupby("user")["item"].transform("size") > 1]
    frame = frame.sort_values(["user", "timestamp"], kind="stable", ignore_index=True)
    return frame.assign(seq=frame.groupby("user").cumcount() + 1)


def with_features(frame: pd.DataFrame, features: str) -> Rows:
    """The rows with folds, and the table of all features that they can give."""
    name, parameters = PROTOCOLS[features]
    protocol = bound(name, parameters)
    rows = frame.merge(make_split(frame, protocol), on=["user", "item", "seq"], validate="1:1")
    rows = rows.sort_values(["user", "seq"], ignore_index=True)
    items, users = (np.unique(rows[one].to_numpy()) for one in ("item", "user"))
    facts = Facts(
        pd.DataFrame({"userId": users}),
        pd.DataFrame({"itemId": items, "index": range(len(items))}),
        pd.DataFrame({"head": [0], "relation": [""], "tail": [0]}).iloc[:0],
    )
    builder = FeatureBuilder(FeatureConfig(leaky=features == "leaky"), facts, protocol)
    return Rows(rows, builder.fit(rows).transform(rows), Catalogue(items))


def linear(rows: Rows) -> Floats:
    """Least squares on the features.

    In double precision: train has few months, whose columns depend on each other but for rounding.
    In single precision the fit spends that rounding on train, and is wrong in another month.
    """
    x, train = rows.table.numeric.astype(np.float64), rows.of("train")
    found = LinearRegression().fit(x[train], rows.ratings[train])
    return np.asarray(found.predict(x), np.float64)


def network(name: str, rows: Rows, options: TrainingOptions) -> Floats:
    """Fitted on train, epochs by valid; predictions of all rows."""
    cls = manager.models()[name]
    model = cls(cls.config_class())
    assert isinstance(model, NeuralRating)
    config, train = model.config, rows.of("train")
    scale = Scale.of(rows.ratings[train].astype(np.float32))
    whole = rows.sequences(config.history, scale, np.ones(len(train), bool))
    known = rows.sequences(config.history, scale, train)
    mean = max(1.0, float(known.lengths.mean()))
    config = config.model_copy(update={"batch_size": max(16, int(_ROWS / mean))})
    with isolated_torch(options):
        seed_epoch(options.seed, 0)
        made = model.build(
            NetworkInputs(len(rows.catalogue), scale, {}, rows.table.numeric.shape[1])
        )

        def figure() -> float:
            errors = (predicted(made, whole) - rows.ratings)[rows.of("valid")]
            return -float(np.sqrt(np.mean(errors**2)))

        learner = RatingLearner(made, config, known, options, figure, hidden=slice(0, 0))
        learner.learn("")
        return np.clip(predicted(made, whole), scale.low, scale.high)


def predicted(made: RatingNetwork, whole: RatedSequences) -> Floats:
    """Predictions of all rows, in their order."""
    made.eval()
    found = []
    with torch.inference_mode():
        for start in range(0, len(whole.lengths), _PIECES):
            batch = whole.batch(np.arange(start, min(start + _PIECES, len(whole.lengths))))
            found.append(made(batch.histories, batch.asked)[batch.real].double().numpy())
    return np.concatenate(found)


def cell(name: str, interval: Interval, unit: float) -> str:
    factor = unit ** UNITS.get(name, 0)
    mean, low, high = (factor * one for one in (interval.mean, interval.low, interval.high))
    return f"{mean:.3f} [{low:.3f}, {high:.3f}]"


@click.command(help=__doc__)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--features", type=click.Choice(list(PROTOCOLS)), default="leaky", show_default=True)
@click.option("--model", "models", multiple=True, type=click.Choice(MODELS), help="Default: all.")
@click.option("--seed", default=42, show_default=True)
@click.option("--threads", default=1, show_default=True)
def main(file: Path, features: str, models: Sequence[str], seed: int, threads: int) -> None:
    rows = with_features(read(file), features)
    test, ratings = rows.of("test"), rows.ratings
    unit = 2.0 if ratings.max() <= 5 else 1.0
    folds = ", ".join(f"{fold} {rows.of(fold).sum():,}" for fold in ("train", "valid", "test"))
    click.echo(f"{rows.table.label or 'honest features'}: {', '.join(rows.table.names)}")
    click.echo(f"rows: {folds}; left out: {', '.join(rows.table.left_out) or 'nothing'}\n")
    click.echo(f"| model | {' | '.join(SHOWN)} | seconds |\n|{'---|' * (len(SHOWN) + 2)}")
    owners = np.unique(rows.frame["user"].to_numpy(), return_inverse=True)[1]
    for name in models or MODELS:
        started, options = monotonic(), TrainingOptions(seed=seed, threads=threads)
        found = linear(rows) if name == "linear" else network(name, rows, options)
        figures = rating_metrics(ratings[test], found[test], owners[test], seed)
        cells = [cell(one, figures[one], unit) for one in SHOWN]
        label = f"{name} ({rows.table.label})" if rows.table.label else name
        click.echo(f"| {label} | {' | '.join(cells)} | {monotonic() - started:.0f} |")


if __name__ == "__main__":
    main()
