"""Official data sets on the internet: what there is, and where it lies once it is fetched."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError
from .fetch import fetch
from .sources.ml100k import files as ml100k

_MOVIELENS = "https://files.grouplens.org/datasets/movielens"
_IMDB = "https://datasets.imdbws.com"
_OLD_TERMS = "research only; no redistribution, no commercial use without permission"
_NEW_TERMS = "research; redistribution under the same conditions; no commercial use"


@dataclass(frozen=True)
class Archive:
    """A data set and where its files are.

    - ``size``: as people write it
    - ``urls``: its files; none for the one that comes by ``pip``
    - ``md5``: the published sum, where it never changes; ``sum_beside``: it is published at
      the file's address with ``.md5`` behind it
    - ``load``: the command that reads it; ``{path}`` is the file, or the folder of several
    """

    name: str
    content: str
    size: str
    licence: str
    load: str
    urls: tuple[str, ...] = ()
    md5: str | None = None
    sum_beside: bool = False

    def place(self, cache_dir: Path) -> Path:
        """Where it lies once it is fetched: a file, or a folder of several."""
        if len(self.urls) == 1:
            return cache_dir / self.urls[0].rpartition("/")[2]
        return cache_dir / self.name

    def files(self, cache_dir: Path) -> dict[str, Path]:
        """The place of each address's file."""
        place = self.place(cache_dir)
        if len(self.urls) == 1:
            return {self.urls[0]: place}
        return {url: place / url.rpartition("/")[2] for url in self.urls}

    def is_here(self, cache_dir: Path) -> bool:
        """Whether all of it was fetched and checked before."""
        if not self.urls:
            return all((self.place(cache_dir) / name).is_file() for name in ml100k.NAMES)
        return all(path.is_file() for path in self.files(cache_dir).values())

    def command(self, cache_dir: Path) -> str:
        """The command that loads it."""
        return self.load.format(path=self.place(cache_dir))


def _movielens(name: str, content: str, size: str, licence: str, md5: str | None) -> Archive:
    return Archive(
        name,
        content,
        size,
        licence,
        "reelgraph load movielens {path}",
        (f"{_MOVIELENS}/{name}.zip",),
        md5,
        sum_beside=md5 is None,
    )


_ALL = (
    Archive(
        "ml-100k",
        "100,000 ratings with people, countries and subjects from Freebase",
        "2 MB",
        _OLD_TERMS,
        "reelgraph load ml-100k",
    ),
    _movielens(
        "ml-latest-small",
        "100,836 ratings, tags, ids of IMDb and TMDb; changes over time",
        "1 MB",
        _NEW_TERMS,
        None,
    ),
    _movielens(
        "ml-1m",
        "1,000,209 ratings, demographics of users",
        "6 MB",
        _OLD_TERMS,
        "c4d9eecfca2ab87c1945afe126590906",
    ),
    _movielens(
        "ml-25m",
        "25,000,095 ratings, tags, ids of IMDb and TMDb",
        "262 MB",
        _NEW_TERMS,
        "6b51fb2759a8657d3bfcbfc42b592ada",
    ),
    _movielens(
        "ml-32m",
        "32,000,204 ratings, tags, ids of IMDb and TMDb",
        "239 MB",
        _NEW_TERMS,
        "d472be332d4daa821edc399621853b57",
    ),
    Archive(
        "imdb",
        "titles, ratings, credits and names; ratings of users come from elsewhere",
        "more than 1 GB",
        "personal and non-commercial use (developer.imdb.com/non-commercial-datasets)",
        "reelgraph load imdb {path} --ratings FILE",
        tuple(
            f"{_IMDB}/{name}.tsv.gz"
            for name in (
                "title.basics",
                "title.ratings",
                "title.principals",
                "title.crew",
                "name.basics",
            )
        ),
    ),
)
ARCHIVES: dict[str, Archive] = {archive.name: archive for archive in _ALL}


def archive_named(name: str) -> Archive:
    """:raises InputError: when there is none of that name."""
    if name not in ARCHIVES:
        raise InputError(f"there is no data set '{name}'", f"Known: {', '.join(ARCHIVES)}")
    return ARCHIVES[name]


def get(archive: Archive, cache_dir: Path, progress: bool = True) -> Path:
    """Its file or folder below ``cache_dir``, fetched unless it is there.

    :raises InputError: when it cannot be reached, is not what it should be, or cannot be
        written; says what to fetch by hand and where to put it.
    """
    if not archive.urls:
        return ml100k.fetch(cache_dir)
    try:
        for url, path in archive.files(cache_dir).items():
            if not path.is_file():
                path.parent.mkdir(parents=True, exist_ok=True)
                fetch(url, path, archive.md5, archive.sum_beside, progress)
    except OSError as error:
        raise InputError(
            f"cannot write to {cache_dir}: {error}", "Set REELGRAPH_CACHE_DIR to a writable folder."
        ) from None
    return archive.place(cache_dir)
