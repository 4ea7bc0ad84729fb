"""Counting and boundary bands against the usual tools, on the same arrays, in one run.

    python tests/benchmarks/bench_kernels.py [--sizes 512 1024 2048] [--classes 19] [--quick]

Peers that are not installed are left out; ``--quick`` leaves out the slow ones. Every result is
compared with ours before it is timed; a difference stops the script.
"""

from __future__ import annotations

import argparse
from itertools import combinations
from typing import Any

import numpy as np
from contest import Contest, print_summary
from scenes import pair
from scipy import ndimage

from napari_mask_audit.bands import boundary_width, count_boundary_bands
from napari_mask_audit.kernels import count_tuples


def confusion(
    reference: np.ndarray, candidate: np.ndarray, classes: int, repeat: int, *, quick: bool
) -> Contest:
    """Confusion matrix."""
    tuples, counts = count_tuples([reference, candidate])
    expected = np.zeros((classes, classes), np.int64)
    expected[tuple(tuples.T)] = counts

    def same(found: Any) -> None:
        np.testing.assert_array_equal(np.asarray(found).reshape(classes, classes), expected)

    def fast_hist() -> np.ndarray:
        keys = classes * reference.ravel().astype(int) + candidate.ravel()
        return np.bincount(keys, minlength=classes**2)

    def short_keys() -> np.ndarray:
        keys = np.uint16(classes) * reference.ravel().astype(np.uint16) + candidate.ravel()
        return np.bincount(keys, minlength=classes**2)

    contest = Contest(
        f"confusion, {_size(reference)}, {classes} classes",
        lambda: count_tuples([reference, candidate]),
        repeat,
    )
    contest.add("bincount of packed labels (FCN recipe)", fast_hist, same)
    contest.add("bincount of 16-bit packed labels", short_keys, same)
    try:
        import cv2
    except ImportError:
        pass
    else:
        bounds = [0, classes, 0, classes]

        def histogram() -> np.ndarray:
            return cv2.calcHist([reference, candidate], [0, 1], None, [classes] * 2, bounds)

        if reference.size < 1 << 24:  # its counts are float32
            contest.add("cv2.calcHist", histogram, same)
    if quick:
        return contest
    try:
        from sklearn.metrics import confusion_matrix
    except ImportError:
        return contest
    flat = reference.ravel(), candidate.ravel()
    contest.add("sklearn.metrics.confusion_matrix", lambda: confusion_matrix(*flat), same)
    return contest


def five_annotators(
    reference: np.ndarray, candidate: np.ndarray, classes: int, repeat: int
) -> Contest:
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
        order = np.argsort(values)
        values, found = values[order], found[order]
        return np.stack([values >> 8 * k & 255 for k in (4, 3, 2, 1, 0)], axis=1), found

    def ten() -> dict[tuple[int, int], np.ndarray]:
        flat = [mask.ravel().astype(np.int64) for mask in masks]
        return {
            (i, j): np.bincount(classes * flat[i] + flat[j], minlength=classes**2)
            for i, j in combinations(range(5), 2)
        }

    def same_pairs(found: dict[tuple[int, int], np.ndarray]) -> None:
        for (i, j), table in found.items():
            expected = np.zeros(classes**2, np.int64)
            np.add.at(expected, classes * tuples[:, i] + tuples[:, j], counts)
            np.testing.assert_array_equal(table, expected)

    recipe = "bincount of each of the ten pairs"
    contest = Contest(
        f"five annotators, {_size(reference)}, {classes} classes",
        lambda: count_tuples(masks),
        repeat,
        {"numba": 25},
        recipe,
    )
    contest.add(recipe, ten, same_pairs)
    contest.add("numpy.unique of packed labels", unique, same)
    return contest


def bands(
    reference: np.ndarray,
    candidate: np.ndarray,
    width: int,
    repeat: int,
    goal: float,
    *,
    quick: bool,
) -> Contest:
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

    def recipe() -> dict[int, float]:
        """As in boundary-iou-api: pad with zeros, erode `width` times, subtract."""
        found = {}
        for label in counts.classes:
            both = []
            for mask in (reference, candidate):
                binary = (mask == label).astype(np.uint8)
                padded = cv2.copyMakeBorder(binary, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
                inner = cv2.erode(padded, np.ones((3, 3), np.uint8), iterations=width)
                both.append(binary - inner[1:-1, 1:-1])
            first, second = both
            found[label] = ((first * second) > 0).sum() / ((first + second) > 0).sum()
        return found

    def together() -> dict[int, float]:
        """One erosion for all classes: a pixel whose surroundings have one least and one most."""
        inner = []
        element = np.ones((2 * width + 1,) * 2, np.uint8)
        for mask in (reference, candidate):
            low = cv2.erode(mask, element, borderType=cv2.BORDER_CONSTANT, borderValue=255)
            high = cv2.dilate(mask, element, borderType=cv2.BORDER_CONSTANT, borderValue=0)
            same_all = low == high
            same_all[:width], same_all[-width:] = False, False
            same_all[:, :width], same_all[:, -width:] = False, False
            inner.append(~same_all)
        pairs = np.bincount(
            ((reference.astype(np.uint16) << 7) | (candidate << 2))[inner[0] | inner[1]]
            | (inner[0].astype(np.uint16) << 1 | inner[1])[inner[0] | inner[1]],
            minlength=1 << 12,
        ).reshape(32, 32, 4)
        found = {}
        for label in counts.classes:
            own, other = pairs[label, :, 2:].sum(), pairs[:, label, 1::2].sum()
            shared = pairs[label, label, 3]
            found[label] = shared / (own + other - shared)
        return found

    name = "erosion per class (its recipe)"
    contest = Contest(
        f"Boundary IoU, all classes, {_size(reference)}, d = {width}",
        lambda: count_boundary_bands(reference, candidate, width),
        repeat,
        {"numba": goal},
        name,
    )
    if not quick and reference.size * width < 1 << 24:
        contest.add("erosion per class (scipy)", per_class, same)
    try:
        import cv2
    except ImportError:
        return contest
    contest.add(name, recipe, same)
    if max(counts.classes) < 32:
        contest.add("one erosion and one dilation (OpenCV)", together, same)
    return contest


def _size(mask: np.ndarray) -> str:
    return " x ".join(map(str, mask.shape))


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[512, 1024, 2048])
    parser.add_argument("--classes", type=int, default=19)
    parser.add_argument("--repeat", type=int, default=9)
    parser.add_argument("--quick", action="store_true", help="leave out the slow peers")
    options = parser.parse_args()
    contests = []
    for size in options.sizes:
        both = pair(size, options.classes)
        contests += [
            confusion(*both, options.classes, options.repeat, quick=options.quick),
            five_annotators(*both, options.classes, options.repeat),
            bands(*both, 3, options.repeat, 15, quick=options.quick),
            bands(*both, boundary_width(both[0].shape), options.repeat, 100, quick=options.quick),
        ]
    print_summary(contests)


if __name__ == "__main__":
    main()
