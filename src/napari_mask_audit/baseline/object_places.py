"""Places where an object is seen but not labelled, or labelled otherwise than it is seen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..kernels.components import label_components
from ..masks import LabelArray
from .lessons import INSIDE, Lesson, Votes, chance_of
from .outlines import dent_of
from .places import MIN_CHANCE, MIN_PIXELS, PlaceKind, SuspectPlace, box_of

# Outlines differ by a pixel or two for many reasons.
_MARGIN_PX = 2
# Objects smaller than this share of the usual one are not missed.
_MIN_SHARE = 0.2
# A part counts as one of several under one id when it has this share of the whole, …
_PART_SHARE = 0.2
# … and lies with this share of its own pixels in it.
_WITHIN_SHARE = 0.6


def numbered(labels: LabelArray, lesson: Lesson) -> NDArray[np.int32]:
    """Objects numbered from 1 in the order of their ids, 0 elsewhere."""
    ids, inverse = np.unique(labels, return_inverse=True)
    drawn = ~lesson.is_nothing(ids)
    numbers = np.where(drawn, np.cumsum(drawn), 0).astype(np.int32)
    return numbers[inverse].reshape(labels.shape)


def object_places(
    labels: LabelArray, votes: Votes, classes: NDArray[Any], lesson: Lesson, body: Votes
) -> Iterator[SuspectPlace]:
    """All places of one sample, shape (z, y, x); ``body`` is the chance of any object."""
    from scipy.ndimage import find_objects

    drawn = numbered(labels, lesson)
    ids = np.unique(labels)
    ids = ids[~lesson.is_nothing(ids)]
    found = lesson.ids(votes, classes)
    if lesson.background:
        found = np.where(found == lesson.background, 0, found)
    boxes = find_objects(drawn)
    area = np.bincount(drawn.ravel(), minlength=ids.size + 1)
    inside = chance_of(votes, classes, INSIDE)
    yield from _extra(drawn, ids, area, boxes, body)
    usual = float(np.median(area[1:])) if ids.size else 0.0
    taken = (drawn > 0) | np.isin(labels, sorted(lesson.ignore))
    yield from _missing(taken, body, lesson, usual)
    yield from _merged(drawn, found, ids, area, boxes, inside)
    yield from _split(drawn, found, ids, area, inside)


def _extra(
    drawn: NDArray[np.int32], ids: NDArray[Any], area: NDArray[Any], boxes: Any, body: Votes
) -> Iterator[SuspectPlace]:
    """Objects where nothing is seen."""
    chance = 1 - np.bincount(drawn.ravel(), body.ravel(), ids.size + 1) / np.maximum(area, 1)
    for n in np.flatnonzero(chance[1:] >= MIN_CHANCE).tolist():
        yield SuspectPlace(
            PlaceKind.EXTRA,
            int(ids[n]),
            None,
            int(area[n + 1]),
            box_of(boxes[n]),
            float(chance[n + 1]),
        )


def _missing(
    taken: NDArray[np.bool_], body: Votes, lesson: Lesson, usual: float
) -> Iterator[SuspectPlace]:
    """Places where an object is seen and none is labelled."""
    from scipy.ndimage import binary_dilation, binary_opening

    cross = np.zeros((3, 3, 3), bool)
    cross[1, 1, :] = cross[1, :, 1] = True
    empty = ~binary_dilation(taken, cross, iterations=_MARGIN_PX)
    seen = binary_opening(empty & (body >= MIN_CHANCE), cross)
    regions = label_components(seen.astype(np.int32), connectivity="face", background=0)
    number = regions.image()
    chance = np.bincount(number.ravel(), body.ravel(), len(regions) + 1)[1:] / regions.area
    for n in np.flatnonzero(regions.area >= max(MIN_PIXELS, _MIN_SHARE * usual)).tolist():
        yield SuspectPlace(
            PlaceKind.MISSING,
            lesson.background or 0,
            None,
            int(regions.area[n]),
            box_of(regions.box(n)),
            float(chance[n]),
        )


def _parts(whole: NDArray[np.int32], part: NDArray[np.int32]) -> dict[int, list[int]]:
    """By number of a whole: the parts that make up much of it and lie in it."""
    both = (whole > 0) & (part > 0)
    pairs, counts = np.unique(np.stack([whole[both], part[both]]), axis=1, return_counts=True)
    size, own = np.bincount(whole.ravel()), np.bincount(part.ravel())
    made: dict[int, list[int]] = {}
    for (w, p), count in zip(pairs.T.tolist(), counts.tolist(), strict=True):
        if count >= max(_PART_SHARE * size[w], MIN_PIXELS) and count >= _WITHIN_SHARE * own[p]:
            made.setdefault(w, []).append(p)
    return {w: parts for w, parts in made.items() if len(parts) > 1}


def _merged(
    drawn: NDArray[np.int32],
    found: NDArray[np.int32],
    ids: NDArray[Any],
    area: NDArray[Any],
    boxes: Any,
    inside: Votes,
) -> Iterator[SuspectPlace]:
    """One id on what is seen as several objects with a rim between."""
    for whole, parts in _parts(drawn, found).items():
        cut = boxes[whole - 1]
        pieces = np.where(drawn[cut] == whole, found[cut], 0)
        between = _between(pieces, parts)
        chance = float(1 - inside[cut][between].mean()) if between.any() else 1.0
        yield SuspectPlace(
            PlaceKind.MERGED,
            int(ids[whole - 1]),
            None,
            int(area[whole]),
            box_of(cut),
            chance,
            dent_of(drawn[cut] == whole, (drawn[cut] > 0) & (drawn[cut] != whole)),
        )


def _split(
    drawn: NDArray[np.int32],
    found: NDArray[np.int32],
    ids: NDArray[Any],
    area: NDArray[Any],
    inside: Votes,
) -> Iterator[SuspectPlace]:
    """Several ids on what is seen as the inside of one object."""
    from scipy.ndimage import find_objects

    boxes = find_objects(found)
    for whole, parts in _parts(found, drawn).items():
        cut = boxes[whole - 1]
        between = _between(drawn[cut], parts)
        mine = np.isin(drawn[cut], parts)
        if not between.any():
            continue
        yield SuspectPlace(
            PlaceKind.SPLIT,
            int(ids[parts[0] - 1]),
            int(ids[parts[1] - 1]),
            int(area[parts].sum()),
            box_of(cut),
            float(inside[cut][between].mean()),
            dent_of(mine, (drawn[cut] > 0) & ~mine),
        )


def _between(numbers: NDArray[np.int32], parts: list[int]) -> NDArray[np.bool_]:
    """Pixels of the parts that touch a pixel of another part."""
    mine = np.isin(numbers, parts)
    touching = np.zeros(numbers.shape, bool)
    for axis in range(numbers.ndim):
        low = [slice(None)] * numbers.ndim
        high = [slice(None)] * numbers.ndim
        low[axis], high[axis] = slice(None, -1), slice(1, None)
        a, b = tuple(low), tuple(high)
        meets = mine[a] & mine[b] & (numbers[a] != numbers[b])
        touching[a] |= meets
        touching[b] |= meets
    return touching
