"""What a refresh takes by the number of users with new ratings, beside all users at once.

    python bench/refresh.py --workspace .

It asks the active ranking run of the workspace's server, such as the demo's, about 1, 10, 100 and
all users in turn, as 'reelgraph refresh --user' does: the lists that are written are those that
are there, for all ratings in the graph. 'finding' is what telling the users with new ratings
takes, 'loading' what the first one has to wait for the model. Times are medians in seconds; the
ratio is to the time per user of all at once.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from reelgraph.graph.session import open_graph
from reelgraph.pipeline.refresh.refresher import Refresher
from reelgraph.settings import load_settings

SIZES = (1, 10, 100)


@click.command(help=__doc__)
@click.option("--workspace", type=click.Path(exists=True, path_type=Path), default=".")
@click.option("--repeat", default=3, show_default=True)
def main(workspace: Path, repeat: int) -> None:
    settings = load_settings({"workspace": workspace}).settings
    with open_graph(settings) as graph:
        refresher = Refresher(settings, graph, click.echo)
        query = "MATCH (u:User) RETURN u.userId AS id ORDER BY rand()"
        users = [row["id"] for row in graph.run_text(query).rows]
        first = timed(lambda: refresher.refresh(users[:1]), 1)
        one = timed(lambda: refresher.refresh(users[:1]), repeat)
        finding = timed(lambda: refresher.refresh(dry_run=True), repeat)
        click.echo(
            f"finding {finding:.2f} s among {len(users):,} users; loading {first - one:.2f} s"
        )
        every = timed(lambda: refresher.refresh(users), 1)
        for size in SIZES:
            took = timed(lambda: refresher.refresh(users[:size]), repeat)  # noqa: B023
            ratio = took / size / (every / len(users))
            click.echo(f"{size:>7,} users  {took:8.2f} s  {ratio:6.1f} × per user")
        click.echo(f"{len(users):>7,} users  {every:8.2f} s")


def timed(work: Callable[[], Any], repeat: int) -> float:
    """Seconds, the median."""
    taken = []
    for _ in range(repeat):
        began = time.monotonic()
        work()
        taken.append(time.monotonic() - began)
    return statistics.median(taken)


if __name__ == "__main__":
    main()
