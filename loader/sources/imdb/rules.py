"""The rules of section 3.2 of [KG-LSTM], applied until all of them hold at once.

Rules about titles alone come first. Then users with few ratings and movies with few ratings
drop each other, which is repeated until neither does; the result does not depend on the
order of rows or of rules, because what a rule drops in a set it drops in every subset of it.
Actors and directors are counted last, in the movies that are left. A movie whose actors are
all dropped stays: [KG-LSTM] asks for its presence in the files, not for famous actors.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from ....errors import InputError
from .membership import among
from .options import ImdbOptions, rule_texts
from .ratings import Mask, UserRatings


@dataclass
class MovieSelection:
    """What the rules have left so far, and the funnel: counts after each rule.

    - ``titles``: by itemId
    - ``kept``: which rows of the ratings
    - ``credits``: ``type, person, itemId``, once they are read
    """

    ratings: UserRatings
    titles: pd.DataFrame
    kept: Mask
    credits: pd.DataFrame | None = None
    funnel: list[dict[str, Any]] = field(default_factory=list)

    def record(self, rule: str, movies: int | None = None) -> None:
        """Add a row to the funnel. :raises InputError: when nothing is left."""
        users = np.bincount(self.ratings.user[self.kept], minlength=1)
        row = {
            "rule": rule,
            "movies": len(self.titles) if movies is None else movies,
            "people": None if self.credits is None else self.credits["person"].nunique(),
            "users": int((users > 0).sum()),
            "ratings": int(self.kept.sum()),
        }
        self.funnel.append(row)
        if not row["movies"] or not row["ratings"]:
            raise InputError(
                f"{self.ratings.where}: no movies with ratings are left after '{rule}'",
                "Use files that belong together, or other thresholds. Left after each rule:\n"
                + "\n".join(
                    f"  {one['rule']}: {one['movies']} movies, {one['ratings']} ratings"
                    for one in self.funnel
                ),
            )

    def keep_titles(self, rule: str, wanted: Any) -> None:
        """Keep these titles (NA: not), and the ratings and credits about them."""
        self.titles = self.titles[
            pd.Series(wanted, index=self.titles.index).fillna(False).astype(bool)
        ]
        known = among(self.ratings.items, self.titles.index)
        self.kept = self.kept & known[self.ratings.item]
        if self.credits is not None:
            self.credits = self.credits[among(self.credits["itemId"], self.titles.index)]
        self.record(rule)

    def keep_ratings(self, rule: str, wanted: Mask) -> None:
        self.kept = self.kept & wanted
        self.record(rule)

    def keep_credits(self, rule: str, kind: str, least: int) -> None:
        """Keep people who have this kind of credit in at least so many movies."""
        assert self.credits is not None
        of_kind = self.credits["type"] == kind
        movies = self.credits[of_kind].groupby("person")["itemId"].nunique()
        enough = among(self.credits["person"], movies.index[movies >= least])
        self.credits = self.credits[~of_kind | enough]
        self.record(rule)

    def have_credit(self, kind: str) -> Any:
        """Which titles have a credit of this kind."""
        assert self.credits is not None
        return among(self.titles.index, self.credits.loc[self.credits["type"] == kind, "itemId"])


def settle(selection: MovieSelection, options: ImdbOptions) -> None:
    """Users and movies with enough ratings, then the people with enough of these movies."""
    texts = rule_texts(options)
    ratings, round_ = selection.ratings, 1
    while True:
        before, rows = len(selection.titles), int(selection.kept.sum())
        again = f" (round {round_})" if round_ > 1 else ""
        by_user = np.bincount(ratings.user[selection.kept], minlength=len(ratings.users))
        enough = by_user[ratings.user] >= options.min_user_ratings
        selection.keep_ratings(texts["users"] + again, enough)
        by_item = np.bincount(ratings.item[selection.kept], minlength=len(ratings.items))
        rated = ratings.items[by_item >= options.min_movie_ratings]
        selection.keep_titles(texts["movies"] + again, among(selection.titles.index, rated))
        if (len(selection.titles), int(selection.kept.sum())) == (before, rows):
            break
        round_ += 1
    if round_ > 1:
        del selection.funnel[-2:]  # the last round only saw that nothing changed
    selection.keep_credits(texts["actors"], "ACTED_IN", options.min_actor_movies)
    selection.keep_credits(texts["directors"], "DIRECTED", options.min_director_movies)
