"""Rules for masks whose ids number objects: fragments, merged objects, objects inside others."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from .finding import LintFinding
from .subject import MaskSubject, listed

_MIN_CORE = 4.0


def check_objects(subject: MaskSubject) -> Iterator[LintFinding]:
    """MA501, MA502 and MA503 on one mask of objects."""
    if not subject.objects:
        return
    yield from _fragments(subject)
    yield from _merged(subject)
    yield from _inside_others(subject)


def _fragments(subject: MaskSubject) -> Iterator[LintFinding]:
    regions = subject.regions
    mine = np.flatnonzero(subject.foreground)
    ids, counts = np.unique(regions.label[mine], return_counts=True)
    broken = ids[counts > 1]
    if broken.size == 0:
        return
    pieces = []
    for label in broken.tolist():
        own = mine[regions.label[mine] == label]
        largest = own[np.argmax(regions.area[own])]
        pieces += [int(n) for n in own if n != largest]
    yield subject.finding(
        "MA501",
        f"{broken.size} ids ({listed(broken.tolist())}) are on several separate pieces: stray "
        "pixels, or two objects that share an id.",
        regions=pieces,
        count=int(broken.size),
    )


def _merged(subject: MaskSubject) -> Iterator[LintFinding]:
    regions = subject.regions
    large = subject.foreground & (regions.area >= subject.limits.object_pixels)
    found = [
        n
        for n in np.flatnonzero(large).tolist()
        if _has_neck(
            subject.picture[tuple(slice(*side) for side in subject.box(n))] == n + 1,
            subject.limits.neck_ratio,
        )
    ]
    if found:
        ids = [int(regions.label[n]) for n in found]
        yield subject.finding(
            "MA502",
            f"{len(found)} objects ({listed(ids)}) have a narrow neck between two thick parts: "
            "two touching objects under one id? Split them.",
            regions=found,
        )


def _has_neck(region: NDArray[np.bool_], ratio: float) -> bool:
    """Whether cutting everything narrower than ``ratio`` leaves two parts of that thickness."""
    from scipy.ndimage import distance_transform_edt, label

    depth = distance_transform_edt(np.pad(region, 1))
    deepest = float(depth.max())
    if deepest < _MIN_CORE:
        return False
    for level in np.arange(1.5, ratio * deepest + 0.5, 0.5):
        thick = depth >= max(level / ratio, _MIN_CORE)
        parts, count = label(depth > level)
        if count > 1 and np.unique(parts[thick]).size > 1:
            return True
    return False


def _inside_others(subject: MaskSubject) -> Iterator[LintFinding]:
    """Objects that another object surrounds on all sides."""
    inside = []
    for n in np.flatnonzero(subject.foreground).tolist():
        outer = subject.enclosing(n)
        if outer is not None and subject.foreground[outer]:
            inside.append(n)
    if inside:
        ids = [int(subject.regions.label[n]) for n in inside]
        yield subject.finding(
            "MA503",
            f"{len(inside)} objects ({listed(ids)}) lie wholly inside another one: drawn twice, or "
            "one on top of the other.",
            regions=inside,
        )
