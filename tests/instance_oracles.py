"""Slow and obvious: components by flood fill, the best matching by trying all of them."""

from __future__ import annotations

from collections import deque
from itertools import permutations, product
from math import log2

import numpy as np
from numpy.typing import NDArray


def flood_fill(labels: NDArray, connectivity: str, background: int | None = None) -> NDArray:
    """Component image numbered by first pixel in C order."""
    steps = [
        step
        for step in product((-1, 0, 1), repeat=labels.ndim)
        if any(step) and (connectivity == "full" or sum(map(abs, step)) == 1)
    ]
    found = np.zeros(labels.shape, dtype=int)
    number = 0
    for seed in np.ndindex(labels.shape):
        if found[seed] or labels[seed] == background:
            continue
        number += 1
        found[seed] = number
        queue = deque([seed])
        while queue:
            pixel = queue.popleft()
            for step in steps:
                other = tuple(p + s for p, s in zip(pixel, step, strict=True))
                if any(o < 0 or o >= n for o, n in zip(other, labels.shape, strict=True)):
                    continue
                if not found[other] and labels[other] == labels[seed]:
                    found[other] = number
                    queue.append(other)
    return found


def iou_matrix(reference: NDArray, candidate: NDArray, background: int | None = 0) -> NDArray:
    """IoU of every reference object (rows) with every candidate object (columns)."""
    rows = [i for i in np.unique(reference) if i != background]
    columns = [i for i in np.unique(candidate) if i != background]
    matrix = np.zeros((len(rows), len(columns)))
    for i, j in np.ndindex(matrix.shape):
        first, second = reference == rows[i], candidate == columns[j]
        matrix[i, j] = (first & second).sum() / (first | second).sum()
    return matrix


def best_matching(iou: NDArray, threshold: float, rule: str) -> tuple[int, float]:
    """Most pairs that pass, and the largest IoU sum with that many, over all assignments."""
    if iou.shape[0] > iou.shape[1]:
        iou = iou.T
    best = (0, 0.0)
    for columns in permutations(range(iou.shape[1]), iou.shape[0]):
        values = [iou[row, column] for row, column in enumerate(columns)]
        kept = [v for v in values if (v > threshold if rule == "gt" else v >= threshold)]
        kept = [v for v in kept if v > 0]
        best = max(best, (len(kept), sum(kept)))
    return best


def conditional_entropy(of: NDArray, given: NDArray) -> float:
    """H(of | given) in bits over the pixels of two flat label lists."""
    n = len(of)
    total = 0.0
    for g in set(given.tolist()):
        inside = of[given == g]
        for o in set(inside.tolist()):
            p = (inside == o).sum() / len(inside)
            total -= len(inside) / n * p * log2(p)
    return total
