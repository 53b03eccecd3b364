"""``evaluate --explanations``: what is true of the reasons shown, by files alone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from audited import config, make_run, quiet, settings_of, small_split
from click.testing import CliRunner, Result

from reelgraph.artifacts import (
    RunExplanations,
    RunFolder,
    SplitFolder,
    read_parquet,
    read_record,
    write_parquet,
)
from reelgraph.cli.root import main
from reelgraph.errors import ModelError
from reelgraph.model.base import Model
from reelgraph.model.data import IntArray, Query
from reelgraph.model.evaluation.path_quality import (
    linking_interaction_recency,
    shared_entity_popularity,
)
from reelgraph.model.explainers.base import Explainer
from reelgraph.model.explainers.guard import guarded
from reelgraph.model.triples import Triples
from reelgraph.pipeline.explanations import evaluate_explanations
from reelgraph.pipeline.stages.work import work_of


def call(split: SplitFolder, *arguments: str) -> Result:
    command = ["--workspace", str(settings_of(split).workspace), "evaluate", *arguments]
    return CliRunner().invoke(main, command, env={"COLUMNS": "200"})


def measured(split: SplitFolder, run: RunFolder) -> RunExplanations:
    return evaluate_explanations(work_of(settings_of(split), run, quiet), 10, 42)


def test_figures_of_a_run(tmp_path: Path) -> None:
    split = small_split(tmp_path)
    run = make_run(split, config("ease"))
    answer = call(split, "--explanations", "--json")
    assert answer.exit_code == 0, answer.output
    found = read_record(run.explanations, RunExplanations)
    assert json.loads(answer.stdout) == found.dump()
    assert (found.users, found.coverage, found.path_validity, found.time_validity) == (6, 1, 1, 1)
    assert set(found.paths) == {"lir", "sep", "etd"}
    assert all(0 <= one.low <= one.mean <= one.high <= 1 for one in found.paths.values())
    ways = found.explainers
    assert {"random", "most recent first", "greedy", "attention", "counterfactual"} <= set(ways)
    assert (ways["random"].closed, ways["greedy"].closed) == (0, 1)
    assert ways["attention"].closed == pytest.approx(1, abs=1e-4)  # EASE is a sum
    assert ways["attention"].tau is not None and ways["attention"].tau.mean == pytest.approx(1)
    assert "the run reads no vectors" in found.left_out["similar by knowledge"]
    assert "--beside" in found.left_out["top-5 Jaccard over seeds"]
    text = call(split, "--explanations", run.run_id, "--users", "3").output
    assert "100.0% with evidence" in text and "The best item of 3 users" in text


def test_reasons_that_are_not_true_are_found(tmp_path: Path) -> None:
    split = small_split(tmp_path)
    run = make_run(split, config("ease"))
    rows = read_parquet(run.predictions)
    known = read_parquet(split.dataset.interactions).groupby("user")["item"].agg(set)
    other = [next(i for i in range(1, 15) if i not in known[user]) for user in rows["user"]]
    rows["evidenceIds"] = [
        [item, *ids[1:]] for item, ids in zip(other, rows["evidenceIds"], strict=True)
    ]
    write_parquet(run.predictions, rows)
    assert 0 < measured(split, run).path_validity < 1
    rows["evidenceIds"] = [[] if n % 2 else ids for n, ids in enumerate(rows["evidenceIds"])]
    write_parquet(run.predictions, rows)
    assert measured(split, run).coverage == pytest.approx(0.5, abs=0.05)


def test_a_split_that_reads_later_events_is_not_in_time(tmp_path: Path) -> None:
    rows = read_parquet(small_split(tmp_path).dataset.interactions)
    files = {}
    for name, part in (("test", rows[rows["seq"] == 1]), ("train", rows[rows["seq"] > 1])):
        files[name] = str(tmp_path / f"{name}.csv")
        part[["user", "item"]].to_csv(files[name], index=False)
    split = small_split(tmp_path, "given", **files)
    found = measured(split, make_run(split, config("ease")))
    assert found.path_validity == 1 and found.time_validity is not None
    assert found.time_validity < 0.5


def test_runs_of_other_seeds_stand_beside(tmp_path: Path) -> None:
    split = small_split(tmp_path)
    first = make_run(split, config("attention-lstm"))
    second = make_run(split, config("attention-lstm", seed=7))
    ease = make_run(split, config("ease"))
    answer = call(split, first.run_id, "--explanations", "--beside", second.run_id, "--json")
    assert answer.exit_code == 0, answer.output
    found = read_record(first.explanations, RunExplanations)
    assert found.beside == (second.run_id,)
    one = found.explainers["attention"].jaccard
    assert one is not None and 0 < one.mean <= 1
    assert found.explainers["random"].jaccard is None
    for arguments, said in (
        ([first.run_id, "--explanations", "--beside", ease.run_id], "with another seed"),
        ([first.run_id, "--explanations", "--beside", first.run_id], "with another seed"),
        ([first.run_id, "--explanations", "--slices"], "--slices does not go with"),
        ([first.run_id, "--users", "3"], "Give --explanations"),
    ):
        answer = call(split, *arguments)
        assert (answer.exit_code, said in answer.output) == (2, True), answer.output


def test_a_model_without_evidence_is_explained_from_outside(tmp_path: Path) -> None:
    split = small_split(tmp_path)
    found = measured(split, make_run(split, config("most-popular")))
    assert "gives no evidence" in found.left_out["attention"]
    assert found.coverage == 0 and "counterfactual" in found.explainers
    assert (found.edges, found.path_validity) == (0, None)
    rating = make_run(split, config("bias"))
    answer = call(split, rating.run_id, "--explanations")
    assert answer.exit_code == 2 and "predicts ratings" in answer.output


def test_recency_and_popularity_by_hand() -> None:
    decay = 2 / 11
    second = (1 - decay) * 10 + decay * 20
    third = (1 - decay) * second + decay * 20
    expected = [0, (second - 10) / (third - 10), 1]
    assert linking_interaction_recency(np.array([10, 20, 20])) == pytest.approx(expected)
    assert linking_interaction_recency(np.array([7])).tolist() == [0]
    rows = np.array([[0, 0, 3], [1, 0, 3], [2, 0, 4], [2, 1, 4], [5, 1, 0], [5, 1, 1], [5, 1, 2]])
    found = shared_entity_popularity(Triples(rows, 6, ("DIRECTED", "WROTE")), n_items=3)
    assert found == {(0, 3): 1, (0, 4): 0, (1, 4): 0, (1, 5): 1}
    # an item with more entities than any entity has items is none of them
    crowded = np.array([[0, 0, n] for n in range(3, 9)] + [[1, 0, 3]])
    assert shared_entity_popularity(Triples(crowded, 9, ("DIRECTED",)), n_items=3)[0, 3] == 1


class Wrong(Explainer):
    """Answers what it is told to."""

    name = "wrong"
    description = "wrong answers"
    answer: Any = None

    def contributions(self, model: Model, queries: Sequence[Query], items: IntArray) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (ValueError("no idea"), "failed: ValueError: no idea"),
        ([], "no list of 1 arrays"),
        ([np.zeros(2)], "shape .2,. for a history of 3 events"),
        ([np.array([1, np.nan, 2])], "not finite"),
    ],
)
def test_wrong_answers_of_an_explainer_are_named(answer: Any, said: str) -> None:
    explainer = guarded(Wrong())
    explainer.answer = answer  # type: ignore[attr-defined]
    with pytest.raises(ModelError, match=f"explainer 'wrong' .*{said}"):
        explainer.contributions(None, [Query(1, np.arange(3))], np.array([0]))  # type: ignore[arg-type]
