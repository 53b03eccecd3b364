"""The loop: schedules, resuming after a kill, SIGTERM, numbers that are not finite, history."""

from __future__ import annotations

import itertools
import json
import multiprocessing
import os
import resource
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from threadpoolctl import threadpool_info, threadpool_limits

from reelgraph.cli import main
from reelgraph.errors import ArtifactError, ModelError, Stopped
from reelgraph.model.base import FitResult, TrainingOptions
from reelgraph.model.data import Catalogue, Interactions
from reelgraph.model.needs import EmbeddingNeed, Supplied, TrainingData
from reelgraph.model.training import next_item
from reelgraph.model.training.loop import isolated_torch
from reelgraph.model.training.next_item import NextItemLearner
from reelgraph.model.training.schedules import SCHEDULES, make_schedule, plateau
from reelgraph.model.training.tensorboard import tensorboard_report
from reelgraph.model.zoo.attention_lstm import AttentionLSTMRanker
from reelgraph.model.zoo.attention_lstm_config import AttentionLSTMConfig

N = 20
SIZES: dict[str, Any] = {
    "embedding_size": 4,
    "hidden_size": 8,
    "heads": 2,
    "batch_size": 4,
    "embeddings": (),
}
CPU = torch.device("cpu")


def interactions(seed: int = 0, users: int = 12) -> Interactions:
    generator = np.random.default_rng(seed)
    lengths = generator.integers(2, 10, users)
    items = np.concatenate([generator.permutation(N)[:length] for length in lengths])
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    return Interactions(Catalogue(np.arange(N)), np.arange(users), offsets, items)


DATA = TrainingData(interactions(0), interactions(9))


def fitted(options: TrainingOptions, **config: Any) -> tuple[AttentionLSTMRanker, FitResult]:
    model = AttentionLSTMRanker(AttentionLSTMConfig(**{**SIZES, "epochs": 8, **config}))
    return model, model.fit(DATA, options)


def in_a_child(work: Callable[[], None]) -> int:
    """Exit code of a process of its own that does the work; negative for a signal."""
    child = multiprocessing.get_context("fork").Process(target=work)
    child.start()
    child.join(60)
    assert child.exitcode is not None
    return child.exitcode


def at_step(monkeypatch: pytest.MonkeyPatch, number: int, act: Callable[[], object]) -> None:
    """Do something before the step of that number, counted over all epochs."""
    steps, plain = itertools.count(1), NextItemLearner.step

    def step(self: NextItemLearner, batches: Any) -> float:
        if next(steps) == number:
            act()
        return plain(self, batches)

    monkeypatch.setattr(NextItemLearner, "step", step)


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_a_fit_that_was_killed_goes_on_to_the_same_weights(tmp_path, monkeypatch, schedule):
    config = {"schedule": schedule, "patience": 8, "accumulate": 2}
    expected, whole = fitted(TrainingOptions(), **config)
    options = TrainingOptions(checkpoint=tmp_path)
    with monkeypatch.context() as patched:  # 3 batches make 2 steps: in the middle of epoch 6
        at_step(patched, 11, lambda: os.kill(os.getpid(), signal.SIGKILL))
        assert in_a_child(lambda: fitted(options, **config)) == -signal.SIGKILL
    seen: list[dict[str, Any]] = []
    resumed, found = fitted(replace(options, report=seen.append), **config)
    assert [row["epoch"] for row in seen] == [6, 7, 8]
    for name, value in expected.network.state_dict().items():
        assert torch.equal(value, resumed.network.state_dict()[name]), name
    assert found.rates == whole.rates
    assert found.epochs == whole.epochs


def test_sigterm_ends_a_fit_between_two_batches_and_says_how_to_go_on(tmp_path, monkeypatch):
    with monkeypatch.context() as patched:  # 3 steps an epoch
        at_step(patched, 8, lambda: os.kill(os.getpid(), signal.SIGTERM))
        with pytest.raises(Stopped, match=r"2 whole epochs are kept .* goes on with epoch 3"):
            fitted(TrainingOptions(checkpoint=tmp_path))
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    seen: list[dict[str, Any]] = []
    fitted(TrainingOptions(checkpoint=tmp_path, report=seen.append))
    assert seen[0]["epoch"] == 3


def test_a_command_that_is_told_to_stop_has_its_own_exit_code(monkeypatch):
    def stop(*_: object) -> None:
        raise Stopped("3 whole epochs are kept")

    monkeypatch.setattr("reelgraph.cli.stages._new_run", stop)
    result = CliRunner().invoke(main, ["train"])
    assert result.exit_code == 143
    assert result.stderr == "3 whole epochs are kept\n"


