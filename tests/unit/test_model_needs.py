"""One model for each kind of need: what it declared arrives, what is absent is told, leaks show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pytest
from audited import audited, config, failed, make_run, quiet, settings_of, small_split
from scipy import sparse

from reelgraph.artifacts import SplitFolder, read_parquet, write_parquet
from reelgraph.errors import ArtifactError, InputError, ModelError
from reelgraph.gds_jobs import runner
from reelgraph.gds_jobs.paths import PathsJob
from reelgraph.gds_jobs.paths.job import PathsConfig
from reelgraph.model.base import FitResult, TrainingOptions
from reelgraph.model.data import Catalogue, interactions_from_frame
from reelgraph.model.dataset import make_folds
from reelgraph.model.evaluation.questions import ask
from reelgraph.model.needs import (
    AdjacencyNeed,
    EmbeddingNeed,
    EventFeaturesNeed,
    ItemPropertiesNeed,
    Need,
    PathsNeed,
    Supplied,
    TextNeed,
    TrainingData,
    TriplesNeed,
    UserPropertiesNeed,
)
from reelgraph.model.splits.rules import Rules
from reelgraph.model.suppliers import knowledge
from reelgraph.model.suppliers.fingerprint import fingerprint
from reelgraph.model.zoo.most_popular import MostPopular
from reelgraph.pipeline.inputs import needed_jobs
from reelgraph.pipeline.run import begin_run, run_stage
from reelgraph.plugins import manager
from reelgraph.testing.small_split import ENTITIES, ITEMS, USERS, make_split_folder
from reelgraph.testing.small_split import triples as small_triples

BEGUN = (4, "inputs as the run was begun")
FILES = (4, "files of the data set")
FIGURES = (3, "properties beside figures of all ratings")
AGAIN = (1, "inputs with other test rows")

GOT: dict[str, Any] = {}


class Asks(MostPopular):
    """Keeps what it was given; its counts depend on it, so that a leak changes predictions."""

    need: ClassVar[Need[Any]]

    @classmethod
    def needs(cls, config: Any) -> tuple[Need[Any], ...]:
        return (cls.need,)

    def fit(self, data: TrainingData, options: TrainingOptions) -> FitResult:
        super().fit(data, options)
        GOT[self.name] = data.get(self.need)
        return FitResult()


def asking(name: str, need: Need[Any]) -> type[Asks]:
    return type(name, (Asks,), {"name": name, "need": need})


WITHOUT = "it counts alone"
NEEDS: dict[str, Need[Any]] = {
    "embedding": EmbeddingNeed("given", fallback=WITHOUT),
    "triples": TriplesNeed(),
    "triples-or-not": TriplesNeed(fallback=WITHOUT),
    "paths": PathsNeed((3,)),
    "adjacency": AdjacencyNeed("both"),
    "train-adjacency": AdjacencyNeed("train"),
    "item-properties": ItemPropertiesNeed(("year", "stars")),
    "user-properties": UserPropertiesNeed(("age",)),
    "text": TextNeed("title"),
    "event-features": EventFeaturesNeed(),
    "unknown": ItemPropertiesNeed(("nobody",)),
    "unknown-or-not": ItemPropertiesNeed(("nobody",), fallback=WITHOUT),
}
MODELS = {name: asking(name, need) for name, need in NEEDS.items()}


@pytest.fixture(autouse=True)
def _toys(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    known = {**manager.models(), **MODELS}
    monkeypatch.setattr(manager, "models", lambda: known)
    GOT.clear()
    yield


def add_column(split: SplitFolder, table: str, column: str, values: Any) -> None:
    path = split.dataset.path / f"{table}.parquet"
    write_parquet(path, read_parquet(path).assign(**{column: values}))


def rich_split(folder: Path) -> SplitFolder:
    """The small split, whose items and users have properties from the export."""
    return make_split_folder(
        folder,
        items={
            "title": [f"film {n}" for n in range(ITEMS - 1)] + [None],
            "year": range(1980, 1980 + ITEMS),
            "stars": np.tile([3.0, 1.0, 2.0], ITEMS)[:ITEMS],
        },
        users={"age": range(20, 20 + USERS)},
    )


def paths_of(split: SplitFolder) -> None:
    runner.run_jobs(None, split, [PathsJob(PathsConfig(lengths=(3,)))], progress=False)


def got(folder: Path, name: str) -> Any:
    split = rich_split(folder)
    if name == "paths":
        paths_of(split)
    run = make_run(split, config(name, knowledge="real"))
    assert audited(split, run).passed
    return GOT[name]


def test_triples_arrive(tmp_path: Path) -> None:
    found = got(tmp_path, "triples")
    assert found.nodes == ITEMS + len(ENTITIES)
    names = [found.relations[row] for row in found.rows[:, 1]]
    pairs = zip(found.rows[:, 0].tolist(), names, found.rows[:, 2].tolist(), strict=True)
    wanted = small_triples()
    assert set(pairs) == set(wanted.itertuples(index=False, name=None))


def test_paths_arrive(tmp_path: Path) -> None:
    found = got(tmp_path, "paths")
    assert {len(nodes) for nodes in found.table["nodes"]} == {4}
    named = {found.relations[n] for row in found.table["relations"] for n in row}
    assert named <= set(found.relations) and any("RATED" in name for name in named)


def test_adjacency_arrives(tmp_path: Path) -> None:
    found = got(tmp_path, "adjacency")
    nodes = ITEMS + len(ENTITIES) + USERS
    assert found.shape == (nodes, nodes)
    assert (found != found.T).nnz == 0 and set(found.data) == {1.0}
    head, tail = small_triples().iloc[0][["head", "tail"]]
    assert found[head, tail] == 1
    (split,) = tmp_path.glob("datasets/*/splits/user-time/split.parquet")
    rows = read_parquet(split)
    for fold, joined in (("train", 1), ("test", 0)):
        row = rows[rows["fold"] == fold].iloc[0]
        assert found[ITEMS + len(ENTITIES) + row["user"] - 1, row["item"] - 1] == joined


def test_properties_arrive_in_the_catalogue_s_order(tmp_path: Path) -> None:
    found = got(tmp_path, "item-properties")
    assert list(found) == ["year", "stars"]
    assert found["year"].tolist() == list(range(1980, 1980 + ITEMS))


def test_properties_of_users_arrive_and_queries_carry_them(tmp_path: Path) -> None:
    asked: list[Any] = []

    class Listening(MODELS["user-properties"]):  # type: ignore[misc]
        def score(self, queries: Any, items: Any = None) -> Any:
            asked.extend(queries)
            return super().score(queries, items)

    with pytest.MonkeyPatch.context() as patch:
        known = {**manager.models(), "user-properties": Listening}
        patch.setattr(manager, "models", lambda: known)
        found = got(tmp_path, "user-properties")
    assert found["age"].tolist() == list(range(20, 20 + USERS))
    carried = {query.user: query.known.get("age") for query in asked[-USERS:]}
    assert carried == {user: 19 + user for user in range(1, USERS + 1)}


def test_moving_targets_carry_properties_of_users_too() -> None:
    rows = pd.DataFrame(
        {"user": [1, 1, 2, 2, 2], "item": [5, 6, 5, 6, 7], "seq": [1, 2, 1, 2, 3]}
    ).assign(fold=["train", "test", "train", "test", "test"])
    known = pd.DataFrame({"age": [20, 30]}, index=[1, 2])
    rules = Rules(targets="successive")
    folds = make_folds(rows, Catalogue(np.array([5, 6, 7])), rules, known)
    asked = ask(folds, "test").queries
    assert [query.known for query in asked] == [{"age": 20}, {"age": 30}, {"age": 30}]


def test_texts_arrive(tmp_path: Path) -> None:
    found = got(tmp_path, "text")
    assert found[0] == "film 0" and found[-1] == "" and len(found) == ITEMS


def test_features_of_train_and_valid_arrive_and_no_others(tmp_path: Path) -> None:
    found = got(tmp_path, "event-features")
    assert set(found["fold"]) == {"train", "valid"}
    (split,) = tmp_path.glob("datasets/*/splits/user-time/split.parquet")
    assert len(found) == (read_parquet(split)["fold"] != "test").sum()


def test_an_embedding_arrives_or_the_missing_file_is_told(tmp_path: Path) -> None:
    split = rich_split(tmp_path)
    with pytest.raises(ArtifactError, match="given"):
        begin_run(settings_of(split), split, config("embedding", knowledge="real"), quiet)
    vectors = np.arange(ITEMS * 2, dtype=np.float32).reshape(ITEMS, 2)
    frame = pd.DataFrame({"itemId": range(1, ITEMS + 1), "vector": list(vectors)})
    write_parquet(split.output("embeddings", "given"), frame)
    make_run(split, config("embedding", knowledge="real"))
    np.testing.assert_array_equal(GOT["embedding"], vectors)


# what is absent


def test_a_job_that_could_not_be_run_leaves_the_fallback(tmp_path: Path) -> None:
    split, notes = rich_split(tmp_path), list[str]()
    left_out = {"given": "Graph Data Science is missing"}
    made = config("embedding", knowledge="real")
    run = begin_run(settings_of(split), split, made, notes.append, left_out)
    assert notes == [
        "without embedding given (Graph Data Science is missing): it counts alone",
    ]
    run_stage("train", settings_of(split), run, quiet)
    assert GOT["embedding"] is None


@pytest.mark.parametrize(
    ("name", "told"),
    [("triples", "no knowledge triples"), ("unknown", "no item property 'nobody'")],
)
def test_what_the_data_set_lacks_is_refused_or_left_out(
    tmp_path: Path, name: str, told: str
) -> None:
    split = make_split_folder(tmp_path, knowledge=False)
    with pytest.raises(InputError, match=f"model '{name}' needs .*: the data set has {told}"):
        make_run(split, config(name, knowledge="real"))
    make_run(split, config(f"{name}-or-not", knowledge="real"))
    assert GOT[f"{name}-or-not"] is None


def test_a_run_without_knowledge_has_none(tmp_path: Path) -> None:
    split = rich_split(tmp_path)
    make_run(split, config("triples-or-not"))
    assert GOT["triples-or-not"] is None
    with pytest.raises(InputError, match="the run is without knowledge"):
        make_run(split, config("triples"))
    make_run(split, config("item-properties"))
    assert GOT["item-properties"] is not None  # what the items are is no knowledge graph


def test_shuffled_knowledge_is_other_knowledge(tmp_path: Path) -> None:
    split = rich_split(tmp_path)
    make_run(split, config("triples", knowledge="real"))
    real = GOT["triples"]
    make_run(split, config("triples", knowledge="shuffled"))
    shuffled = GOT["triples"]
    assert len(real) == len(shuffled)
    assert not np.array_equal(real.rows, shuffled.rows)


def test_what_was_not_declared_is_not_given() -> None:
    rows = pd.DataFrame({"user": [1], "item": [5], "seq": [1]})
    data = TrainingData(interactions_from_frame(rows, Catalogue(np.array([5]))))
    with pytest.raises(ModelError, match="was not given its triples"):
        data[TriplesNeed()]
    title = TextNeed("title")
    assert TrainingData(data.train, None, Supplied({title: ("x",)}))[TextNeed("title")] == ("x",)


def test_a_run_is_named_by_what_it_reads(tmp_path: Path) -> None:
    split = rich_split(tmp_path)
    vectors = np.ones((ITEMS, 2), np.float32)
    names = []
    for factor in (1, 2):
        frame = pd.DataFrame({"itemId": range(1, ITEMS + 1), "vector": list(vectors * factor)})
        write_parquet(split.output("embeddings", "given"), frame)
        made = config("embedding", knowledge="real")
        names.append(begin_run(settings_of(split), split, made, quiet))
    assert names[0].run_id != names[1].run_id
    with pytest.raises(ArtifactError, match="begun with another embedding given"):
        run_stage("train", settings_of(split), names[0], quiet)


# leaks


@pytest.mark.parametrize(
    ("name", "table", "column"),
    [
        ("text", "items", "title"),
        ("item-properties", "items", "year"),
        ("user-properties", "users", "age"),
    ],
)
def test_files_changed_after_the_export_fail(
    tmp_path: Path, name: str, table: str, column: str
) -> None:
    """The planted column holds the count of each one's test rows, as text or number."""
    split = rich_split(tmp_path)
    rows = read_parquet(split.split).query("fold == 'test'")
    key = table[:-1]
    counts = rows[key].value_counts()
    ids = read_parquet(split.dataset.path / f"{table}.parquet")[f"{key}Id"]
    planted = [int(counts.get(one, 0)) for one in ids]
    add_column(split, table, column, [str(n) for n in planted] if name == "text" else planted)
    found = failed(audited(split, make_run(split, config(name, knowledge="real"))))
    assert FILES in found


