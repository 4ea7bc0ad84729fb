"""Counting, bands and surfaces against the usual tools, on the same arrays, in one run.

    python tests/benchmarks/bench_kernels.py [--size 1024] [--classes 19] [--repeat 5]

Peers that are not installed are left out. Every result is compared with ours before it is timed;
a difference stops the script. Times are the best of some repeats, in milliseconds.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np
from scipy import ndimage
from scipy.spatial import KDTree

from napari_mask_audit.bands import boundary_width, count_boundary_bands
from napari_mask_audit.boundaries import surface_distances
from napari_mask_audit.kernels import backend, count_tuples
from napari_mask_audit.masks import Mask
from napari_mask_audit.metrics.boundary import boundary_scores


def regions(size: int, classes: int, seed: int = 1) -> np.ndarray:
    """Smooth regions of some classes."""
    random = np.random.default_rng(seed)
    cells = size // 64 + 2
    fields = [ndimage.zoom(random.random((cells, cells)), 64, order=1) for _ in range(classes)]
    return np.stack(fields)[:, :size, :size].argmax(axis=0).astype(np.uint8)


def pair(size: int, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """A mask and a second one with jittered borders, holes and swapped regions."""
    reference = regions(size, classes)
    moved = np.roll(reference, 2, axis=0)
    candidate = np.where(moved == reference, reference, np.roll(reference, 3, axis=1))
    swap = regions(size, 9, seed=2) == 0
    swapped = swap & (reference == 1)
    return reference, np.where(swapped, np.uint8(2 % classes), candidate).astype(np.uint8)


def best(work: Callable[[], Any], repeat: int) -> float:
    """Least milliseconds of some runs."""
    times = []
    for _ in range(repeat):
        started = time.perf_counter()
        work()
        times.append(1e3 * (time.perf_counter() - started))
    return min(times)


class Table:
    """One row per tool, times relative to the fastest of ours."""

    def __init__(self, title: str, ours: Callable[[], Any], repeat: int) -> None:
        print(f"\n{title}")
        self.repeat, self.fastest = repeat, float("inf")
        for name in backend.available():
            backend.use(name)
            ours()  # compile or load before the clock starts
            elapsed = best(ours, repeat)
            self.fastest = min(self.fastest, elapsed)
            print(f"  {'ours, ' + name:<44}{elapsed:>10.1f} ms")

    def add(self, name: str, work: Callable[[], Any], same: Callable[[Any], None]) -> None:
        """Check a peer's result, then time it."""
        same(work())
        elapsed = best(work, max(1, self.repeat // 2))
        print(f"  {name:<44}{elapsed:>10.1f} ms {elapsed / self.fastest:>8.1f} x")


def confusion(reference: np.ndarray, candidate: np.ndarray, classes: int, repeat: int) -> None:
    """Confusion matrix."""
    tuples, counts = count_tuples([reference, candidate])
    expected = np.zeros((classes, classes), np.int64)
    expected[tuple(tuples.T)] = counts

    def same(found: Any) -> None:
        np.testing.assert_array_equal(np.asarray(found).reshape(classes, classes), expected)

    def fast_hist() -> np.ndarray:
        keys = classes * reference.ravel().astype(int) + candidate.ravel()
        return np.bincount(keys, minlength=classes**2)

    table = Table("confusion matrix", lambda: count_tuples([reference, candidate]), repeat)
    table.add("bincount of packed labels (FCN recipe)", fast_hist, same)
    try:
        from sklearn.metrics import confusion_matrix
    except ImportError:
        return
    flat = reference.ravel(), candidate.ravel()
    table.add("sklearn.metrics.confusion_matrix", lambda: confusion_matrix(*flat), same)


def five_annotators(reference: np.ndarray, candidate: np.ndarray, repeat: int) -> None:
    """All pairwise tables of five masks."""
    masks = [np.roll(m, s, axis=1) for s, m in enumerate((reference, candidate) * 3)][:5]
    tuples, counts = count_tuples(masks)

    def same(found: Any) -> None:
        np.testing.assert_array_equal(found[0], tuples)
        np.testing.assert_array_equal(found[1], counts)

    def unique() -> Any:
        code = np.zeros(masks[0].size, np.int64)
        for mask in masks:
            code = code * 256 + mask.ravel()
        values, found = np.unique(code, return_counts=True)
        return np.stack([values >> 8 * k & 255 for k in (4, 3, 2, 1, 0)], axis=1), found

    def ten() -> dict[tuple[int, int], np.ndarray]:
        flat = [mask.ravel().astype(np.int64) for mask in masks]
        return {
            (i, j): np.bincount(256 * flat[i] + flat[j], minlength=1 << 16)
            for i, j in combinations(range(5), 2)
        }

    def same_pairs(found: dict[tuple[int, int], np.ndarray]) -> None:
        for (i, j), table in found.items():
            expected = np.zeros(1 << 16, np.int64)
            np.add.at(expected, 256 * tuples[:, i] + tuples[:, j], counts)
            np.testing.assert_array_equal(table, expected)

    table = Table("label tuples of five annotators", lambda: count_tuples(masks), repeat)
    table.add("numpy.unique of packed labels", unique, same)
    table.add("bincount of each of the ten pairs", ten, same_pairs)


def bands(reference: np.ndarray, candidate: np.ndarray, width: int, repeat: int) -> None:
    """Boundary IoU of all classes, confusion included."""
    counts = count_boundary_bands(reference, candidate, width)

    def same(found: dict[int, float]) -> None:
        for label, value in found.items():
            assert value == counts[label].boundary_iou, (label, value)

    def band(mask: np.ndarray) -> np.ndarray:
        padded = np.pad(mask, 1)
        return padded & ~ndimage.binary_erosion(padded, np.ones((3, 3)), iterations=width)

    def per_class() -> dict[int, float]:
        found = {}
        for label in counts.classes:
            first, second = band(reference == label), band(candidate == label)
            found[label] = (first & second).sum() / (first | second).sum()
        return found

    title = f"Boundary IoU of all classes, width {width} px"
    table = Table(title, lambda: count_boundary_bands(reference, candidate, width), repeat)
    if reference.size * width < 2**24:
        table.add("erosion per class (scipy)", per_class, same)
    try:
        import cv2
    except ImportError:
        return

    def recipe() -> dict[int, float]:
        found = {}
        for label in counts.classes:
            pair_ = []
            for mask in (reference, candidate):
                binary = cv2.copyMakeBorder(
                    (mask == label).astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0
                )
                inner = cv2.erode(binary, np.ones((3, 3), np.uint8), iterations=width)
                pair_.append((binary - inner).astype(bool))
            found[label] = (pair_[0] & pair_[1]).sum() / (pair_[0] | pair_[1]).sum()
        return found

    table.add("erosion per class (OpenCV recipe)", recipe, same)


def surfaces(reference: np.ndarray, candidate: np.ndarray, labels: list[int], repeat: int) -> None:
    """Distances of all classes; then all scores of all classes."""
    spacing = (1.0,) * reference.ndim
    ours = surface_distances(reference, candidate, labels, spacing=spacing)

    def corners(mask: np.ndarray) -> np.ndarray:
        padded = np.pad(mask, 1).astype(np.uint8)
        total = sum(
            padded[tuple(slice(o, o + n + 1) for o, n in zip(offset, mask.shape, strict=True))]
            for offset in np.ndindex(*(2,) * mask.ndim)
        )
        return np.argwhere((total > 0) & (total < 2**mask.ndim))

    def trees() -> dict[int, Any]:
        found = {}
        for label in labels:
            first, second = corners(reference == label), corners(candidate == label)
            if len(first) and len(second):
                found[label] = KDTree(second).query(first)[0], KDTree(first).query(second)[0]
        return found

    def same(found: dict[int, Any]) -> None:
        for label, (first, second) in found.items():
            np.testing.assert_allclose(ours[label].reference.distances, first, rtol=1e-12)
            np.testing.assert_allclose(ours[label].candidate.distances, second, rtol=1e-12)

    title = f"surface distances, {reference.shape}, {len(labels)} classes"
    table = Table(
        title, lambda: surface_distances(reference, candidate, labels, spacing=spacing), repeat
    )
    table.add("KD-tree per class (scipy)", trees, same)
    masks = [Mask.from_array(m) for m in (reference, candidate)]
    options: dict[str, Any] = {"tolerances": (1.0, 2.0), "width": 2}
    scores = boundary_scores(*masks, labels, **options)
    table = Table(
        "HD, HD95, ASSD, NSD, offsets, Boundary IoU of the same",
        lambda: boundary_scores(*masks, labels, **options),
        repeat,
    )
    try:
        import surface_distance
    except ImportError:
        return
    if reference.size > 2**21:
        return

    def published() -> dict[int, tuple[float, float]]:
        found = {}
        for label in labels:
            both = [m == label for m in (reference, candidate)]
            if all(m.any() for m in both):
                made = surface_distance.compute_surface_distances(*both, spacing)
                found[label] = (
                    surface_distance.compute_robust_hausdorff(made, 95),
                    surface_distance.compute_surface_dice_at_tolerance(made, 1),
                )
        return found

    def equal(found: dict[int, tuple[float, float]]) -> None:
        for label, (hd95, nsd) in found.items():
            np.testing.assert_allclose((scores[label].hd95, scores[label].nsd[0][1]), (hd95, nsd))

    table.add("surface-distance (HD95 and NSD only)", published, equal)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=1024)
    parser.add_argument("--classes", type=int, default=19)
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    reference, candidate = pair(options.size, options.classes)
    print(f"{options.size} × {options.size} pixels, {options.classes} classes")
    confusion(reference, candidate, options.classes, options.repeat)
    five_annotators(reference, candidate, options.repeat)
    for width in (3, boundary_width(reference.shape)):
        bands(reference, candidate, width, options.repeat)
    surfaces(reference, candidate, list(range(options.classes)), options.repeat)
    ball = ndimage.zoom(np.random.default_rng(3).random((4, 10, 10)), (16, 26, 26), order=1) > 0.5
    thicker = np.where(np.roll(ball, 40, axis=1), ndimage.binary_dilation(ball), ball)
    surfaces(ball.astype(np.uint8), thicker.astype(np.uint8), [1], options.repeat)


if __name__ == "__main__":
    main()
