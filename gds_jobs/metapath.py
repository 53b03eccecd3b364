"""Metapaths: which relationships a walk follows, one after the other.

A metapath is written as words: labels of nodes, and between them relationship types with
the direction in which they are walked::

    User RATED> Movie <DIRECTED Person DIRECTED> Movie
    User-Movie-Director-Movie

``TYPE>`` is walked along its direction, ``<TYPE`` against it, ``<TYPE>`` either way. Between
two labels without a type any relationship is walked. Between two types a label may be left
out. ``User``, ``Item`` and ``Entity`` are labels of every data set; the others are its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..artifacts import SplitFolder, read_parquet
from ..errors import InputError
from .csr import Csr, EdgeList
from .split_graph import SplitGraph

Mask = npt.NDArray[np.bool_]

_NOTATION = (
    "Write labels and, between them, types: 'User RATED> Movie <DIRECTED Person', or labels "
    "only: User-Movie-Person."
)


@dataclass(frozen=True)
class Step:
    """One hop: over ``type`` (None: any), ``along`` or ``against`` its direction or both."""

    type: str | None
    along: bool
    against: bool
    source: str | None
    target: str | None

    def reversed(self) -> Step:
        return Step(self.type, self.against, self.along, self.target, self.source)

    def __str__(self) -> str:
        arrow = f"{'<' * self.against}{self.type or ''}{'>' * self.along}"
        return f"{self.source or '()'} {arrow} {self.target or '()'}"


@dataclass(frozen=True)
class Metapath:
    """A parsed metapath; ``steps`` is one round, which ends where it began.

    A path whose last label is its first is the round itself; another one is walked to its
    end and back.
    """

    text: str
    start: str
    steps: tuple[Step, ...]


def parse(text: str) -> Metapath:
    """Read the notation above.

    :raises InputError: when it does not begin with a label, has no step, or has a word
        that is neither label nor type.
    """
    words = [word for word in re.split(r"[\s-]+", text) if word]
    if not words or _is_type(words[0]):
        raise InputError(f"metapath '{text}' does not begin with a label", _NOTATION)
    steps: list[Step] = []
    label: str | None = words[0]
    pending: str | None = None  # a type that waits for the label behind it
    for word in words[1:]:
        if not re.fullmatch(r"<?\w+>?", word):
            raise InputError(f"metapath '{text}': cannot read '{word}'", _NOTATION)
        if not _is_type(word):
            steps.append(_step(pending or "<>", label, word))
            label, pending = word, None
        elif pending is None:
            pending = word
        else:
            steps.append(_step(pending, label, None))
            label, pending = None, word
    if pending is not None:
        steps.append(_step(pending, label, None))
        label = None
    if not steps:
        raise InputError(f"metapath '{text}' has no step", _NOTATION)
    back = () if label == words[0] else tuple(step.reversed() for step in reversed(steps))
    return Metapath(text, words[0], (*steps, *back))


def label_masks(split: SplitFolder, inputs: SplitGraph) -> dict[str, Mask]:
    """``(nodes,)`` for each label: which nodes have it."""
    items, entities = len(inputs.item_ids), inputs.entities
    spans = {
        "Item": (0, items),
        "Entity": (items, items + entities),
        "User": (items + entities, inputs.nodes),
    }
    masks = {label: _mask(inputs.nodes, np.arange(*span)) for label, span in spans.items()}
    for path in (split.dataset.items, split.dataset.entities):
        nodes = read_parquet(path)[["index", "labels"]].explode("labels").dropna()
        for label, group in nodes.groupby("labels"):
            found = _mask(inputs.nodes, group["index"].to_numpy(np.int64))
            masks[str(label)] = found | masks.get(str(label), False)
    return masks


def resolve(path: Metapath, edges: EdgeList, masks: Mapping[str, Mask]) -> tuple[Csr, ...]:
    """The neighbours that each step of a round may go to.

    :raises InputError: for a label or type that the data set does not have, which lists
        the known ones, and for a step that no relationship can take.
    """
    for label in (path.start, *(step.target for step in path.steps)):
        if label is not None and label not in masks:
            hint = f"Labels: {', '.join(sorted(masks))}"
            if label in edges.types:
                hint = f"Relationship types carry their direction: {label}> or <{label}. {hint}"
            raise InputError(f"metapath '{path.text}': no node has the label {label}", hint)
    return tuple(_neighbours(path, step, edges, masks) for step in path.steps)


def _neighbours(path: Metapath, step: Step, edges: EdgeList, masks: Mapping[str, Mask]) -> Csr:
    if step.type is not None:
        if step.type not in edges.types:
            raise InputError(
                f"metapath '{path.text}': there is no relationship type {step.type}",
                f"Types: {', '.join(edges.types)}",
            )
        edges = edges.of((step.type,))
    none = np.empty(0, np.int64)
    along = (edges.source, edges.target) if step.along else (none, none)
    against = (edges.target, edges.source) if step.against else (none, none)
    source = np.concatenate([along[0], against[0]])
    target = np.concatenate([along[1], against[1]])
    nodes = len(masks["Item"])
    kept = _has(step.source, source, masks) & _has(step.target, target, masks)
    if not kept.any():
        raise InputError(
            f"metapath '{path.text}': no relationship among the train ratings and the knowledge "
            f"can be walked as '{step}'",
            "Look at the direction: TYPE> goes along it, <TYPE against it. Types: "
            f"{', '.join(edges.types)}",
        )
    return Csr.build(nodes, source[kept], target[kept])


def _has(label: str | None, nodes: npt.NDArray[np.int64], masks: Mapping[str, Mask]) -> Mask:
    return np.ones(len(nodes), bool) if label is None else masks[label][nodes]


def _step(arrow: str, source: str | None, target: str | None) -> Step:
    kind = arrow.strip("<>") or None
    return Step(kind, arrow.endswith(">"), arrow.startswith("<"), source, target)


def _is_type(word: str) -> bool:
    return word.startswith("<") or word.endswith(">")


def _mask(nodes: int, members: npt.NDArray[np.int64]) -> Mask:
    found = np.zeros(nodes, dtype=bool)
    found[members] = True
    return found
