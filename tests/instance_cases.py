"""Pairs of instance maps with object counts and scores derived by hand.

Unless a case says otherwise: background 0, threshold 0.5, rule ``gt`` (IoU must exceed it).
``splits`` and ``merges`` count objects; ``voi`` is (split, merge) in bits over reference objects.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import nan
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class InstanceCase:
    """Two maps and what must come out."""

    name: str
    reference: NDArray[np.int32]
    candidate: NDArray[np.int32]
    expected: dict[str, Any]
    background: int | None = 0
    settings: dict[str, Any] = field(default_factory=dict)


def canvas(shape: tuple[int, int], *boxes: tuple[int, int, int, int, int]) -> NDArray[np.int32]:
    """Boxes (id, row start, row stop, column start, column stop) on a background of 0."""
    labels = np.zeros(shape, dtype=np.int32)
    for object_id, top, bottom, left, right in boxes:
        labels[top:bottom, left:right] = object_id
    return labels


def _case(
    name: str,
    reference: NDArray[np.int32],
    candidate: NDArray[np.int32],
    expected: dict[str, Any],
    *,
    background: int | None = 0,
    **settings: Any,
) -> InstanceCase:
    return InstanceCase(name, reference, candidate, expected, background, settings)


_EMPTY = canvas((8, 8))
_ONE = canvas((8, 8), (1, 2, 6, 2, 6))
_WHOLE = canvas((4, 4), (1, 0, 4, 0, 4))
_HALVES = canvas((4, 4), (1, 0, 4, 0, 2), (2, 0, 4, 2, 4))
_QUARTERS = canvas((4, 4), (1, 0, 4, 0, 3), (2, 0, 4, 3, 4))
_TWO_BLOBS = canvas((6, 12), (1, 1, 5, 1, 5), (1, 1, 5, 7, 11))
_LEFT_BLOB = canvas((6, 12), (1, 1, 5, 1, 5))
_GREEDY_REFERENCE = canvas((4, 30), (1, 0, 4, 0, 10), (2, 0, 4, 10, 18))
_GREEDY_CANDIDATE = canvas((4, 30), (1, 0, 4, 3, 15), (2, 0, 4, 0, 3))

CASES = [
    _case(
        "I1 no objects anywhere: undefined, not 0 and not 1",
        _EMPTY,
        _EMPTY,
        {"status": "both_empty", "tp": 0, "fp": 0, "fn": 0}
        | dict.fromkeys(("f1", "pq", "sq", "rq", "seg", "precision", "recall"), nan)
        | {"ap_dsb_mean": nan, "voi": (nan, nan)},
    ),
    _case(
        "I2 an object where there is none: 0, and precision but no recall",
        _EMPTY,
        _ONE,
        {"status": "reference_empty", "tp": 0, "fp": 1, "fn": 0, "f1": 0, "pq": 0, "sq": nan}
        | {"precision": 0, "recall": nan, "seg": nan, "ap_dsb_mean": 0, "voi": (nan, nan)},
    ),
    _case(
        "I3 the only object missed: 0, and recall but no precision",
        _ONE,
        _EMPTY,
        {"status": "candidate_empty", "tp": 0, "fp": 0, "fn": 1, "f1": 0, "pq": 0, "sq": nan}
        | {"precision": nan, "recall": 0, "seg": 0, "ap_dsb_mean": 0, "voi": (0, 0)},
    ),
    _case(
        "I4 identical objects",
        _ONE,
        _ONE,
        {"status": "ok", "tp": 1, "fp": 0, "fn": 0, "f1": 1, "pq": 1, "sq": 1, "rq": 1, "seg": 1}
        | {"precision": 1, "recall": 1, "ap_dsb_mean": 1, "splits": 0, "merges": 0, "voi": (0, 0)},
    ),
    _case(
        # Both halves have IoU 8/16: not more than 1/2. G13.
        "I5 exact halves, IoU must exceed 1/2",
        _WHOLE,
        _HALVES,
        {"status": "ok", "tp": 0, "fp": 2, "fn": 1, "pq": 0, "f1": 0, "sq": nan}
        | {"splits": 1, "merges": 0, "seg": 0, "voi": (1, 0)},
    ),
    _case(
        # One half is matched: tp 1, fp 1; f1 = 2/3; pq = 0.5 / 1.5.
        "I5 exact halves, IoU must reach 1/2",
        _WHOLE,
        _HALVES,
        {"tp": 1, "fp": 1, "fn": 0, "pq": 1 / 3, "f1": 2 / 3, "sq": 0.5, "splits": 1},
        rule="ge",
    ),
    _case(
        # SEG asks only that more than half of the reference object is covered, so the one
        # candidate serves both objects, each with Jaccard 8/16.
        "I6 two objects fused: the transpose of a split",
        _HALVES,
        _WHOLE,
        {"tp": 0, "fp": 1, "fn": 2, "pq": 0, "splits": 0, "merges": 1, "seg": 0.5, "voi": (0, 1)},
    ),
    _case(
        # 12/16 is matched: pq = 0.75 / 1.5. Split entropy: 2 - 0.75·log2(3) bits.
        "I7 three quarters and a quarter",
        _WHOLE,
        _QUARTERS,
        {"tp": 1, "fp": 1, "fn": 0, "pq": 0.5, "sq": 0.75, "seg": 0.75, "splits": 1}
        | {"voi": (2 - 0.75 * np.log2(3), 0)},
    ),
    _case(
        "I8 ids are names: 70000 against 3",
        canvas((8, 8), (70000, 2, 6, 2, 6)),
        canvas((8, 8), (3, 2, 6, 2, 6)),
        {"tp": 1, "fp": 0, "fn": 0, "pq": 1},
    ),
    _case(
        "I9 no background: every id is an object",
        _HALVES - 1,
        _HALVES - 1,
        {"tp": 2, "fp": 0, "fn": 0, "pq": 1, "ap_dsb_mean": 1},
        background=None,
    ),
    _case(
        "I10 another id is the background",
        np.where(_ONE == 0, 255, _ONE),
        np.where(_ONE == 0, 255, _ONE),
        {"tp": 1, "fp": 0, "fn": 0, "pq": 1},
        background=255,
    ),
    _case(
        # One id on two blobs is one object of 32 pixels; the left blob has 16 of them.
        "I11 one id on two blobs is one object",
        _LEFT_BLOB,
        _TWO_BLOBS,
        {"tp": 1, "fp": 0, "fn": 0, "pq": 0.5, "seg": 0.5},
        rule="ge",
    ),
    _case(
        # Object 1 exact; object 2: 90 of 100 pixels, IoU 0.9; object 3 missed; object 4 invented.
        # rq = 4/6, sq = 1.9/2, pq = 1.9/3. ap 2/4 up to 0.85; at 0.9 IoU 0.9 does not exceed it.
        "G10 four objects (panoptica's golden case)",
        canvas((50, 50), (1, 5, 15, 5, 15), (2, 20, 30, 20, 30), (3, 40, 48, 5, 13)),
        canvas((50, 50), (1, 5, 15, 5, 15), (2, 21, 30, 20, 30), (4, 40, 48, 40, 48)),
        {"tp": 2, "fp": 1, "fn": 1, "rq": 4 / 6, "sq": 0.95, "pq": 1.9 / 3}
        | {"ap_dsb": (0.5,) * 8 + (0.2,) * 2, "seg": 1.9 / 3},
    ),
    *(
        _case(
            # 100 shared of 300: IoU 1/3.
            f"G11 half overlap at threshold {threshold}",
            canvas((50, 50), (1, 10, 20, 10, 30)),
            canvas((50, 50), (1, 10, 20, 20, 40)),
            {"tp": tp, "fp": 1 - tp, "fn": 1 - tp, "pq": tp / 3},
            threshold=threshold,
        )
        for threshold, tp in ((0.1, 1), (0.2, 1), (0.3, 1), (0.4, 0), (0.5, 0))
    ),
    _case(
        "G12 a square shifted by half its side (StarDist's example)",
        canvas((100, 100), (1, 10, 20, 10, 20)),
        canvas((100, 100), (1, 15, 25, 10, 20)),
        {"tp": 0, "fp": 1, "fn": 1, "f1": 0, "pq": 0},
        rule="ge",
    ),
    _case(
        # IoU: (1,1) 28/60, (1,2) 12/40, (2,1) 20/60. Greedy takes (1,1) alone; the best
        # assignment is (1,2) and (2,1): pq = (0.3 + 1/3) / 2.
        "G14 greedy matching loses a pair",
        _GREEDY_REFERENCE,
        _GREEDY_CANDIDATE,
        {"tp": 2, "fp": 0, "fn": 0, "pq": (0.3 + 1 / 3) / 2},
        threshold=0.29,
    ),
]
