"""Sparse matrices of SciPy as tensors."""

from __future__ import annotations

import numpy as np
import torch
from scipy import sparse


def sparse_tensor(matrix: sparse.sparray) -> torch.Tensor:
    """The matrix as a coalesced tensor of coordinates."""
    cells = matrix.tocoo()
    places = torch.from_numpy(np.stack(cells.coords).astype(np.int64))
    found = torch.sparse_coo_tensor(
        places, torch.from_numpy(cells.data), cells.shape, check_invariants=True
    )
    return found.coalesce()
