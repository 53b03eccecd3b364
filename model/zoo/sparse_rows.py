"""The columns of a sparse matrix by row, on the device of a network."""

from __future__ import annotations

import numpy as np
import torch
from scipy import sparse
from torch import Tensor, nn
from torch.nn import functional


class SparseRows(nn.Module):
    """Where a matrix ``(rows, columns)`` has entries; no part of what is saved."""

    def __init__(self, matrix: sparse.csr_array) -> None:
        super().__init__()
        for name, values in (("columns", matrix.indices), ("starts", matrix.indptr)):
            given = torch.from_numpy(values.astype(np.int64))
            self.register_buffer(name, given, persistent=False)

    def of(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """The columns of some rows ``(M,)``, one row after another, and where each starts.

        ``starts`` is ``(M + 1,)``; row m has ``columns[starts[m]:starts[m + 1]]``.
        """
        columns, starts = self.get_buffer("columns"), self.get_buffer("starts")
        lengths = starts[rows + 1] - starts[rows]
        found = functional.pad(lengths.cumsum(0), (1, 0))
        shift = torch.repeat_interleave(starts[rows] - found[:-1], lengths)
        return columns[torch.arange(len(shift), device=shift.device) + shift], found

    def lengths(self) -> Tensor:
        """Entries of each row."""
        return self.get_buffer("starts").diff()
