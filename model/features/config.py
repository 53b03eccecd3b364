"""Which features are made, and how."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

History = Literal["frozen", "rolling"]


class FeatureConfig(BaseModel):
    """Configuration of the feature builder; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    time: bool = Field(True, description="year, month, quarter, weekday, week, days since the last")
    interaction: bool = Field(True, description="counts of user and movie, their difference, genre")
    statistics: bool = Field(True, description="deviation, means and moving averages of ratings")
    cyclical: bool = Field(True, description="hour, weekday and month as sine and cosine")
    raw: bool = Field(True, description="user, movie, year, and the lists of entities")
    demographics: bool = Field(True, description="age, gender and occupation")
    title: bool = Field(True, description="words of the title as numbers")
    history: History = Field(
        "frozen",
        description="frozen: test events see what is known at the cut; rolling: all earlier rows",
    )
    leaky: bool = Field(
        False,
        description="[KG-LSTM]'s features as written, which contain the answer; only seed-leaky",
    )
    ewma_half_life: float = Field(
        5, gt=0, description="events after which a rating counts half in the moving averages"
    )
    lists: dict[str, tuple[str, ...]] = Field(
        {
            "genres": ("HAS_GENRE", "IN_GENRE"),
            "directors": ("DIRECTED",),
            "actors": ("ACTED_IN",),
        },
        description="lists of a movie's entities: name and relationship types",
    )
    list_length: int = Field(8, ge=1, description="entities per list, the most frequent first")
    title_words: int = Field(5000, ge=1, description="words in the titles' vocabulary, at most")
    title_length: int = Field(15, ge=1, description="words kept per title")

    @property
    def ewma_alpha(self) -> float:
        """Weight of the newest rating in a moving average: 1 - .5^(1 / half-life)."""
        return float(1 - 0.5 ** (1 / self.ewma_half_life))