def test_triples_with_test_edges_fail(tmp_path: Path) -> None:
    split = rich_split(tmp_path)
    test = read_parquet(split.split).query("fold == 'test'")
    planted = pd.DataFrame(
        {"head": test["item"] - 1, "relation": "HAS_GENRE", "tail": ITEMS + test["user"] % 2}
    ).astype({"head": "int32", "tail": "int32"})
    path = split.dataset.triples
    both = pd.concat([read_parquet(path), planted]).drop_duplicates(ignore_index=True)
    write_parquet(path, both)
    assert FILES in failed(audited(split, make_run(split, config("triples", knowledge="real"))))


def test_paths_and_vectors_changed_since_the_run_was_begun_fail(tmp_path: Path) -> None:
    split = rich_split(tmp_path)
    paths_of(split)
    run = make_run(split, config("paths", knowledge="real"))
    assert audited(split, run).passed
    path = split.output("paths", "paths")
    write_parquet(path, read_parquet(path).iloc[1:])
    assert BEGUN in failed(audited(split, run))


def test_a_supplier_that_reads_test_rows_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    split = rich_split(tmp_path)

    class Leaking(knowledge.AdjacencySupplier):
        """Takes every row for train."""

        def read(self, need: AdjacencyNeed, place: Any) -> Any:
            with pytest.MonkeyPatch.context() as patch:
                original = knowledge.read_parquet
                patch.setattr(
                    knowledge,
                    "read_parquet",
                    lambda path: (
                        original(path).assign(fold="train")
                        if path.name == "split.parquet"
                        else original(path)
                    ),
                )
                return super().read(need, place)

    honest = make_run(split, config("train-adjacency", knowledge="real"))
    assert audited(split, honest).passed
    known = {**manager.suppliers(), AdjacencyNeed.kind: Leaking()}
    monkeypatch.setattr(manager, "suppliers", lambda: known)
    run = make_run(split, config("train-adjacency", knowledge="real"))
    assert AGAIN in failed(audited(split, run))


