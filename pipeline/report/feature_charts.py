"""How the features of ratings go together: figure 6 of [KG-LSTM], with features from the past."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from ...artifacts import SplitFolder
from ...model.features.builder import FeatureBuilder
from ...model.features.config import FeatureConfig
from ...model.features.facts import Facts
from ...model.features.files import load_rows
from ...model.splits.base import Protocol
from .chart import Chart, Missing, new_figure

_HEADING = "Correlation of features"
_LEAST = 3  # rows that have both features
_MOST = 5_000_000  # rows; their features take 1 KB each


def feature_chart(split: SplitFolder, protocol: Protocol) -> Chart | Missing:
    """Pearson correlations of the ratings of train and their features, each from earlier rows."""
    rows = load_rows(split)
    rows = rows[rows["fold"] == "train"].reset_index(drop=True)
    if len(rows) > _MOST:
        return Missing(_HEADING, f"{len(rows):,} ratings of train are more than {_MOST:,}")
    config = FeatureConfig(leaky=protocol.leaky_features, raw=False, title=False)
    values = FeatureBuilder(config, Facts.of(split.dataset), protocol).raw(rows)
    if "rating" in rows:
        values.insert(0, "rating", rows["rating"].to_numpy(float))
    return correlation_chart(values, protocol.label if config.leaky else "")


def correlation_chart(values: pd.DataFrame, label: str = "") -> Chart | Missing:
    """:param values: a column per feature, NaN where it is not known; constant ones are left out.

    :param label: what a reader must know of the features.
    """
    told = values.loc[:, values.std(ddof=0) > 0]
    names = [str(name) for name in told]
    found = told.corr(min_periods=_LEAST).to_numpy(float)
    if len(names) < 2:
        return Missing(_HEADING, "there are no two features that vary")
    figure, (axes,) = new_figure(height=6.6)
    image = axes.imshow(found, cmap="RdBu_r", vmin=-1, vmax=1)
    places = np.arange(len(names))
    axes.set_xticks(places, names, rotation=90, fontsize=8)
    axes.set_yticks(places, names, fontsize=8)
    axes.tick_params(length=0)
    for y, x in np.ndindex(found.shape):
        value = found[y, x]
        if x < y and abs(value) >= 0.1:
            color = "white" if abs(value) > 0.6 else "black"
            axes.text(x, y, f"{value:.1f}", ha="center", va="center", fontsize=6, color=color)
    figure.colorbar(image, ax=axes, shrink=0.6, label="Pearson correlation")
    text = f"{len(told):,} ratings of train, each with what was known before it."
    said = f"{text} {_most(found, names)} {label}".strip()
    return Chart("features", _HEADING, said, figure)


def _most(found: npt.NDArray[np.float64], names: list[str]) -> str:
    """Which two features go together most; where there are ratings, what goes with these."""
    others = np.nan_to_num(found - np.eye(len(names)))
    if names[0] == "rating":
        best = 1 + np.argsort(-np.abs(others[0, 1:]), kind="stable")[:3]
        listed = ", ".join(f"{names[one]} ({others[0, one]:+.2f})" for one in best)
        return f"Most correlated with the rating: {listed}."
    first, second = np.unravel_index(np.abs(others).argmax(), others.shape)
    return f"Most correlated: {names[first]} and {names[second]} ({others[first, second]:+.2f})."