def test_a_full_disk_is_named_and_the_old_checkpoint_stays(tmp_path):
    options = TrainingOptions(checkpoint=tmp_path, epochs=2)
    fitted(options)
    (path,) = tmp_path.iterdir()
    before = path.read_bytes()

    def fill(row: dict[str, Any]) -> None:  # files of this process cannot grow beyond that
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) // 2, len(before) // 2))

    def go_on() -> None:
        path.with_suffix(".copy").write_bytes(before)
        model = AttentionLSTMRanker(AttentionLSTMConfig(**SIZES, epochs=8))
        try:
            model.fit(DATA, TrainingOptions(checkpoint=tmp_path / "other", report=fill))
        except ArtifactError as error:
            sys.exit(7 if "the disk is full" in error.message else 8)

    assert in_a_child(go_on) == 7
    (kept,) = (tmp_path / "other").iterdir()  # that of the first epoch, and no half of another
    assert len(torch.load(kept, weights_only=True)["history"]) == 1


def test_a_loss_that_is_no_number_stops_before_the_step(monkeypatch):
    model = AttentionLSTMRanker(AttentionLSTMConfig(**SIZES))
    learner = model.learner(DATA, TrainingOptions(), CPU)
    at_step(monkeypatch, 2, lambda: model.network.queries.weight.data[0, :3].fill_(torch.nan))
    monkeypatch.setattr(model, "learner", lambda *_: learner)
    message = (
        r"epoch 1, batch 2: the loss is nan; learning rate 0\.002; "
        r"not finite: parameter queries\.weight \(3 of 64\)\n"
    )
    with pytest.raises(ModelError, match=message) as caught:
        model.fit(DATA, TrainingOptions())
    assert "--set learning_rate=0.0005" in caught.value.hint
    assert torch.isfinite(model.network.lstm.weight_hh_l0).all()


def test_a_gradient_that_is_no_number_stops_before_the_step(monkeypatch):
    class Spoilt(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, loss: Any) -> Any:
            return loss.clone()

        @staticmethod
        def backward(ctx: Any, *gradients: Any) -> Any:
            return gradients[0] * torch.inf

    plain = next_item.catalogue_loss
    monkeypatch.setattr(next_item, "catalogue_loss", lambda *given: Spoilt.apply(plain(*given)))
    with pytest.raises(ModelError, match=r"norm of the gradient is (nan|inf).*gradient of "):
        fitted(TrainingOptions())


def test_vectors_that_are_not_finite_are_named(monkeypatch):
    vectors = np.ones((N, 3), np.float32)
    data = TrainingData(DATA.train, None, Supplied({EmbeddingNeed("facts"): vectors}))
    model = AttentionLSTMRanker(AttentionLSTMConfig(**{**SIZES, "embeddings": ("facts",)}))
    learner = model.learner(data, TrainingOptions(), CPU)
    model.network.fusion.get_buffer("knowledge_facts")[4] = torch.inf
    with pytest.raises(ModelError, match=r"input fusion\.knowledge_facts \(3 of 60\)") as caught:
        next(learner.epoch(1))
    assert "embeddings=" in caught.value.hint


def test_history_has_a_line_per_epoch_at_any_time(tmp_path):
    path, lengths = tmp_path / "history.jsonl", []

    def look(_: dict[str, Any]) -> None:
        lengths.append(len(path.read_text().splitlines()))

    options = TrainingOptions(checkpoint=tmp_path / "kept", history=path, report=look)
    _, result = fitted(options)
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert lengths == list(range(1, len(rows) + 1))
    assert rows == list(result.history)
    assert set(rows[0]) == {"epoch", "loss", "valid", "seconds", "learning_rate"}
    path.unlink()
    fitted(replace(options, epochs=len(rows)))


def test_plateau_cuts_after_five_figures_without_a_better_one():
    assert plateau(1.0, []) == 1.0
    assert plateau(1.0, [0.3, 0.1, 0.1, 0.1, 0.1]) == 1.0
    assert plateau(1.0, [0.3, 0.1, 0.1, 0.1, 0.1, 0.1]) == pytest.approx(0.2)
    assert plateau(1.0, [0.3, 0.1, 0.1, 0.1, 0.1, 0.4, 0.1]) == 1.0
    assert plateau(1.0, [0.3] * 11) == pytest.approx(0.04)
    assert plateau(1.0, [0.3] * 100) == 1e-5
    assert plateau(1e-6, [0.3] * 100) == 1e-6
    assert make_schedule("plateau", 1.0, 3)(7, [0.3] * 6) == pytest.approx(0.2)
    assert make_schedule("constant", 0.5, 3)(7, [0.3] * 6) == 0.5
    assert make_schedule("half-cosine", 0.5, 3)(1, []) == 0.5