@pytest.mark.parametrize("figure", ["size", "mean", "place", "text"])
def test_a_property_that_is_a_figure_of_all_ratings_fails(tmp_path: Path, figure: str) -> None:
    """It was in the graph before the export, so that no fingerprint shows it."""
    rows = read_parquet(small_split(tmp_path / "first").dataset.interactions)
    ratings = rows.groupby("item")["rating"]
    of_items = ratings.agg(figure if figure in ("size", "mean") else "size")
    of_items = of_items.reindex(range(1, ITEMS + 1)).fillna(0)
    if figure == "place":  # 1 for the most rated
        of_items = of_items.rank(ascending=False)
    split = make_split_folder(
        tmp_path / "second",
        items={
            "year": of_items.astype(str if figure == "text" else float).to_numpy(),
            "stars": 1.0,
        },
    )
    report = audited(split, make_run(split, config("item-properties", knowledge="real")))
    assert failed(report) == {FIGURES}
    assert "year of items is the" in report.failed[0].evidence


# fingerprints


def test_fingerprints_follow_the_content() -> None:
    large = np.arange(5000.0)
    changed = large.copy()
    changed[2500] = 0  # where text would be shortened
    values: list[Any] = [
        np.zeros(3, np.float32),
        np.zeros((3, 1), np.float32),
        np.ones(3, np.float32),
        np.ones(3, np.int64),
        pd.DataFrame({"a": [1]}),
        pd.DataFrame({"b": [1]}),
        ("a", "b"),
        ("ab",),
        (large,),
        (changed,),
        {"x": [large, "y"]},
        {"x": [changed, "y"]},
        pd.Series(large),
        pd.Series(changed),
        sparse.csc_array(np.diag(large[:50])),
        sparse.csc_array(np.diag(large[1:51])),
        None,
    ]
    found = [fingerprint(value) for value in values]
    assert len(set(found)) == len(values)
    assert fingerprint(np.ones(3, np.int32)) == fingerprint(np.ones(3, np.int64))
    assert found == [fingerprint(value) for value in values]
    with pytest.raises(ModelError, match="with a object, whose content cannot be compared"):
        fingerprint([object()])


