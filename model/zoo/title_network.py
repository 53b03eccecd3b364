"""A title as a vector: an LSTM over its words, then a convolution ([LSTM-CNN], section III.B).

Shapes: N titles of at most L words, D the size of a word's vector, F filters of each window.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ..titles import PADDING
from ..training.dropout import Dropout


class TitleNetwork(nn.Module):
    """Words through an LSTM, and windows of its states through filters::

        h_t  = LSTM(e(w_t), h_t-1, c_t-1)                  x_t = h_t, or e(w_t) without LSTM
        a_wt = ReLU(Σ_j<w V_wj x_t+j + b_w)                for each window of w words
        s_w  = max over t of a_wt,   t = 1 … max(n - w + 1, 1)

    and the title is ``[s_2; s_3; s_4; s_5]`` with dropout. The paper fills titles up with a word
    ``<pad>`` that is read like others; here a window reads words only, and zeros behind the last
    one where the title is shorter than the window. A title without words is zeros.

    :param words: codes that there are, :data:`..titles.PADDING` included.
    :param lstm: False gives the paper's model without it.
    """

    def __init__(
        self,
        words: int,
        size: int,
        windows: Sequence[int],
        filters: int,
        dropout: float,
        lstm: bool = True,
    ) -> None:
        super().__init__()
        self.words = nn.Embedding(words, size, padding_idx=PADDING)
        nn.init.normal_(self.words.weight, std=0.1)
        with torch.no_grad():
            self.words.weight[PADDING] = 0
        self.lstm = nn.LSTM(size, size, batch_first=True) if lstm else None
        self.filters = nn.ModuleList(nn.Conv1d(size, filters, window) for window in windows)
        self.dropout = Dropout(dropout)
        self.width = len(windows) * filters

    def forward(self, codes: Tensor) -> Tensor:
        """``(N, width)`` of codes ``(N, L)``."""
        lengths = (codes != PADDING).sum(1)
        x = self.words(codes)
        if self.lstm is not None and x.shape[1]:
            x = self.lstm(x)[0] * (codes != PADDING)[..., None]
        pooled = [self._pooled(one, x.transpose(1, 2), lengths) for one in self.filters]
        found: Tensor = self.dropout(torch.cat(pooled, 1) * (lengths > 0)[:, None])
        return found

    @staticmethod
    def _pooled(filters: nn.Module, x: Tensor, lengths: Tensor) -> Tensor:
        """``s_w`` ``(N, F)`` of words ``(N, D, L)``."""
        assert isinstance(filters, nn.Conv1d)
        window = filters.kernel_size[0]
        short = max(window - x.shape[2], 0)
        found = filters(nn.functional.pad(x, (0, short))).relu()
        last = (lengths - window).clamp(min=0)[:, None]
        inside = torch.arange(found.shape[2], device=x.device) <= last
        pooled: Tensor = (found * inside[:, None]).amax(2)  # nothing is below 0
        return pooled