def test_plateau_follows_the_figures_of_a_fit_and_the_final_fit_follows_that(monkeypatch):
    monkeypatch.setattr(NextItemLearner, "validate", lambda self: 0.5)
    config = {"schedule": "plateau", "epochs": 9, "patience": 9}
    _, result = fitted(TrainingOptions(), **config)
    rates = [row["learning_rate"] for row in result.history]
    assert rates == pytest.approx([0.002] * 6 + [0.0004] * 3)
    final = replace(result, epochs=8).final(TrainingOptions(seed=7))
    assert final.epochs == 8
    assert final.seed == 7
    _, again = fitted(final, **config)
    assert [row["learning_rate"] for row in again.history] == rates[:8]


def test_batches_that_make_one_step_are_like_one_batch():
    def stepped(size: int, together: int) -> dict[str, torch.Tensor]:
        config = {**SIZES, "batch_size": size, "accumulate": together, "dropout": 0.0}
        model = AttentionLSTMRanker(AttentionLSTMConfig(**config))
        learner = model.learner(DATA, TrainingOptions(), CPU)
        assert len(list(learner.epoch(1))) == 1
        return model.network.state_dict()

    whole = stepped(12, 1)
    for name, value in stepped(4, 3).items():
        torch.testing.assert_close(value, whole[name])


@pytest.mark.parametrize(("clip", "largest"), [(0.01, 0.01), (0.0, None)])
def test_gradients_are_clipped_as_configured(clip, largest):
    model = AttentionLSTMRanker(AttentionLSTMConfig(**SIZES, clip=clip))
    learner = model.learner(DATA, TrainingOptions(), CPU)
    next(learner.epoch(1))
    norm = torch.nn.utils.get_total_norm([p.grad for p in model.network.parameters()])
    assert norm == pytest.approx(largest, rel=1e-3) if largest else norm > 0.1


def test_numpy_and_torch_have_the_threads_of_the_fit():
    def threads() -> list[int]:
        return [one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"]

    with threadpool_limits(2, user_api="blas"):
        before = threads()
        with isolated_torch(TrainingOptions(threads=1)):
            assert set(threads()) == {1}
            assert torch.get_num_threads() == 1
        assert threads() == before
        assert set(before) == {2}


def test_precision_changes_nothing_on_the_cpu():
    plain, _ = fitted(TrainingOptions(epochs=2))
    half, _ = fitted(TrainingOptions(epochs=2, precision="float16"))
    for name, value in plain.network.state_dict().items():
        assert torch.equal(value, half.network.state_dict()[name]), name


@pytest.mark.gpu
@pytest.mark.parametrize("precision", ["float32", "bfloat16", "float16"])
def test_a_gpu_learns_as_the_cpu_does(precision):
    expected = fitted(TrainingOptions(epochs=6), dropout=0.0)[1].history[-1]["loss"]
    options = TrainingOptions(epochs=6, device="cuda", precision=precision)
    found = fitted(options, dropout=0.0)[1].history[-1]["loss"]
    assert found == pytest.approx(expected, rel=1e-3 if precision == "float32" else 3e-2)


@pytest.mark.gpu
def test_a_fit_on_a_gpu_goes_on_with_its_scale(tmp_path):
    options = TrainingOptions(epochs=2, device="cuda", precision="float16", checkpoint=tmp_path)
    fitted(options)
    (path,) = tmp_path.iterdir()
    assert torch.load(path, weights_only=True)["last"]["scale"]["scale"] > 1


def test_tensorboard_gets_the_figures(tmp_path):
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    report = tensorboard_report(tmp_path)
    report({"epoch": 1, "loss": 3.0, "valid": 0.25})
    report({"epoch": 2, "loss": 2.0, "valid": 0.5})
    read = EventAccumulator(str(tmp_path)).Reload()
    assert [(one.step, one.value) for one in read.Scalars("valid")] == [(1, 0.25), (2, 0.5)]
    assert read.Tags()["scalars"] == ["loss", "valid"]


def test_without_tensorboard_the_extra_is_named(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(ModelError, match="not installed") as caught:
        tensorboard_report(Path(tmp_path))
    assert "reelgraph[tensorboard]" in caught.value.hint
