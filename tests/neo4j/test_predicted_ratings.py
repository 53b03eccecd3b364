"""Predicted ratings on the relationships of the ranking run: content, switches, kills, deletion."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner, Result
from folder_manifests import audit_record
from small_runs import (
    TOP,
    USERS,
    content,
    counts,
    make_rating_run,
    make_ratings,
    make_run,
)
from stopping import Interrupted, Stopping

from reelgraph.artifacts import RunFolder, SplitFolder, read_parquet, write_parquet
from reelgraph.cli import main
from reelgraph.errors import ArtifactError
from reelgraph.graph.connection import Graph
from reelgraph.graph.results_lock import holding_results
from reelgraph.results import relationships, run_graph, runs
from reelgraph.results.predicted_ratings import PredictedRatings, add_ratings
from reelgraph.results.writeback import write_run

pytestmark = pytest.mark.neo4j


def write(
    graph: Graph, run: RunFolder, split: SplitFolder, ratings: PredictedRatings | None = None
) -> Any:
    return write_run(graph, run, split, progress=False, grace=0.0, ratings=ratings)


def ranking_run(split: SplitFolder, seed: int) -> RunFolder:
    return make_run(split, f"lstm-{seed}", seed=seed, vectors=False)


def rating_run(split: SplitFolder, seed: int) -> RunFolder:
    return make_rating_run(split, f"bias-{seed}", seed=seed)


def shown(graph: Graph, user: int = 1) -> list[dict[str, Any]]:
    return graph.run("analyst/recommendations", userId=user, n=TOP).rows


def check_pointer(graph: Graph) -> None:
    """A ranking run never names another rating run than the active one."""
    wrong = graph.run_text(
        """
        MATCH (run:Run)
        WHERE run.ratingRunId IS NOT NULL
          AND NOT EXISTS { (:Task {name: 'rating', activeRunId: run.ratingRunId}) }
        RETURN run.runId AS run
        """
    )
    assert wrong.rows == []


def test_in_either_order_the_same_is_written(graph: Graph, split: SplitFolder) -> None:
    ranking, rating = ranking_run(split, 1), rating_run(split, 3)
    write(graph, ranking, split)
    assert {row["predictedRating"] for row in shown(graph)} == {None}
    write(graph, rating, split, make_ratings(split, rating, ranking, seed=3, to=rating))
    second_pass = content(graph)["relationships"]
    for row in shown(graph, 7):
        assert row["predictedRating"] == pytest.approx(3 + row["itemId"] / 100 + 7 / 10000)
    runs.delete_run(graph, "lstm-1", force=True, grace=0.0)
    counters = write(
        graph, ranking, split, make_ratings(split, rating, ranking, seed=3, to=ranking)
    )
    assert content(graph)["relationships"] == second_pass
    assert counters.relationships_created == sum(
        n for (run, _), n in counts(graph).items() if run == "lstm-1"
    )
    check_pointer(graph)


def test_twice_changes_nothing(graph: Graph, split: SplitFolder) -> None:
    ranking, rating = ranking_run(split, 1), rating_run(split, 3)
    write(graph, ranking, split)
    ratings = make_ratings(split, rating, ranking, seed=3, to=rating)
    write(graph, rating, split, ratings)
    before = content(graph)
    assert str(write(graph, rating, split, ratings)) == "nothing changed"
    assert str(write(graph, ranking, split, ratings)) == "nothing changed"
    assert content(graph) == before


def test_what_the_rating_run_cannot_say_is_absent(graph: Graph, split: SplitFolder) -> None:
    ranking, rating = ranking_run(split, 1), rating_run(split, 3)
    write(graph, ranking, split)
    ratings = make_ratings(split, rating, ranking, seed=3, to=rating)
    frame = read_parquet(ratings.path)
    frame.loc[frame["rank"] == 2, "predictedRating"] = None
    write_parquet(ratings.path, frame)
    write(graph, rating, split, ratings)
    missing = [row["rank"] for row in shown(graph) if row["predictedRating"] is None]
    assert missing == [2]
    best = graph.run("analyst/favourites", userId=1, n=TOP).rows
    assert len(best) == TOP - 1
    assert [row["predictedRating"] for row in best] == sorted(
        (row["predictedRating"] for row in shown(graph) if row["rank"] != 2), reverse=True
    )


def test_ratings_of_another_run_or_list_are_not_written(graph: Graph, split: SplitFolder) -> None:
    ranking, rating = ranking_run(split, 1), rating_run(split, 3)
    write(graph, rating, split)
    other = make_ratings(split, rating_run(split, 4), ranking, seed=4, to=ranking)
    write(graph, ranking, split, other)
    assert {row["predictedRating"] for row in shown(graph)} == {None}
    right = make_ratings(split, rating, ranking, seed=3, to=ranking)
    frame = read_parquet(right.path)
    write_parquet(right.path, pd.DataFrame(frame.iloc[::-1]))
    runs.delete_run(graph, "lstm-1", force=True, grace=0.0)
    with pytest.raises(ArtifactError, match="is not for these recommendations: column user"):
        write(graph, ranking, split, right)


def test_deleting_the_rating_run_removes_what_it_predicts(graph: Graph, split: SplitFolder) -> None:
    kept, ranking, rating = ranking_run(split, 2), ranking_run(split, 1), rating_run(split, 3)
    write(graph, kept, split)
    runs.keep(graph, "lstm-2")
    write(graph, rating, split, make_ratings(split, rating, kept, seed=3, to=rating))
    write(graph, ranking, split, make_ratings(split, rating, ranking, seed=3, to=ranking))
    rated = (
        "MATCH ()-[r:RECOMMENDED {ratingRunId: 'bias-3'}]->() RETURN r.runId AS run, count(r) AS n"
    )
    assert {row["run"]: row["n"] for row in graph.run_text(rated).rows} == {
        "lstm-1": USERS * TOP,
        "lstm-2": USERS * TOP,
    }
    runs.delete_run(graph, "bias-3", force=True, grace=0.0)
    left = "MATCH ()-[r:RECOMMENDED]->() WHERE r.predictedRating IS NOT NULL RETURN r"
    assert graph.run_text(rated).rows == graph.run_text(left).rows == []
    assert [row["predictedRating"] for row in shown(graph)] == [None] * TOP
    check_pointer(graph)
    assert counts(graph)["lstm-1", "RECOMMENDED"] == USERS * TOP


def test_a_kept_run_shows_no_ratings_of_a_run_that_was_replaced(
    graph: Graph, split: SplitFolder, tmp_path: Path
) -> None:
    first, second = ranking_run(split, 1), ranking_run(split, 2)
    old, new = rating_run(split, 3), rating_run(split, 4)
    write(graph, first, split)
    runs.keep(graph, "lstm-1")
    write(graph, old, split, make_ratings(split, old, first, seed=3, to=old))
    write(graph, second, split, make_ratings(split, old, second, seed=3, to=second))
    write(graph, new, split, make_ratings(split, new, second, seed=4, to=new))
    runs.activate(graph, "lstm-1", tmp_path / "runs", progress=False, grace=0.0)
    assert {row["predictedRating"] for row in shown(graph)} == {None}
    ratings = make_ratings(split, new, first, seed=4, to=new)
    holding_results(graph, lambda: add_ratings(graph, ratings, 0.0))
    assert {int(row["predictedRating"]) for row in shown(graph)} == {4}
    check_pointer(graph)


def rating_audits(graph: Graph, item: int) -> set[Any]:
    """What stands beside the predicted ratings of every query that shows some."""
    user, asked = {"userId": 1}, {"item": item}
    rows = [
        *shown(graph),
        *graph.run("analyst/top_titles", **user).rows,
        *graph.run("analyst/favourites", **user).rows,
        *graph.run("analyst/audience", **asked).rows,
        *graph.run("analyst/recommended_item", **user, **asked).rows,
    ]
    assert all(row["predictedRating"] is not None for row in rows)
    assert {row.get("audit", "passed") for row in rows} == {"passed"}
    return {row["ratingAudit"] for row in rows}


def test_predicted_ratings_are_labelled_by_the_audit_of_their_run(
    graph: Graph, server: Any, split: SplitFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    ranking, rating = ranking_run(split, 1), rating_run(split, 3)
    ranking.update(audit=audit_record(True))
    write(graph, ranking, split)
    item = shown(graph)[0]["itemId"]
    assert {row["ratingAudit"] for row in shown(graph)} == {None}
    asked = ["recommend", "1"], ["explain", "1", str(item)]

    def call(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["--workspace", str(tmp_path), *arguments])

    for passed, label, said in (
        (None, "not audited", "run bias-3 was not audited"),
        (True, "passed", ""),
        (False, "LEAKS", "LEAKS: run bias-3 failed its audit"),
    ):
        rating.update(audit=None if passed is None else audit_record(passed))
        write(graph, rating, split, make_ratings(split, rating, ranking, seed=3, to=rating))
        assert rating_audits(graph, item) == {label}
        for arguments in asked:
            out = call(*arguments)
            assert ("predicted rating (LEAKS)" in out.stdout) is (label == "LEAKS")
            assert out.stderr.startswith(said) and bool(said) is ("audit" in out.stderr)
            found = json.loads(call(*arguments, "--json").stdout)
            rows = found if isinstance(found, list) else [found]
            assert {(row["audit"], row["ratingAudit"]) for row in rows} == {("passed", label)}
    rating.update(audit=audit_record(True))
    write(graph, rating, split)
    graph.run_text("MATCH (r:Run {task: 'rating'}) SET r.label = 'LEAKS THE TARGET'", write=True)
    assert rating_audits(graph, item) == {"LEAKS"}  # as on seed-leaky
    assert "predicted rating (LEAKS)" in call(*asked[0]).stdout
    overview = graph.run("analyst/run_overview").rows
    assert [row["auditPassed"] for row in overview if row["runId"] == "bias-3"] == [False]


def test_readers_of_several_kept_rating_runs_are_waited_for_once(
    graph: Graph, split: SplitFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    ranking = ranking_run(split, 1)
    write(graph, ranking, split)
    for seed in (3, 4):
        write(graph, rating_run(split, seed), split)
        runs.keep(graph, f"bias-{seed}")
    write(graph, rating_run(split, 5), split)
    new, grace, waited = rating_run(split, 6), 1000.0, []
    ratings = make_ratings(split, new, ranking, seed=6, to=new)
    sleep = time.sleep
    monkeypatch.setattr(time, "sleep", lambda s: waited.append(s) if s > grace / 2 else sleep(s))
    write_run(graph, new, split, progress=False, grace=grace, ratings=ratings)
    assert waited[0] == grace  # before the first row is overwritten
    assert len(waited) <= 2  # and before run 5, which no pretended second has passed for, goes


# --- switches under readers -----------------------------------------------------------

_MAKE_DENSE = """
MATCH (n:User|Item)
UNWIND range(1, 50) AS i
CREATE (n)-[:PADDING]->(:Padding)
"""


def test_readers_see_one_rating_run_or_none_during_switches(
    graph: Graph, split: SplitFolder
) -> None:
    graph.run_text(_MAKE_DENSE, write=True)
    rankings, ratings = (
        [ranking_run(split, seed) for seed in (1, 2)],
        [rating_run(split, seed) for seed in (3, 4, 5)],
    )
    write(graph, rankings[0], split)
    made = make_ratings(split, ratings[0], rankings[0], seed=3, to=ratings[0])
    write(graph, ratings[0], split, made)
    done, grace = threading.Event(), 1.0
    seen: list[tuple[int, frozenset[int | None]]] = []

    def read(user: int) -> None:
        while not done.is_set():
            began = time.monotonic()
            rows = shown(graph, user)
            if time.monotonic() - began < grace:  # what the grace period promises to cover
                numbers = [row["predictedRating"] for row in rows]
                seen.append((len(rows), frozenset(n if n is None else int(n) for n in numbers)))

    def wait_for(kind: int) -> None:
        until = time.monotonic() + 60
        while (TOP, frozenset({kind})) not in seen and time.monotonic() < until:
            time.sleep(0.01)

    readers = [threading.Thread(target=read, args=(user,)) for user in (1, 2)]
    for reader in readers:
        reader.start()
    try:
        wait_for(3)
        for rating, ranking, to, seed in (
            (ratings[1], rankings[0], ratings[1], 4),  # the rating run is replaced
            (ratings[1], rankings[1], rankings[1], 4),  # the ranking run is
            (ratings[2], rankings[1], ratings[2], 5),
        ):
            made = make_ratings(split, rating, ranking, seed=seed, to=to)
            write_run(graph, to, split, progress=False, grace=grace, ratings=made)
            wait_for(seed)
    finally:
        done.set()
        for reader in readers:
            reader.join()
    assert {kind for _, kind in seen} >= {frozenset({3}), frozenset({4}), frozenset({5})}
    assert [row for row in seen if row[0] != TOP or len(row[1]) != 1] == []
    assert {int(row["predictedRating"]) for row in shown(graph)} == {5}


# --- interruption ---------------------------------------------------------------------


@pytest.fixture
def stopping(server: Any, graph: Graph, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(run_graph, "_GROUPS_A_BATCH", 10)
    monkeypatch.setattr(relationships, "_ROWS_A_BATCH", 200)
    with Stopping(server.uri, server.username, server.password, server.database) as one:
        yield one


def check_between(graph: Graph) -> None:
    """Whatever happened, every list is there, with the predictions of one run or none."""
    check_pointer(graph)
    for user in (1, 17, 40):
        numbers = [row["predictedRating"] for row in shown(graph, user)]
        assert len(numbers) == TOP
        assert len({n if n is None else int(n) for n in numbers}) == 1


@pytest.mark.parametrize("replaced", ["rating", "ranking"])
def test_interrupted_anywhere_and_done_again(
    graph: Graph, stopping: Stopping, split: SplitFolder, replaced: str
) -> None:
    ranking, old = ranking_run(split, 1), rating_run(split, 3)
    write(graph, ranking, split)
    before = make_ratings(split, old, ranking, seed=3, to=old)
    write(graph, old, split, before)
    if replaced == "rating":
        back, new = old, rating_run(split, 4)
        ratings = make_ratings(split, new, ranking, seed=4, to=new)
    else:
        back, new = ranking, ranking_run(split, 2)
        ratings = make_ratings(split, old, new, seed=3, to=new)
    stopping.arm(-1)
    write(stopping, new, split, ratings)
    calls, undisturbed = stopping.calls, content(graph)
    for stop_at in range(9, calls, 6):
        write(graph, back, split, before)
        stopping.arm(stop_at, after=stop_at % 12 == 3)
        with pytest.raises(Interrupted):
            write(stopping, new, split, ratings)
        check_between(graph)
        write(graph, new, split, ratings)
        assert content(graph) == undisturbed, f"stopped at statement {stop_at} of {calls}"


def test_a_part_with_other_predictions_is_written_anew(
    graph: Graph, stopping: Stopping, split: SplitFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relationships, "_ROWS_A_BATCH", 40)  # 20 statements, so 14 is among them
    ranking, old, new = ranking_run(split, 1), rating_run(split, 3), rating_run(split, 4)
    write(graph, old, split)
    stopping.arm(14)
    with pytest.raises(Interrupted):
        write(stopping, ranking, split, make_ratings(split, old, ranking, seed=3, to=ranking))
    begun = "MATCH (r:Run {runId: 'lstm-1'}) RETURN r.status AS status, r.ratingRunId AS rating"
    assert graph.run_text(begun).single() == {"status": "writing", "rating": "bias-3"}
    assert 0 < counts(graph)["lstm-1", "RECOMMENDED"] < USERS * TOP
    write(graph, new, split)
    write(graph, ranking, split, make_ratings(split, new, ranking, seed=4, to=ranking))
    assert counts(graph)["lstm-1", "RECOMMENDED"] == USERS * TOP
    assert {int(row["predictedRating"]) for row in shown(graph)} == {4}
    check_between(graph)


_KILLED = """
import os, signal, sys
from pathlib import Path
from small_runs import make_ratings
from stopping import Stopping
from reelgraph.artifacts import DatasetFolder, RunFolder
from reelgraph.results import relationships, run_graph
from reelgraph.results.writeback import write_run

