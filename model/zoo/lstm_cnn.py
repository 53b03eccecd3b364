"""The system of [LSTM-CNN]: features of user and movie, the title by an LSTM and a convolution.

See :mod:`.lstm_cnn_network` and :mod:`.title_network` for the mathematics. The defaults are the
paper's sizes and its dropout, as far as it gives them: not the head's, the filters' and the
title's. Its learning rate of .0001 and its five epochs are for batches of
256 rows drawn from all users; here a batch is whole sequences, so the rate is higher, and epochs
are chosen on valid. ``lstm=false`` is the paper's model without the LSTM, which it compares.

What differs: the paper looks the user up by number, among vectors learned beforehand. Here the
user's vector is made of the history (:class:`.rating_network.UserVectors`), so that a row of train
is predicted from the ratings before it, and nobody has to be known beforehand. Gender, age group
and occupation are read as in the paper; they are the query's, and may be absent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import Field

from ...errors import ModelError
from ..base import ModelConfig, Sizes
from ..data import FloatArray, IntArray, Query
from ..needs import Facts, FactsNeed, Need, TextNeed, TrainingData, UserPropertiesNeed
from ..search_space import Between, OneOf, Space
from ..titles import title_codes
from .lstm_cnn_network import CosineHead, DenseHead, ItemFeatures, LSTMCNNNetwork, UserFeatures
from .neural_rating import NetworkInputs, NeuralRating, NeuralRatingConfig
from .title_network import TitleNetwork

#: lower ends of the age groups after 'under 18'
_AGES = (18, 25, 35, 45, 50, 56)
_LEAST = 2  # titles that a word has to be in
_TITLE = TextNeed("title", fallback="movies have no title words")
_GENRES = FactsNeed(fallback="movies have no genres")
_USERS = tuple(
    UserPropertiesNeed((name,), fallback="users are known by their histories alone")
    for name in ("gender", "age", "occupation")
)


class LSTMCNNConfig(NeuralRatingConfig):
    """Parameters of the LSTM-CNN; sizes as in the paper."""

    value_size: int = Field(16, ge=1, description="size of vectors of gender, age and occupation")
    user_layers: tuple[int, int] = Field((128, 200), description="sizes of the user's layers")
    head: Literal["dense", "cosine"] = Field("dense", description="layers, or the angle")
    head_size: int = Field(64, ge=1, description="size of the layer of the dense head")
    lstm: bool = Field(True, description="an LSTM over the title's words; false for the CNN alone")
    windows: tuple[int, ...] = Field((2, 3, 4, 5), min_length=1, description="windows in words")
    filters: int = Field(8, ge=1, description="filters of each window")
    title_length: int = Field(15, ge=1, description="words of a title that are read")
    genre_relations: tuple[str, ...] = Field(
        ("HAS_GENRE", "IN_GENRE"), description="relationships that give a movie's genres"
    )
    dropout: float = Field(0.5, ge=0, lt=1, description="dropout of the title's vector")

    search_space: ClassVar[Mapping[str, Space]] = {
        **NeuralRatingConfig.search_space,
        "filters": OneOf((4, 8, 16)),
        "dropout": Between(0.0, 0.7),
    }


class LSTMCNN(NeuralRating):
    """Predicts ratings; ranks by them."""

    name = "lstm-cnn"
    description = "ratings by title (LSTM and CNN), genres and demographics"
    config_class: ClassVar[type[ModelConfig]] = LSTMCNNConfig

    config: LSTMCNNConfig

    @classmethod
    def needs(cls, config: ModelConfig) -> tuple[Need[Any], ...]:
        return (_TITLE, _GENRES, *_USERS)

    def read(self, data: TrainingData) -> Mapping[str, npt.NDArray[Any]]:
        """Codes of the title's words, and ones where a movie has a genre.

        :raises ModelError: where a table of users does not have a row for each.
        """
        found: dict[str, npt.NDArray[Any]] = {}
        titles, facts = data.get(_TITLE), data.get(_GENRES)
        words = 0
        if titles is not None:
            found["title"], words = title_codes(titles, self.config.title_length, _LEAST)
        if facts is not None:
            found["genres"] = _genres(facts, self.config.genre_relations)
        users = self._users(data)
        values = {str(name): sorted(set(users[name]) - {""}) for name in users}
        self.told = {"words": words, "values": values}
        return {name: one for name, one in found.items() if one.shape[1]}

    def profiles(self, queries: Sequence[Query]) -> IntArray:
        """Codes of gender, age group and occupation, as far as train had them; 0 for unknown."""
        rows = [
            [_value(name, query.known.get(name)) for name in self.told["values"]]
            for query in queries
        ]
        return self._codes(np.array(rows, dtype=object).reshape(len(rows), -1))

    def train_profiles(self, data: TrainingData) -> IntArray:
        return self._codes(self._users(data).to_numpy(dtype=object))

    def build(self, given: NetworkInputs) -> LSTMCNNNetwork:
        config, size = self.config, self.config.embedding_size
        values = [1 + len(one) for one in self.told["values"].values()]
        users = UserFeatures(given.items, size, values, config.value_size, config.user_layers)
        width, longest = config.user_layers[1], given.knowledge.get("title", 0)
        title = self._title_network() if longest else None
        movies = ItemFeatures(
            given.items, size, width, title, given.knowledge.get("genres", 0), longest
        )
        dense = config.head == "dense"
        head = DenseHead(width, config.head_size, given.scale) if dense else CosineHead(given.scale)
        return LSTMCNNNetwork(users, movies, head)

    def cells(self, history: int) -> int:
        return sum(self.config.user_layers) + self.config.user_layers[1] + self.config.head_size

    def memory(self, sizes: Sizes) -> int:
        return super().memory(sizes) + 8 * sizes.items * (self.config.title_length + sizes.facts)

    def _title_network(self) -> TitleNetwork:
        config, words = self.config, self.told["words"]
        return TitleNetwork(
            words,
            config.embedding_size,
            config.windows,
            config.filters,
            config.dropout,
            config.lstm,
        )

    def _users(self, data: TrainingData) -> pd.DataFrame:
        """A row per user of train with what is supplied, as texts; '' for nothing."""
        found = {}
        for need in _USERS:
            if (table := data.get(need)) is not None:
                if len(table) != len(data.train.users):
                    raise ModelError(
                        f"the {need} have {len(table)} rows for {len(data.train.users)} users"
                    )
                (name,) = need.names
                found[name] = [_value(name, one) for one in table[name]]
        return pd.DataFrame(found, index=range(len(data.train.users)), dtype=object)

    def _codes(self, values: npt.NDArray[Any]) -> IntArray:
        """``(rows, P)`` of texts."""
        known = [pd.Index(one, dtype=object) for one in self.told["values"].values()]
        found = np.zeros((len(values), len(known)), np.int64)
        for column, index in enumerate(known):
            found[:, column] = index.get_indexer(pd.Index(values[:, column], dtype=object)) + 1
        return found


def _genres(facts: Facts, relations: Sequence[str]) -> FloatArray:
    """``(items, genres)``: 1 where an item has the genre."""
    chosen = [n for n, name in enumerate(facts.names) if name.split(" ", 1)[0] in relations]
    return np.asarray(facts.rows[:, chosen].todense(), np.float32)


def _value(name: str, value: Any) -> str:
    """What is known of a user as a text, an age as its group; '' for nothing.

    >>> _value("age", 24), _value("occupation", 3.0), _value("gender", None)
    ('1', '3', '')
    """
    if value is None or pd.isna(value):
        return ""
    number = pd.to_numeric(value, errors="coerce")
    if name == "age":
        return "" if pd.isna(number) else str(int(np.digitize(number, _AGES)))
    whole = isinstance(value, float) and value.is_integer()
    return str(int(value)) if whole else str(value)
