"""Where the files of MovieLens 100K with its Freebase knowledge graph come from.

They are in the PyPI wheel ``recbole`` 1.2.1 (folder ``recbole/dataset_example/ml-100k``),
so that any machine that reaches its package index has them. The wheel and the files are
compared with known SHA-256 sums, and a file counts only after its sum was right.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from ....errors import InputError
from ...reading import files
from ...reading.files import SourceFiles

NAMES = ("ml-100k.inter", "ml-100k.item", "ml-100k.user", "ml-100k.kg", "ml-100k.link")
REQUIREMENT = "recbole==1.2.1"
WHEEL = "recbole-1.2.1-py3-none-any.whl"
WHEEL_SHA256 = "9c9948202011f37eb0a7c6768129313f00d6403ad221ec940d5e2d5d5f33a407"
SHA256 = {
    "ml-100k.inter": "4edb74e2a81178c2ba9ff381495f754f996c4aea351b1272ca36b43da0935eff",
    "ml-100k.item": "51d7cdf777ce5c0f5b32c1d947a4a81fe07d75e78abbe761e0cd4d0756064532",
    "ml-100k.user": "4f670007d9cfbeb9807e757209af1555b9bcc186bde25e767f67cb67c6dd5972",
    "ml-100k.kg": "200a0636fa07c218119a42e5bac7aa3e26e3665a6f919c1b22909bd412b14779",
    "ml-100k.link": "524dca2c3d62619688ab99b3ec53ea2acb9b64d38eafec3e02bdd0dc6bb7d948",
}
_BY_HAND = (
    f"On a machine with internet: pip download --no-deps {REQUIREMENT}\n"
    f"then here: reelgraph load ml-100k {WHEEL}"
)


def find_files(path: Path | None, cache_dir: Path) -> SourceFiles:
    """The user's files, or the fetched ones.

    :raises InputError: when the path does not exist or the files cannot be fetched.
    """
    if path is None:
        return files.find_files(fetch(cache_dir))
    if not path.exists():
        raise InputError(
            f"{path} does not exist",
            f"Give the folder with {', '.join(NAMES)}, or the file {WHEEL}; without a path "
            "they are fetched.",
        )
    return files.find_files(path)


def is_published(name: str, data: bytes) -> bool:
    """Whether these are the bytes of RecBole's file of this name."""
    return hashlib.sha256(data).hexdigest() == SHA256[name]


def fetch(cache_dir: Path) -> Path:
    """The folder with the verified files below ``cache_dir``, fetched if they are not there.

    :raises InputError: when pip cannot fetch the wheel, or a checksum is wrong.
    """
    folder = cache_dir / "ml-100k"
    if _is_complete(folder):
        return folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache_dir) as temporary:
            held = files.find_files(_download(Path(temporary)))
            for name in NAMES:
                part = Path(temporary) / name
                part.write_bytes(held.need(name).read())
                _verify(part, SHA256[name])
                part.replace(folder / name)
    except OSError as error:
        raise InputError(
            f"cannot write to {cache_dir}: {error}", "Set REELGRAPH_CACHE_DIR to a writable folder."
        ) from None
    return folder


def _is_complete(folder: Path) -> bool:
    files = [folder / name for name in NAMES]
    return all(file.is_file() and _sum(file) == SHA256[file.name] for file in files)


def _download(folder: Path) -> Path:
    if shutil.which(sys.executable) is None:
        raise InputError("cannot run pip: the Python interpreter was not found", _BY_HAND)
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input"]
    command += ["download", "--quiet", "--no-deps", "--only-binary", ":all:", "--retries", "2"]
    command += ["--timeout", "20", "--dest", str(folder), REQUIREMENT]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or ["pip failed"]
        raise InputError(f"cannot fetch {REQUIREMENT} with pip: {lines[-1]}", _BY_HAND)
    wheel = folder / WHEEL
    _verify(wheel, WHEEL_SHA256)
    return wheel


def _verify(file: Path, expected: str) -> None:
    if not file.is_file() or _sum(file) != expected:
        raise InputError(
            f"{file.name} as fetched is not the known file (SHA-256 differs)",
            "Try again; if it stays so, look at the package index that pip is set to.",
        )


def _sum(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
