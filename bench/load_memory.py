"""Memory of ``reelgraph load``: MovieLens 1M, and a file 20 times as long made of it.

    python bench/load_memory.py ml-1m --times 20

The long file repeats the ratings with new users. Each is read and checked by
``reelgraph load … --dry-run``, or imported with ``--bulk``, as a process of its own with a
server of the benchmark's own; the table gives the process's peak resident memory
(``VmHWM``) and seconds. Needs ``/proc`` and about 30 bytes of temporary space per rating.
"""

from __future__ import annotations

import argparse
import gzip
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

REPOSITORY = Path(__file__).parents[1]


def expand(source: Path, target: Path, times: int) -> int:
    """Write ``ratings.dat`` and ``users.dat`` with new users each time; return the ratings."""
    target.mkdir()
    (target / "movies.dat").write_bytes((source / "movies.dat").read_bytes())
    ratings = _split(source / "ratings.dat.gz")
    users = _split(source / "users.dat")
    step = int(users[0].max())
    for name, rows in (("ratings.dat", ratings), ("users.dat", users)):
        rest = "::" + rows[1]
        with (target / name).open("w", encoding="latin-1") as file:
            for turn in range(times):
                lines = (rows[0] + turn * step).astype("str") + rest
                file.write("\n".join(lines) + "\n")
    return len(ratings) * times


def _split(path: Path) -> pd.DataFrame:
    """The first field as a number, and the rest of the line."""
    content = path.read_bytes()
    if path.suffix == ".gz":
        content = gzip.decompress(content)
    lines = pd.Series(content.decode("latin-1").splitlines())
    fields = lines.str.split("::", n=1, expand=True)
    return fields.astype({0: "int64"})


@contextmanager
def workspace(folder: Path, bolt_port: int, http_port: int) -> Iterator[list[str]]:
    """The command line of ``reelgraph`` with a running server of its own."""
    (folder / "neo4j_data").mkdir()
    jars = REPOSITORY / "neo4j_data" / "server"
    if jars.is_dir():
        (folder / "neo4j_data" / "server").symlink_to(jars)
    text = f'bolt_port = {bolt_port}\nhttp_port = {http_port}\nheap = "1g"\n'
    (folder / "reelgraph.toml").write_text(text)
    command = [sys.executable, "-m", "reelgraph", "--workspace", str(folder)]
    kept = {name: text for name, text in os.environ.items() if not name.startswith("NEO4J_")}
    os.environ.clear()
    os.environ.update(kept)
    try:
        subprocess.run([*command, "neo4j", "up"], check=True, capture_output=True)
        yield command
    finally:
        subprocess.run([*command, "neo4j", "down"], check=True, capture_output=True)


def peak(command: list[str]) -> tuple[float, float]:
    """Run a command: its peak resident memory in MiB, and seconds."""
    started, most = time.perf_counter(), 0
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    while process.poll() is None:
        for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                most = max(most, int(line.split()[1]))
        time.sleep(0.1)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed")
    return most / 1024, time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description="Peak memory of reelgraph load.")
    parser.add_argument("ml1m", type=Path, help="folder with MovieLens 1M")
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--bulk", action="store_true", help="import, instead of a dry run")
    parser.add_argument("--bolt-port", type=int, default=17687)
    parser.add_argument("--http-port", type=int, default=17474)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        long = folder / "long"
        number = expand(options.ml1m, long, options.times)
        how = ["--bulk", "--into-new", "--yes"] if options.bulk else ["--dry-run"]
        (folder / "workspace").mkdir()
        with workspace(folder / "workspace", options.bolt_port, options.http_port) as command:
            for ratings, path in ((number // options.times, options.ml1m), (number, long)):
                most, seconds = peak([*command, "load", "movielens", str(path), *how])
                print(f"{ratings:>12,} ratings: peak {most:,.0f} MiB, {seconds:.0f} s", flush=True)
    print(f"load average {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
