"""Options of the source ``imdb``: which rules are applied, with which thresholds."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from ...source import SourceOptions

Preset = Literal["paper-3.2.1", "paper-3.2.4"]

# (averageRating at least, numVotes at least); section 3.2 of [KG-LSTM] names both
PRESETS: dict[str, tuple[float, int]] = {"paper-3.2.1": (4.5, 500), "paper-3.2.4": (6.0, 10)}


class ImdbOptions(SourceOptions):
    """The rules of [KG-LSTM] are the defaults; each can be changed or left out."""

    ratings: Path | None = Field(
        None,
        description="CSV with userID, movieID or tconst, rating, review date; "
        "default: the file user_rating.csv or user_rating.csv.gz beside the IMDb files",
    )
    preset: Preset = Field(
        "paper-3.2.1",
        description="[KG-LSTM] gives two contradictory pairs of thresholds. paper-3.2.1: average "
        "of 4.5 or more, 500 votes or more. paper-3.2.4: average of 6 or more, 10 votes or more. "
        "The first is the default, because it selects less by the rating, which is what models "
        "have to predict",
    )
    min_average: float | None = Field(
        None, ge=0, le=10, description="least averageRating, instead of the preset's; 0: any"
    )
    min_votes: int | None = Field(
        None, ge=0, description="least numVotes, instead of the preset's; 0: any"
    )
    title_type: str = Field("movie", description="titleType of the titles to keep")
    require_year: bool = Field(True, description="drop movies without startYear")
    require_directors: bool = Field(True, description="drop movies without directors")
    require_writers: bool = Field(True, description="drop movies without writers")
    require_genres: bool = Field(True, description="drop movies without genres")
    require_actors: bool = Field(True, description="drop movies without an actor or actress")
    crew: bool = Field(
        True,
        description="take directors and writers from title.crew; --no-crew: from title.principals, "
        "which names fewer",
    )
    min_actor_movies: int = Field(
        2, ge=1, description="drop actors who are in fewer of the kept movies"
    )
    min_director_movies: int = Field(
        1, ge=1, description="drop directors of fewer of the kept movies"
    )
    min_user_ratings: int = Field(2, ge=1, description="drop users with fewer ratings")
    min_movie_ratings: int = Field(1, ge=1, description="drop movies with fewer ratings")
    date_format: str | None = Field(
        None,
        description="how review dates are written, as in %d/%m/%Y; default: recognised from the "
        "whole column",
    )

    @property
    def least_average(self) -> float:
        return PRESETS[self.preset][0] if self.min_average is None else self.min_average

    @property
    def least_votes(self) -> int:
        return PRESETS[self.preset][1] if self.min_votes is None else self.min_votes

    @property
    def needs_title_ratings(self) -> bool:
        return self.least_average > 0 or self.least_votes > 0


def rule_texts(options: ImdbOptions) -> dict[str, str]:
    """How the funnel names the rules that have a threshold."""
    return {
        "average": f"averageRating ≥ {options.least_average:g}",
        "votes": f"numVotes ≥ {options.least_votes}",
        "users": f"ratings of a user ≥ {options.min_user_ratings}",
        "movies": f"ratings of a movie ≥ {options.min_movie_ratings}",
        "actors": f"kept movies of an actor ≥ {options.min_actor_movies}",
        "directors": f"kept movies of a director ≥ {options.min_director_movies}",
    }
