"""What each kind of knowledge vector is worth to the attention-LSTM, on the valid fold.

    python bench/knowledge.py datasets/<fingerprint>/splits/user-time --seeds 3

Rows: no knowledge; each graph job's vectors; all; all from the degree-preserving shuffled
graph, where it is there. Each is compared with no knowledge by a paired test on the same
users, whose values are the mean over seeds. Epochs are chosen on the same fold, for all rows
alike. Test rows are not read.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np

from reelgraph.artifacts import DatasetFolder, SplitFolder
from reelgraph.errors import ArtifactError
from reelgraph.model.base import TrainingOptions
from reelgraph.model.data import Knowledge
from reelgraph.model.dataset import load_catalogue, load_folds
from reelgraph.model.evaluation.metrics import Values
from reelgraph.model.evaluation.ranking import compare, per_user
from reelgraph.model.zoo.attention_lstm import AttentionLSTMRanker
from reelgraph.model.zoo.attention_lstm_config import AttentionLSTMConfig
from reelgraph.pipeline.config import RunConfig
from reelgraph.pipeline.inputs import supply

METRIC = "sum_rr@10"


def fitted(
    split: SplitFolder, embeddings: Sequence[str], knowledge: Knowledge, seeds: int, threads: int
) -> tuple[dict[str, Values], dict[str, float]]:
    """Mean over seeds of each metric for each user, and of the fusion's weights."""
    folds = load_folds(split, load_catalogue(split))
    config = AttentionLSTMConfig(embeddings=tuple(embeddings))
    run = RunConfig(options={"embeddings": tuple(embeddings)}, knowledge=knowledge)
    supplied = supply(run, split)[0]
    users, weights = [], []
    for seed in range(42, 42 + seeds):
        model = AttentionLSTMRanker(config)
        options = TrainingOptions(seed=seed, threads=threads, progress=True)
        model.fit(folds.for_choice(supplied), options)
        users.append(per_user(model, folds, fold="valid"))
        weights.append(model.summary()["fusion"])
    return (
        {name: np.mean([one[name] for one in users], axis=0) for name in users[0]},
        {name: float(np.mean([one[name] for one in weights])) for name in weights[0]},
    )


@click.command(help=__doc__)
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--embeddings",
    multiple=True,
    default=("fastrp", "node2vec", "walk-vectors"),
    show_default=True,
    help="Graph jobs to try.",
)
@click.option("--seeds", default=3, show_default=True)
@click.option("--threads", default=1, show_default=True)
def main(folder: Path, embeddings: tuple[str, ...], seeds: int, threads: int) -> None:
    split = SplitFolder(DatasetFolder(folder.resolve().parents[1]), folder.name)
    rows: list[tuple[str, tuple[str, ...], Knowledge]] = [("none", (), "none")]
    rows += [(name, (name,), "real") for name in embeddings]
    rows += [("all", embeddings, "real"), ("all, shuffled graph", embeddings, "shuffled")]
    click.echo(f"{folder.name}, valid fold, {seeds} seeds; difference to none in {METRIC}\n")
    click.echo(f"| knowledge | precision@10 | {METRIC} | difference [95 %] | p | mean weight |")
    click.echo("|---|---|---|---|---|---|")
    base = None
    for name, used, knowledge in rows:
        try:
            values, weights = fitted(split, used, knowledge, seeds, threads)
        except ArtifactError as error:
            click.echo(f"| {name} | not there: {error.message} | | | | |")
            continue
        base = values[METRIC] if base is None else base
        test = compare(base, values[METRIC])
        shown = ", ".join(f"{source} {weight:.2f}" for source, weight in weights.items())
        click.echo(
            f"| {name} | {values['precision@10'].mean():.4f} | {values[METRIC].mean():.4f} "
            f"| {test['difference']:+.4f} [{test['low']:+.4f}, {test['high']:+.4f}] "
            f"| {test['p']:.3f} | {shown} |"
        )


if __name__ == "__main__":
    main()