# a model's mistakes in what it declares


def test_needs_are_told_apart_by_their_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Twice(Asks):
        name = "twice"
        need = TextNeed("title")

        @classmethod
        def needs(cls, config: Any) -> tuple[Need[Any], ...]:
            return (PathsNeed((3,)), PathsNeed((5,)))

    class Alike(Twice):
        name = "alike"

        @classmethod
        def needs(cls, config: Any) -> tuple[Need[Any], ...]:
            return (TextNeed("title"), TextNeed("title", fallback="it reads nothing"))

    known = {**manager.models(), "twice": Twice, "alike": Alike}
    monkeypatch.setattr(manager, "models", lambda: known)
    with pytest.raises(InputError, match="asks for job paths twice"):
        needed_jobs(config("twice", knowledge="real"))
    split = rich_split(tmp_path)
    with pytest.raises(InputError, match="needs that have one text"):
        make_run(split, config("alike", knowledge="real"))

    @dataclass(frozen=True)
    class Plain(Need[int]):
        kind: ClassVar[str] = "plain"

        size: int

    assert [str(Plain(1)), str(Plain(2)), str(TriplesNeed())] == ["plain 1", "plain 2", "triples"]


@pytest.mark.slow
def test_a_run_whose_model_asks_for_other_things_now_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    split = rich_split(tmp_path)
    run = begin_run(settings_of(split), split, config("text", knowledge="real"), quiet)
    known = {**manager.models(), "text": asking("text", TextNeed("year"))}
    monkeypatch.setattr(manager, "models", lambda: known)
    with pytest.raises(ArtifactError, match="asked for other things"):
        run_stage("train", settings_of(split), run, quiet)