run_graph._GROUPS_A_BATCH, relationships._ROWS_A_BATCH = 10, 200
workspace, statement = Path(sys.argv[1]), sys.argv[2]
split = DatasetFolder(workspace / 'datasets' / 'abc').split('user-time')
ranking, rating = (RunFolder(workspace / 'runs' / name) for name in ('lstm-1', 'bias-4'))
ratings = make_ratings(split, rating, ranking, seed=4, to=rating)

class Killed(Stopping):
    def transact(self, work):
        def watched(tx):
            begun = tx.run
            def run(asked, /, **values):
                if asked == statement:
                    self.met = getattr(self, 'met', 0) + 1
                    if self.met == 2:
                        os.kill(os.getpid(), signal.SIGKILL)
                return begun(asked, **values)
            tx.run = run
            return work(tx)
        return Stopping.transact(self, watched)

with Killed(*sys.argv[3:]) as graph:
    graph.arm(-1)
    write_run(graph, rating, split, progress=False, grace=0.0, ratings=ratings)
"""


def test_killed_in_the_middle_and_done_again(
    graph: Graph, server: Any, split: SplitFolder, tmp_path: Path
) -> None:
    ranking, old, new = ranking_run(split, 1), rating_run(split, 3), rating_run(split, 4)
    write(graph, ranking, split)
    write(graph, old, split, make_ratings(split, old, ranking, seed=3, to=old))
    connection = [server.uri, server.username, server.password, server.database]
    helpers = os.pathsep.join(map(str, Path(__file__).parents[:2]))
    statement = "writeback/write_predicted_ratings"
    killed = subprocess.run(
        [sys.executable, "-c", _KILLED, str(tmp_path), statement, *connection],
        env=os.environ | {"PYTHONPATH": helpers},
        check=False,
    )
    assert killed.returncode == -9
    check_between(graph)
    assert {row["predictedRating"] for row in shown(graph)} == {None}
    write(graph, new, split, make_ratings(split, new, ranking, seed=4, to=new))
    assert {int(row["predictedRating"]) for row in shown(graph)} == {4}
    stale = "MATCH ()-[r:RECOMMENDED {ratingRunId: 'bias-3'}]->() RETURN r"
    assert graph.run_text(stale).rows == []
