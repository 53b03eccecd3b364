"""A chart: what is drawn, its heading, and the same in words."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

# Okabe and Ito: who confuses red and green tells them apart; the first three also in grey
BLUE, ORANGE, GREEN, RED, SKY, PINK, YELLOW = COLORS = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#D55E00",
    "#56B4E9",
    "#CC79A7",
    "#F0E442",
)
GREY = "#8A929B"
WIDTH = 8.0  # inches
DPI = 150
_STYLE: Mapping[Any, Any] = {
    "axes.prop_cycle": f"cycler('color', {list(COLORS)})",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": "medium",
    "axes.axisbelow": True,
    "grid.color": "#DDDDDD",
    "legend.frameon": False,
    "figure.facecolor": "white",
    "svg.hashsalt": "reelgraph",
    # titles are data: a dollar sign is no formula; tick labels of log axes are set by log_axis
    "text.parse_math": False,
    # titles in other scripts, where such a font is installed
    "font.family": ["DejaVu Sans", "Noto Sans CJK JP", "Noto Sans CJK SC", "sans-serif"],
}


@dataclass(frozen=True)
class Chart:
    """``name`` is its file's; ``text`` says what is seen, with the figures that matter."""

    name: str
    heading: str
    text: str
    figure: Figure


@dataclass(frozen=True)
class Missing:
    """A chart that cannot be drawn, and why."""

    heading: str
    why: str


def library() -> None:
    """:raises InputError: when Matplotlib is not installed."""
    if importlib.util.find_spec("matplotlib") is None:
        raise InputError(
            "charts need Matplotlib, which is not installed",
            "Install it: pip install 'reelgraph[plots]'",
        )


@contextmanager
def style() -> Iterator[None]:
    """Charts that are made inside look alike, whatever the user's settings of Matplotlib are."""
    import matplotlib as mpl

    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_STYLE)
        yield


def new_figure(height: float = 3.6, columns: int = 1, **options: Any) -> tuple[Figure, list[Axes]]:
    """A figure with axes side by side.

    :param height: in inches.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, height), dpi=DPI, layout="constrained")
    axes = figure.subplots(1, columns, squeeze=False, **options)
    return figure, list(axes[0])


def log_axis(axis: Axis) -> None:
    """Ticks at 1, 2, 5, 10 … with plain numbers."""
    from matplotlib.ticker import LogLocator, NullFormatter

    axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter("{x:,g}")
    axis.set_minor_formatter(NullFormatter())


def interval_ends(figures: Sequence[tuple[float, float, float]]) -> list[list[float]]:
    """How far each interval reaches below and above its mean, as Matplotlib wants it.

    :param figures: mean, low, high of each.
    """
    return [
        [max(mean - low, 0) for mean, low, _ in figures],
        [max(high - mean, 0) for mean, _, high in figures],
    ]


def several(count: int, of: str) -> str:
    """``1 user``, ``3 users``."""
    return f"{count:,} {of}{'' if count == 1 else 's'}"


def shortened(text: str, most: int = 34) -> str:
    """A title that fits beside an axis, in one line."""
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
