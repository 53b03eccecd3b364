"""Accuracy of models on one split, as the mean of several seeds, on the test fold.

Each seed chooses its epochs on valid and is then fitted on train + valid:

    python bench/accuracy.py datasets/<fingerprint>/splits/user-time --seeds 3

Full ranking; the history and the excluded items are train + valid. Ties in time are in the
order (timestamp, the source's row order, item id); ``--tie-draws 3`` adds the mean over as
many random tie orders, for which epochs are those of the first seed; vectors of graph jobs
that read train edges are refused there, because some of these are test rows of another order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic

import click
import numpy as np

from reelgraph.artifacts import DatasetFolder, SplitFolder, read_parquet
from reelgraph.errors import InputError
from reelgraph.model.base import Model, TrainingOptions
from reelgraph.model.data import Catalogue, Knowledge
from reelgraph.model.dataset import Folds, load_catalogue, load_folds, make_folds
from reelgraph.model.evaluation.metrics import Values
from reelgraph.model.evaluation.ranking import bootstrap, per_user
from reelgraph.model.needs import EmbeddingNeed, Supplied, TrainingData
from reelgraph.model.splits.lookup import protocol_of
from reelgraph.model.splits.splitting import make_split, redraw_ties
from reelgraph.model.zoo.attention_lstm import AttentionLSTMRanker
from reelgraph.model.zoo.attention_lstm_config import AttentionLSTMConfig
from reelgraph.model.zoo.ease import EASE
from reelgraph.model.zoo.ease_recency import RecencyEASE
from reelgraph.model.zoo.most_popular import MostPopular
from reelgraph.pipeline.config import RunConfig
from reelgraph.pipeline.inputs import supply

SHOWN = ("precision@1", "precision@5", "precision@10", "sum_rr@10", "ndcg@10")
TIES = "timestamp, the source's row order, item id"
MODELS = ("most-popular", "ease", "ease-recency", "attention-lstm")

Users = dict[str, Values]


def maker(name: str, config: AttentionLSTMConfig) -> Callable[[], Model]:
    """How to make a model of that name, unfitted."""
    if name == "attention-lstm":
        return lambda: AttentionLSTMRanker(config)
    if name == "most-popular":
        return MostPopular
    return RecencyEASE if name == "ease-recency" else EASE


def choose_and_fit(
    make: Callable[[], Model],
    folds: Folds,
    supplied: Supplied,
    options: TrainingOptions,
    refit: bool,
) -> tuple[Model, int]:
    """The model to test and its epochs: chosen on valid, then fitted on train + valid.

    :param refit: False for ``leave-one-out``, where the weights stay as chosen and the valid
        event only joins the history.
    """
    model = make()
    chosen = model.fit(folds.for_choice(supplied), options)
    if refit:
        model = make()
        model.fit(TrainingData(folds.history, None, supplied), chosen.final(options))
    return model, chosen.epochs


def seeds_row(name: str, users: Sequence[Users], note: str) -> str:
    """One row of the table: mean over seeds and users, ± sd over seeds, interval over users."""
    cells = []
    for metric in SHOWN:
        means = [one[metric].mean() for one in users]
        interval = bootstrap({"mean": np.mean([one[metric] for one in users], axis=0)})["mean"]
        spread = f" ± {np.std(means, ddof=1):.4f}" if len(means) > 1 else ""
        cells.append(f"{np.mean(means):.4f}{spread} [{interval.low:.3f}, {interval.high:.3f}]")
    return f"| {name} | {' | '.join(cells)} | {note} |"


def redrawn(split: SplitFolder, catalogue: Catalogue, supplied: Supplied, seed: int) -> Folds:
    """The split made anew on another order of ties.

    :raises InputError: when a graph job read the split's own train edges: on another order of
        ties some of these are test rows.
    """
    records = split.manifest().jobs
    for name in (need.job for need in supplied if isinstance(need, EmbeddingNeed)):
        if name not in records or records[name].edges != "knowledge":
            raise InputError(
                f"the vectors of {name} come from train edges", "Use --tie-draws without them."
            )
    rows = redraw_ties(read_parquet(split.dataset.interactions), seed)
    cut = make_split(rows, protocol_of(split))
    return make_folds(
        rows.merge(cut, on=["user", "item", "seq"]), catalogue, protocol_of(split).rules
    )


def rows_of(
    name: str, split: SplitFolder, run: RunConfig, seeds: int, draws: int, threads: int
) -> None:
    """Fit, test and print one model's rows."""
    neural = name == "attention-lstm"
    supplied = supply(run, split)[0] if neural else Supplied()
    catalogue = load_catalogue(split)
    folds = load_folds(split, catalogue)
    make, users, epochs = maker(name, AttentionLSTMConfig(**run.options)), [], []
    refit = not protocol_of(split).keeps_weights
    started = monotonic()
    for seed in range(42, 42 + (seeds if neural else 1)):
        options = TrainingOptions(seed=seed, threads=threads, progress=True)
        model, chosen = choose_and_fit(make, folds, supplied, options, refit)
        users.append(per_user(model, folds))
        epochs.append(chosen)
        means = {metric: round(float(users[-1][metric].mean()), 4) for metric in SHOWN}
        click.echo(f"{name}, seed {seed}, {chosen} epochs: {means}", err=True)
    seconds = (monotonic() - started) / len(users)
    note = f"{seconds:.0f} s a seed" + (f", epochs {epochs}" if neural else "")
    click.echo(seeds_row(name, users, note))
    if draws:
        drawn = []
        for draw in range(draws):
            other, model = redrawn(split, catalogue, supplied, draw), make()
            options = TrainingOptions(threads=threads, progress=True, epochs=epochs[0])
            model.fit(TrainingData(other.history, None, supplied), options)
            drawn.append(per_user(model, other))
        click.echo(seeds_row(f"{name}, {draws} random tie orders", drawn, "± over tie orders"))


@click.command(help=__doc__)
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--model", "models", multiple=True, type=click.Choice(MODELS), default=MODELS)
@click.option(
    "--embeddings",
    multiple=True,
    default=AttentionLSTMConfig().embeddings,
    show_default=True,
    help="Graph jobs fused into the attention-lstm.",
)
@click.option(
    "--knowledge",
    type=click.Choice(["real", "none", "shuffled"]),
    default="real",
    show_default=True,
)
@click.option("--seeds", default=3, show_default=True)
@click.option("--tie-draws", default=0, show_default=True)
@click.option("--threads", default=1, show_default=True)
def main(
    folder: Path,
    models: Sequence[str],
    embeddings: Sequence[str],
    knowledge: Knowledge,
    seeds: int,
    tie_draws: int,
    threads: int,
) -> None:
    split = SplitFolder(DatasetFolder(folder.resolve().parents[1]), folder.name)
    run = RunConfig(options={"embeddings": tuple(embeddings)}, knowledge=knowledge)
    click.echo(f"{folder.name}, test fold; mean ± sd over seeds [95 % interval over users]")
    click.echo(f"ties in time: {TIES}\n")
    click.echo(f"| model | {' | '.join(SHOWN)} | |\n|{'---|' * (len(SHOWN) + 2)}")
    for name in models:
        rows_of(name, split, run, seeds, tie_draws, threads)


if __name__ == "__main__":
    main()
