"""Realistic mistakes in a label, made on purpose, one kind at a time.

Each function takes a mask and a random generator and gives a wrong copy, or None where the mask
offers no opportunity for that kind of mistake.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import ndimage

Mistake = Callable[[np.ndarray, np.random.Generator], "np.ndarray | None"]


def _ids(mask: np.ndarray, smallest: int = 30) -> np.ndarray:
    ids, counts = np.unique(mask, return_counts=True)
    return ids[(ids != 0) & (counts >= smallest)]


def _some(ids: np.ndarray, share: float, rng: np.random.Generator, least: int = 1) -> np.ndarray:
    number = min(len(ids), max(least, round(share * len(ids))))
    return rng.choice(ids, number, replace=False)


def dropped(mask: np.ndarray, rng: np.random.Generator) -> np.ndarray | None:
    """One object in eight is not labelled."""
    ids = _ids(mask)
    if len(ids) < 4:
        return None
    wrong = mask.copy()
    wrong[np.isin(mask, _some(ids, 0.125, rng, 2))] = 0
    return wrong


def invented(mask: np.ndarray, rng: np.random.Generator) -> np.ndarray | None:
    """Two objects are labelled where nothing is."""
    wrong = mask.copy()
    ids = _ids(mask)
    made = 0
    for _ in range(60):
        if made == 2 or not len(ids):
            break
        shape = mask == rng.choice(ids)
        moved = np.roll(shape, tuple(rng.integers(0, mask.shape[0], 2)), axis=(0, 1))
        if not (ndimage.binary_dilation(moved, iterations=2) & (wrong > 0)).any():
            made += 1
            wrong[moved] = wrong.max() + 1
    return wrong if made else None


def merged(mask: np.ndarray, rng: np.random.Generator) -> np.ndarray | None:
    """Up to three pairs of neighbours share an id, and the gap between them is filled."""
    wrong = mask.copy()
    done = 0
    for label in rng.permutation(_ids(mask)):
        ring = ndimage.binary_dilation(wrong == label, iterations=3) & (wrong != label)
        near = _ids(np.where(ring, wrong, 0), 4)
        if len(near):
            both = (wrong == label) | (wrong == near[0])
            closed = ndimage.binary_closing(np.pad(both, 4), iterations=3)[4:-4, 4:-4]
            wrong[(closed & (wrong == 0)) | both] = label
            done += 1
        if done == 3:
            break
    return wrong if done else None


def split(mask: np.ndarray, rng: np.random.Generator) -> np.ndarray | None:
    """Up to three objects are cut in two along a line through the middle."""
    ids = _ids(mask, 60)
    if not len(ids):
        return None
    wrong = mask.copy()
    for label in _some(ids, 0.0, rng, 3):
        where = np.argwhere(mask == label)
        turn = rng.uniform(0, np.pi)
        side = (where - where.mean(axis=0)) @ [np.cos(turn), np.sin(turn)] > 0
        wrong[tuple(where[side].T)] = wrong.max() + 1
    return wrong


def shifted(mask: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The whole mask lies four to six pixels off."""
    distance, turn = rng.uniform(4, 6), rng.uniform(0, 2 * np.pi)
    move = tuple(round(v) for v in (distance * np.sin(turn), distance * np.cos(turn)))
    return np.asarray(ndimage.shift(mask, move, order=0, mode="nearest"))


def widened(mask: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Every object is two pixels too wide, where nothing else is."""
    far, nearest = ndimage.distance_transform_edt(mask == 0, return_indices=True)
    return np.where(far <= 2.3, mask[tuple(nearest)], 0).astype(mask.dtype)


def narrowed(mask: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Every object is two pixels too narrow."""
    wrong = np.zeros_like(mask)
    for label in _ids(mask, 1):
        wrong[ndimage.binary_erosion(mask == label, iterations=2)] = label
    return wrong


#: Mistakes in masks of objects; "other" (the mask of another image) needs more than one mask.
OBJECT_MISTAKES: dict[str, Mistake] = {
    "dropped": dropped,
    "invented": invented,
    "merged": merged,
    "split": split,
    "shifted": shifted,
    "widened": widened,
    "narrowed": narrowed,
}


def class_dropped(mask: np.ndarray, rng: np.random.Generator) -> np.ndarray | None:
    """A region of middle size gets the class around it."""
    return _recoloured(mask, rng, around=True)


def class_confused(mask: np.ndarray, rng: np.random.Generator) -> np.ndarray | None:
    """A region of middle size gets another class that occurs in the mask."""
    return _recoloured(mask, rng, around=False)


def _recoloured(mask: np.ndarray, rng: np.random.Generator, *, around: bool) -> np.ndarray | None:
    regions = []
    for label in np.unique(mask):
        pieces, count = ndimage.label(mask == label)
        sizes = np.bincount(pieces.ravel())
        regions += [
            pieces == n
            for n in range(1, count + 1)
            if 0.01 * mask.size <= sizes[n] <= 0.3 * mask.size
        ]
    if not regions:
        return None
    region = regions[int(rng.integers(len(regions)))]
    own = mask[region][0]
    if around:
        ring = ndimage.binary_dilation(region) & ~region
        ids, counts = np.unique(mask[ring], return_counts=True)
        new = ids[counts.argmax()]
    else:
        others = [label for label in np.unique(mask) if label != own]
        if not others:
            return None
        new = rng.choice(others)
    wrong = mask.copy()
    wrong[region] = new
    return wrong if (wrong != mask).any() else None


#: Mistakes in masks of classes.
CLASS_MISTAKES: dict[str, Mistake] = {
    "dropped": class_dropped,
    "confused": class_confused,
    "shifted": shifted,
}


def plant(
    masks: dict[str, np.ndarray],
    mistakes: dict[str, Mistake],
    share: float,
    seed: int,
) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Put mistakes into a share of the masks; kinds in turn.

    Returns
    -------
    dict, dict
        All masks, and the kind of mistake by the name of each wrong one.
    """
    rng = np.random.default_rng([seed, 5])
    names = sorted(masks)
    chosen = rng.permutation(names)[: max(1, round(share * len(names)))].tolist()
    kinds = [*mistakes, "other"]
    start = int(rng.integers(len(kinds)))
    wrong: dict[str, np.ndarray] = {}
    made: dict[str, str] = {}
    for n, name in enumerate(chosen):
        for step in range(len(kinds)):
            kind = kinds[(start + n + step) % len(kinds)]
            if kind == "other":
                same = [m for m in names if m != name and masks[m].shape == masks[name].shape]
                mask = masks[str(rng.choice(same))] if same else None
            else:
                mask = mistakes[kind](masks[name], rng)
            if mask is not None and (mask != masks[name]).any():
                wrong[name], made[name] = mask, kind
                break
    return {**masks, **wrong}, made
