"""Manifests and records: folders of before are read, what is not understood is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from audited import audited, config, make_run, quiet, settings_of, small_split
from folder_manifests import change, run_manifest, split_manifest, stages

from reelgraph.artifacts import (
    MANIFEST,
    DatasetFolder,
    DatasetManifest,
    Manifest,
    RowOrder,
    RunFolder,
    RunManifest,
    RunMetrics,
    SplitManifest,
    read_manifest,
    read_record,
    write_manifest,
    write_record,
)
from reelgraph.errors import ArtifactError
from reelgraph.pipeline.folders import find_run
from reelgraph.pipeline.run import run_stage
from reelgraph.results.run_folders import folder_summary

DATASET = """{
  "schemaVersion": 1,
  "fingerprint": "0123456789abcdef",
  "name": "ml-100k",
  "idSpace": "ml-100k",
  "interactionType": "RATED",
  "userIdType": "INTEGER",
  "itemIdType": "INTEGER",
  "ratings": true,
  "timestamps": true,
  "counts": {
    "interactions": 100000,
    "users": 943,
    "items": 1682,
    "entities": 17,
    "triples": 5
  },
  "relationTypes": {
    "ACTED_IN": 5
  },
  "eventTypesLeftOut": {},
  "createdAt": "2025-01-01T00:00:00+00:00"
}
"""

SPLIT = """{
  "schemaVersion": 1,
  "splitId": "global-time",
  "dataset": "0123456789abcdef",
  "protocol": "global-time",
  "parameters": {
    "train": 0.9,
    "valid": 0.1,
    "targets": "last"
  },
  "order": "time, ties by the source's row order",
  "counts": {
    "train": 10,
    "valid": 2,
    "test": 3,
    "unused": 1
  },
  "task": "ranking",
  "candidates": "catalogue",
  "history": "all rows of the user before the target",
  "targets": "last",
  "cold": {
    "users": 1,
    "items": 0
  },
  "label": "optimistic",
  "files": {
    "train": "tab, no header: user, item"
  },
  "cuts": {
    "valid": 204,
    "test": 301
  },
  "jobs": {
    "walks": {
      "kind": "walks",
      "file": "walks/walks.parquet",
      "rows": 20,
      "digest": "0011",
      "starts": 2,
      "walked": 20,
      "config": {
        "edges": "both",
        "types": null
      },
      "edges": "both",
      "shuffleSeed": null,
      "consumer": "models that ask for it by name",
      "fingerprint": "aabb",
      "gdsVersion": "2.13.2",
      "seconds": 1.25,
      "createdAt": "2025-01-01T00:00:00+00:00"
    },
    "transe": {
      "kind": "embeddings",
      "file": "embeddings/transe.parquet",
      "rows": 20,
      "digest": "0022",
      "epochs": 7,
      "config": {
        "method": "transe"
      },
      "edges": "knowledge",
      "shuffleSeed": 1,
      "seed": 42,
      "consumer": "models that ask for it by name",
      "fingerprint": "ccdd",
      "seconds": 0.5,
      "createdAt": "2025-01-01T00:00:00+00:00"
    }
  },
  "createdAt": "2025-01-01T00:00:00+00:00",
  "features": {
    "consumer": "models of ratings",
    "fingerprint": "eeff",
    "label": "",
    "events": 15,
    "withoutTimestamp": 0,
    "numbers": [
      "user_count"
    ],
    "leftOut": [],
    "categories": {
      "occupation": 3
    },
    "lists": {},
    "config": {
      "leaky": false
    },
    "check": {
      "events": 5,
      "changed": []
    }
  }
}
"""

_REPORT = """{
    "fold": "test",
    "users": 6,
    "cold": 1,
    "questions": 6,
    "n": 10,
    "history": "train + valid",
    "candidates": "catalogue",
    "metrics": {
      "ndcg@10": {
        "mean": 0.5651979479724819,
        "low": 0.0,
        "high": 1.0
      }
    },
    "beyond": {
      "gini@10": NaN
    },
    "fallback": "most popular",
    "warm": {
      "ndcg@10": {
        "mean": 0.25,
        "low": 0.0,
        "high": 1.0
      }
    }
  }"""

RUN = f"""{{
  "schemaVersion": 1,
  "runId": "ease-random-1a2b3c4d",
  "task": "ranking",
  "model": "ease",
  "dataset": "0123456789abcdef",
  "split": "random",
  "protocol": "random",
  "order": "item id, without times",
  "label": "optimistic",
  "knowledge": "none",
  "embeddings": [
    "fastrp"
  ],
  "jobs": {{
    "knn": "aabb"
  }},
  "similarities": [
    "knn"
  ],
  "seed": 42,
  "refitOf": null,
  "createdAt": "2025-01-01T00:00:00+00:00",
  "version": "0.1.0",
  "config": {{
    "model": "ease",
    "epochs": null
  }},
  "stages": {{
    "train": {{
      "finishedAt": "2025-01-01T00:00:00+00:00",
      "seconds": 0.1
    }}
  }},
  "audit": {{
    "passed": true,
    "full": false,
    "label": "",
    "inputs": "0011",
    "trained": "2233",
    "at": "2025-01-01T00:00:00+00:00",
    "checks": [
      {{
        "check": 1,
        "what": "stored predictions",
        "result": "pass",
        "evidence": "the same"
      }}
    ]
  }},
  "chosenEpochs": 0,
  "summary": {{
    "fusion": {{
      "id": 0.5
    }}
  }},
  "users": 6,
  "recommendations": 48,
  "metrics": {_REPORT},
  "counters": {{
    "nodes_created": 1
  }}
}}
"""

REFIT = (
    RUN.replace('"refitOf": null', '"refitOf": "ease-random-00000000"')
    .replace(f'"metrics": {_REPORT}', '"metrics": {}')
    .replace(RUN[RUN.index('"audit": {') : RUN.index('"chosenEpochs"')], '"audit": null,\n  ')
)

NOW = RUN.replace('"version": "0.1.0"', '"version": "0.1.0",\n  "behaviour": 1').replace(
    '"embeddings": [\n    "fastrp"\n  ]',
    """"inputs": [
    {
      "need": "embedding fastrp",
      "fingerprint": "4455",
      "absent": null
    },
    {
      "need": "text title",
      "fingerprint": null,
      "absent": "the data set has no item property 'title'"
    }
  ]""",
)

FILES: dict[str, tuple[type[Manifest], str]] = {
    "data set": (DatasetManifest, DATASET),
    "split": (SplitManifest, SPLIT),
    "run": (RunManifest, RUN),
    "refit": (RunManifest, REFIT),
    "run of now": (RunManifest, NOW),
}


def written(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MANIFEST).write_text(text)
    return folder / MANIFEST


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_before_is_read_and_written_again_byte_by_byte(tmp_path: Path, name: str) -> None:
    kind, text = FILES[name]
    path = written(tmp_path, text)
    write_manifest(tmp_path, read_manifest(tmp_path, kind))
    assert path.read_text() == text


def test_metrics_are_read_and_written_again_byte_by_byte(tmp_path: Path) -> None:
    report = _REPORT.replace("\n", "\n  ")
    text = f'{{\n  "split": "random",\n  "models": {{\n    "ease": {report}\n  }},\n'
    text += '  "leftOut": {\n    "knn": "too large"\n  }\n}\n'
    path = tmp_path / "metrics.json"
    path.write_text(text)
    found = read_record(path, RunMetrics)
    assert found.models["ease"].metrics["ndcg@10"].mean == 0.5651979479724819
    write_record(path, found)
    assert path.read_text() == text
    path.write_text('{\n  "models": {}\n}\n')  # of a split without test rows
    write_record(path, read_record(path, RunMetrics))
    assert path.read_text() == '{\n  "models": {}\n}\n'


def test_what_files_of_before_say(tmp_path: Path) -> None:
    written(tmp_path / "run", RUN)
    run = RunFolder(tmp_path / "run").manifest()
    assert (run.order, run.order.caveat) == (RowOrder.ITEMS_WITHOUT_TIMES, "no times")
    assert (run.behaviour, run.needs_met) == (0, ("embedding fastrp",))
    assert run.audit is not None and run.audit.passed and not run.audit.failed
    written(tmp_path / "splits" / "global-time", SPLIT)
    split = DatasetFolder(tmp_path).split("global-time").manifest()
    assert dict(split.jobs["walks"].facts) == {"starts": 2, "walked": 20}
    assert (split.jobs["transe"].epochs, split.jobs["walks"].epochs) == (7, None)


def edited(text: str, edit: Callable[[Any], object]) -> str:
    content = json.loads(text)
    edit(content)
    return json.dumps(content)


REFUSED: dict[str, tuple[str, Callable[[Any], object], str]] = {
    "another schema version": ("run", lambda m: m.update(schemaVersion=2), "schema version 2"),
    "no schema version": ("run", lambda m: m.pop("schemaVersion"), "schema version None"),
    "no id": ("run", lambda m: m.pop("runId"), "lacks the key 'runId'"),
    "half a record": (
        "split",
        lambda m: m["jobs"]["walks"].pop("digest"),
        r"lacks the key 'jobs.walks.digest'",
    ),
    "a key of a newer version": ("data set", lambda m: m.update(shards=3), "has the key 'shards'"),
    "a newer key in a record": (
        "run",
        lambda m: m["stages"]["train"].update(host="a"),
        "has the key 'stages.train.host'",
    ),
    "newer keys beside missing ones": (
        "run",
        lambda m: (m.pop("runId"), m.update(ident="a")),
        "has the key 'ident'",
    ),
    "a name of the program, not of the file": (
        "run",
        lambda m: m.update(run_id=m.pop("runId")),
        "has the key 'run_id'",
    ),
    "a text for a number": ("run", lambda m: m.update(seed="42"), 'seed is "42"'),
    "a number for a truth": ("data set", lambda m: m.update(ratings=1), "ratings is 1"),
    "an unknown order": ("split", lambda m: m.update(order="by mood"), 'order is "by mood"'),
    "an unknown result": (
        "run",
        lambda m: m["audit"]["checks"][0].update(result="maybe"),
        'audit.checks.0.result is "maybe"',
    ),
    "no time": ("run", lambda m: m.update(createdAt="yesterday"), 'createdAt is "yesterday"'),
    "a list for a record": ("split", lambda m: m.update(counts=[1]), r"counts is \[1\]"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_understood_is_refused_with_the_file(tmp_path: Path, case: str) -> None:
    name, edit, message = REFUSED[case]
    kind, text = FILES[name]
    path = written(tmp_path, edited(text, edit))
    with pytest.raises(ArtifactError, match=message) as caught:
        read_manifest(tmp_path, kind)
    assert str(path) in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"run"'])
def test_half_written_or_other_files_are_refused(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ArtifactError) as caught:
        read_manifest(tmp_path, RunManifest)
    assert str(path) in caught.value.message


def test_only_a_job_may_say_more_of_its_output(tmp_path: Path) -> None:
    more = edited(SPLIT, lambda m: m["jobs"]["walks"].update(largestCore=4))
    written(tmp_path, more)
    found = read_manifest(tmp_path, SplitManifest)
    assert found.jobs["walks"].facts["largestCore"] == 4


def test_changes_are_checked_before_they_are_written(tmp_path: Path) -> None:
    run = RunFolder(tmp_path / "ease-1")
    write_manifest(run.path, run_manifest())
    before = (run.path / MANIFEST).read_bytes()
    wrong: Any = "five"
    with pytest.raises(ValueError, match="users"):
        run.update(users=wrong)
    unknown: Any = {"user": 5}
    with pytest.raises(TypeError, match="RunManifest has no field user"):
        run.update(**unknown)
    assert (run.path / MANIFEST).read_bytes() == before
    assert run.update(users=5).users == run.manifest().users == 5


def test_what_is_not_set_is_not_written() -> None:
    said = split_manifest().dump()
    assert next(iter(said)) == "schemaVersion"
    assert {"label", "files", "cuts", "features"}.isdisjoint(said)


def test_a_run_that_cannot_be_understood_spoils_no_list(tmp_path: Path) -> None:
    split = small_split(tmp_path)
    run = make_run(split)
    odd = RunFolder(run.path.with_name("newer-1"))
    written(odd.path, edited(RUN, lambda m: m.update(shards=3)))
    assert folder_summary(odd).status == "unreadable"
    assert find_run(settings_of(split), finished=("train",)) == run


@pytest.mark.parametrize(("behaviour", "which"), [(99, "a newer"), (0, "an older")])
def test_a_run_of_another_behaviour_is_listed_but_not_continued(
    tmp_path: Path, behaviour: int, which: str
) -> None:
    split = small_split(tmp_path)
    run = make_run(split, config())
    change(run, behaviour=behaviour, stages={**run.manifest().stages, **stages("evaluate")})
    assert folder_summary(run).status == "on disk"
    before = (run.path / MANIFEST).read_bytes()
    run_stage("train", settings_of(split), run, quiet)  # is done, so nothing is computed
    for stage in ("train", "predict", "audit", "evaluate"):
        with pytest.raises(ArtifactError, match=f"{which} version of reelgraph"):
            run_stage(stage, settings_of(split), run, quiet, force=True)
    with pytest.raises(ArtifactError, match=f"{which} version of reelgraph"):
        audited(split, run)
    needs = "needs a connection" if behaviour == 0 else "a newer version"  # it computes nothing
    with pytest.raises(ArtifactError, match=needs):
        run_stage("writeback", settings_of(split), run, quiet)
    if behaviour == 99:
        assert (run.path / MANIFEST).read_bytes() == before
