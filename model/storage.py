"""Models on disk: ``config.json`` and ``weights.safetensors``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import ValidationError
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file
from scipy import sparse

from ..artifacts import atomic, read_json, write_json
from ..errors import ModelError
from .base import ModelConfig
from .data import Catalogue
from .dataset import catalogue_digest

CONFIG = "config.json"
WEIGHTS = "weights.safetensors"

Arrays = dict[str, npt.NDArray[Any]]


def save_model(
    folder: Path, name: str, config: ModelConfig, catalogue: Catalogue, arrays: Arrays, **extra: Any
) -> None:
    """Write a model; ``config.json`` last, so that a half-written one is never read."""
    with atomic(folder / WEIGHTS) as temporary:
        save_file({key: np.ascontiguousarray(array) for key, array in arrays.items()}, temporary)
    content = {
        "model": name,
        "config": config.model_dump(mode="json"),
        "items": len(catalogue),
        "catalogue": catalogue_digest(catalogue),
        **extra,
    }
    write_json(folder / CONFIG, content)


def load_model(
    folder: Path, name: str, config_class: type[ModelConfig], catalogue: Catalogue
) -> tuple[Any, Arrays, Mapping[str, Any]]:
    """The configuration, the arrays and all of ``config.json``.

    :raises ModelError: when it is another model, of another catalogue, or damaged.
    :raises ArtifactError: when it is missing.
    """
    content: dict[str, Any] = read_json(folder / CONFIG)
    if content.get("model") != name:
        raise ModelError(f"{folder} holds model '{content.get('model')}', not '{name}'")
    if content.get("catalogue") != catalogue_digest(catalogue):
        raise ModelError(
            f"{folder} was trained on another catalogue "
            f"({content.get('items')} items; the one given has {len(catalogue)})",
            "Give the data set named in the run's manifest, or train again.",
        )
    try:
        return config_class(**content["config"]), load_file(folder / WEIGHTS), content
    except (ValidationError, SafetensorError, FileNotFoundError) as error:
        raise ModelError(f"{folder} cannot be loaded: {error}", "Train the model again.") from None


def sparse_arrays(name: str, matrix: sparse.csr_array) -> Arrays:
    """The arrays of a sparse matrix, for :func:`save_model`."""
    return {
        f"{name}.data": matrix.data,
        f"{name}.indices": matrix.indices.astype(np.int32),
        f"{name}.indptr": matrix.indptr.astype(np.int64),
        f"{name}.shape": np.array(matrix.shape, np.int64),
    }


def sparse_of(name: str, arrays: Arrays) -> sparse.csr_array:
    """The matrix that :func:`sparse_arrays` took apart."""
    data, indices, indptr, shape = (
        arrays[f"{name}.{part}"] for part in ("data", "indices", "indptr", "shape")
    )
    return sparse.csr_array((data, indices, indptr), shape=tuple(shape.tolist()))
