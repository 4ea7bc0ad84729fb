"""Scenes with one known cause of error each, and a slow, obvious sorter of wrong pixels."""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy import ndimage as ndi

FULL = {2: np.ones((3, 3)), 3: np.ones((3, 3, 3))}


def disc(radius: float) -> np.ndarray:
    reach = int(radius)
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    return y**2 + x**2 <= radius**2


@cache
def scene(seed: int, *, size: int = 256, classes: int = 3) -> tuple[np.ndarray, list[dict]]:
    """Ellipses and tilted bars on background 0, large and small, at least 14 px apart."""
    rng = np.random.default_rng(seed)
    labels = np.zeros((size, size), np.uint8)
    taken = np.zeros((size, size), bool)
    objects: list[dict] = []
    y, x = np.mgrid[:size, :size]
    for attempt in range(4000):
        if len(objects) == 12:
            break
        large = len(objects) < 6
        half = rng.uniform(14, 24, 2) if large else rng.uniform(2.2, 3.6, 2)
        centre = rng.uniform(34, size - 34, 2)
        angle = rng.uniform(0, np.pi)
        u = (y - centre[0]) * np.cos(angle) + (x - centre[1]) * np.sin(angle)
        v = -(y - centre[0]) * np.sin(angle) + (x - centre[1]) * np.cos(angle)
        if attempt % 2:
            inside = (u / half[0]) ** 2 + (v / half[1]) ** 2 <= 1
        else:
            inside = (abs(u) <= half[0] * 0.85) & (abs(v) <= half[1] * 0.85)
        if (inside & taken).any():
            continue
        class_id = int(rng.integers(1, classes + 1))
        labels[inside] = class_id
        taken |= ndi.distance_transform_edt(~inside) <= 14
        objects.append({"mask": inside, "class": class_id, "large": large, "centre": centre})
    assert len(objects) == 12, "the scene is too crowded"
    labels.flags.writeable = False  # it is shared by all tests
    return labels, objects


def grown(labels: np.ndarray, pixels: int) -> np.ndarray:
    """Every object larger (or smaller, for negative numbers) by so many pixels."""
    out = np.zeros_like(labels)
    for class_id in np.unique(labels[labels > 0]):
        mask = labels == class_id
        change = ndi.binary_dilation if pixels > 0 else ndi.binary_erosion
        out[change(mask, disc(abs(pixels)))] = class_id
    return out


def moved(labels: np.ndarray, vector: tuple[int, ...]) -> np.ndarray:
    """The labels shifted; background comes in from outside."""
    out = np.zeros_like(labels)
    target = tuple(
        slice(max(0, v), n + min(0, v)) for v, n in zip(vector, labels.shape, strict=True)
    )
    source = tuple(
        slice(max(0, -v), n - max(0, v)) for v, n in zip(vector, labels.shape, strict=True)
    )
    out[target] = labels[source]
    return out


def jittered(labels: np.ndarray, seed: int, amplitude: float) -> np.ndarray:
    """Outlines moved to and fro by a smooth field of at most about ``amplitude`` pixels."""
    rng = np.random.default_rng(seed)
    size = labels.shape
    field = []
    for _ in size:
        noise = ndi.gaussian_filter(rng.normal(size=size), 6)
        field.append(noise / abs(noise).max() * amplitude / np.sqrt(2))
    grid = np.indices(size)
    where = [
        np.clip(np.rint(g + f), 0, n - 1).astype(int)
        for g, f, n in zip(grid, field, size, strict=True)
    ]
    return labels[tuple(where)]


def slow_codes(reference, candidate, *, spacing, tolerance, ignore_ids=()):
    """near, far from candidate, far from reference: by looking at every pair of pixels."""
    places = np.indices(reference.shape).reshape(reference.ndim, -1).T
    own, other = reference.reshape(-1), candidate.reshape(-1)
    grid = np.asarray(spacing, float)
    wrong = (own != other) & ~np.isin(own, list(ignore_ids))
    near, far_c, far_r = (np.zeros(own.size, bool) for _ in range(3))
    for i in np.flatnonzero(wrong):
        thickness = 0.0
        for labels, wanted, far in ((own, other[i], far_r), (other, own[i], far_c)):
            targets = places[labels == wanted]
            if len(targets) == 0:
                thickness, far[i] = np.inf, True
                continue
            step = (targets - places[i]) * grid
            length = np.sqrt((step**2).sum(axis=1))
            k = int(length.argmin())
            along = np.sqrt(((step[k] * grid) ** 2).sum()) / length[k]
            thickness += length[k] - along / 2
            far[i] = length[k] > tolerance + 1e-9
        near[i] = thickness <= tolerance + 1e-9
    return wrong, near, far_c, far_r


def slow_buckets(reference, candidate, *, background, spacing, thresholds, ignore_ids=()):
    """Names of the buckets of all pixels, rule by rule; splits and merges aside."""
    tolerance = thresholds.tolerance_for(spacing)
    small = thresholds.small_area_for(reference.size)
    wrong, near, far_c, far_r = (
        a.reshape(reference.shape)
        for a in slow_codes(
            reference, candidate, spacing=spacing, tolerance=tolerance, ignore_ids=ignore_ids
        )
    )
    valid = ~np.isin(reference, list(ignore_ids))
    pieces = [_pieces(labels) for labels in (reference, candidate)]
    missed = np.full(reference.shape, "", dtype=object)
    false = missed.copy()
    for class_id, mask in pieces[0]:
        region = mask & valid
        if class_id == background or not region.any() or not (far_c & region).any():
            continue
        if np.mean(candidate[region] == class_id) >= thresholds.missed_recall:
            continue
        name = "missed_small" if region.sum() < small else "missed_large"
        cover = max(
            ((c, m) for c, m in pieces[1] if c != class_id), key=lambda p: (p[1] & region).sum()
        )
        if (
            cover[0] != background
            and (cover[1] & region).sum() >= thresholds.dominance * (cover[1] & valid).sum()
        ):
            name = "confusion"
        missed[region] = name
    for class_id, mask in pieces[1]:
        region = mask & valid
        if class_id == background or not region.any() or not (far_r & region).any():
            continue
        if np.mean(reference[region] == class_id) >= thresholds.missed_recall:
            continue
        below = max(
            ((c, m) for c, m in pieces[0] if c != class_id), key=lambda p: (p[1] & region).sum()
        )
        if background is None:
            confused = (below[1] & region).sum() >= thresholds.dominance * (below[1] & valid).sum()
        else:
            confused = below[0] != background
        false[region] = "confusion" if confused else "false_region"
    out = np.full(reference.shape, "", dtype=object)
    for place in zip(*np.nonzero(wrong), strict=True):
        if "confusion" in (missed[place], false[place]) or (missed[place] and false[place]):
            out[place] = "confusion"
        elif missed[place] or false[place]:
            out[place] = missed[place] or false[place]
        elif near[place]:
            out[place] = "boundary"
        elif background is not None and candidate[place] == background:
            out[place] = "under_extent"
        elif background is not None and reference[place] == background:
            out[place] = "over_extent"
        else:
            out[place] = "confusion"
    return out


def _pieces(labels):
    """(class, mask) of every connected piece, in C order of first pixels."""
    found = []
    for class_id in np.unique(labels):
        numbered, count = ndi.label(labels == class_id, FULL[labels.ndim])
        for n in range(1, count + 1):
            mask = numbered == n
            found.append((int(mask.argmax()), class_id, mask))
    return [(class_id, mask) for _, class_id, mask in sorted(found, key=lambda f: f[0])]
