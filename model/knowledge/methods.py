"""What TransE, DistMult and ComplEx score, written as a query against candidates.

For a triple (h, r, t) every method makes one query vector from the two known parts and
compares it with all candidates, so that ranking the tails of many triples is one matrix
product:

- TransE (Bordes et al., NeurIPS 2013; [KG-LSTM], eq. 3.5): ``-‖h + r - t‖₂``, query
  ``h + r`` for tails, ``t - r`` for heads, compared by the negative distance
- DistMult (Yang et al., ICLR 2015; [KG-LSTM], eq. 3.6): ``Σ h ∘ r ∘ t``, compared by the
  inner product
- ComplEx (Trouillon et al., ICML 2016): ``Re(Σ h ∘ r ∘ conj(t))``; a vector holds the real
  parts and then the imaginary ones
"""

from __future__ import annotations

import torch
from torch import Tensor

from .config import Method


def tail_query(method: Method, head: Tensor, relation: Tensor) -> Tensor:
    """Query ``(…, d)`` whose similarity to a tail is the triple's score."""
    if method == "transe":
        return head + relation
    return head * relation if method == "distmult" else _product(head, relation)


def head_query(method: Method, relation: Tensor, tail: Tensor) -> Tensor:
    """Query ``(…, d)`` whose similarity to a head is the triple's score."""
    if method == "transe":
        return tail - relation
    return tail * relation if method == "distmult" else _product(tail, _conjugate(relation))


def similarity(method: Method, query: Tensor, candidates: Tensor) -> Tensor:
    """Scores ``(B, n)`` of queries ``(B, d)`` against candidates ``(n, d)``."""
    if method == "transe":
        return -torch.cdist(query, candidates)
    return query @ candidates.T


def score(method: Method, head: Tensor, relation: Tensor, tail: Tensor) -> Tensor:
    """Scores ``(B,)`` of whole triples."""
    query = tail_query(method, head, relation)
    if method == "transe":
        distance: Tensor = torch.linalg.vector_norm(query - tail, dim=-1)
        return -distance
    return (query * tail).sum(-1)


def cubed_norm(method: Method, vectors: Tensor) -> Tensor:
    """``(B,)``: sum of the cubed absolute values of ``(B, d)``; complex ones for complex."""
    if method == "complex":
        re, im = vectors.chunk(2, -1)
        return (re**2 + im**2).pow(1.5).sum(-1)
    return vectors.abs().pow(3).sum(-1)


def _product(a: Tensor, b: Tensor) -> Tensor:
    (a_re, a_im), (b_re, b_im) = a.chunk(2, -1), b.chunk(2, -1)
    return torch.cat([a_re * b_re - a_im * b_im, a_re * b_im + a_im * b_re], -1)


def _conjugate(a: Tensor) -> Tensor:
    re, im = a.chunk(2, -1)
    return torch.cat([re, -im], -1)
