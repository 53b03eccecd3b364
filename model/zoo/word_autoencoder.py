"""A stacked denoising autoencoder over the words of items, as [CKE] reads texts.

Shapes: N items, V words, H ``hidden``, D ``size``, M items that are asked for.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
import torch
from scipy import sparse
from torch import Tensor, nn
from torch.nn import functional

from ..titles import title_words
from .sparse_rows import SparseRows

_LEAST = 2  # texts that a word has to be in: what only one has tells nothing of others


def bags_of_words(texts: Sequence[str], most: int) -> sparse.csr_array:
    """``(texts, words)``: ones where a text has a word, of the most frequent words.

    A word of a single text is left out. The vocabulary is that of all texts given.
    """
    words = [sorted(set(title_words(text))) for text in texts]
    counts = Counter(word for one in words for word in one)
    frequent = sorted(counts, key=lambda word: (-counts[word], word))[:most]
    code = {word: n for n, word in enumerate(frequent) if counts[word] >= _LEAST}
    columns = [[code[word] for word in one if word in code] for one in words]
    starts = np.cumsum([0, *(len(one) for one in columns)])
    flat = np.array([code for one in columns for code in one], np.int64)
    shape = (len(texts), len(code))
    return sparse.csr_array((np.ones(len(flat), np.float32), flat, starts), shape=shape)


class WordAutoencoder(nn.Module):
    """Four layers ``X_l = σ(X_{l-1} W_l + b_l)`` of H, D, H and V units.

    The input is a bag of words of which some are hidden, the output shall have all of them, and the
    middle layer is what an item is. Items without a word are left out and have 0 there.
    """

    def __init__(self, bags: sparse.csr_array, hidden: int, size: int) -> None:
        super().__init__()
        words = bags.shape[1]
        self.first = nn.Parameter(torch.randn(words, hidden) / math.sqrt(hidden))
        self.bias = nn.Parameter(torch.zeros(hidden))
        self.encode = nn.Linear(hidden, size)
        self.decode = nn.Linear(size, hidden)
        self.last = nn.Linear(hidden, words)
        self.bags = SparseRows(bags)

    def middle(self, items: Tensor, noise: float) -> Tensor:
        """``X_2`` of items ``(M,)``: ``(M, D)``."""
        columns, starts = self.bags.of(items)
        shown = None
        if noise:
            shown = (torch.rand(len(columns), device=columns.device) >= noise).to(self.first)
        sums = functional.embedding_bag(
            columns,
            self.first,
            starts,
            mode="sum",
            per_sample_weights=shown,
            include_last_offset=True,
        )
        coded = torch.sigmoid(self.encode(torch.sigmoid(sums + self.bias)))
        return coded * (starts.diff() > 0)[:, None]

    def loss(self, items: Tensor, noise: float) -> Tensor:
        """The squared error over the words of items ``(M,)``, its mean per item."""
        columns, starts = self.bags.of(items)
        rows = torch.repeat_interleave(starts.diff())
        words = torch.zeros(len(items), len(self.first), device=columns.device)
        words = words.to(self.first.dtype).index_put((rows, columns), self.first.new_ones(()))
        known = starts.diff() > 0
        found = torch.sigmoid(self.last(torch.sigmoid(self.decode(self.middle(items, noise)))))
        return ((found - words).square().sum(1) * known).mean()
