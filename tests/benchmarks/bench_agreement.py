"""Time agreement statistics and consensus against other libraries on the same masks.

Usage: python tests/benchmarks/bench_agreement.py [--size 2048] [--repeat 5]

Peers that are not installed are left out. Every result is compared with ours before it is timed; a
difference stops the script. All of ours begin at the masks: counting is part of the time, and so
is the way back to pixels where the result is a picture.
"""

from __future__ import annotations

import argparse
from itertools import combinations
from typing import Any

import numpy as np
from contest import Contest, print_summary
from scenes import regions
from scipy import ndimage

from napari_mask_audit.agreement import (
    VoteTable,
    cohen_kappa,
    fleiss_kappa,
    krippendorff_alpha,
)
from napari_mask_audit.agreement.expansion import RowMap
from napari_mask_audit.agreement.staple import binary_staple, dawid_skene, label_staple
from napari_mask_audit.kernels import count_tuples

Masks = list[np.ndarray]


def annotators(size: int, classes: int, count: int, seed: int = 0) -> Masks:
    """Masks of one scene: outlines waver, some regions are missed, some get another class."""
    random, truth = np.random.default_rng(seed), regions(size, classes)
    parts = regions(size, 23, seed=seed + 1)
    found = []
    for number in range(count):
        shift = [ndimage.zoom(random.normal(0, 2, (size // 16,) * 2), 16, order=1) for _ in "yx"]
        y, x = (
            np.clip(np.rint(at + by).astype(int), 0, size - 1)
            for at, by in zip(np.indices((size, size)), shift, strict=True)
        )
        mask = truth[y, x]
        mask[parts == number] = 0
        mask[(parts == number + count) & (mask == 0)] = 1
        found.append(mask)
    return found


def votes_of(masks: Masks) -> VoteTable:
    """What the annotators said."""
    return VoteTable(tuple(map(str, range(len(masks)))), *count_tuples(masks))


def binary(masks: Masks, repeat: int) -> Contest:
    """STAPLE of a binary mask: probability of every pixel, sensitivity and specificity."""

    def ours() -> tuple[np.ndarray, Any]:
        rows = RowMap.of(masks)
        found = binary_staple(VoteTable(names, rows.labels, rows.counts), iterations=10_000)
        return rows.expand(found.probability[:, 1]), found

    names = tuple(map(str, range(len(masks))))
    picture, mine = ours()
    title = f"STAPLE, {len(masks)} raters, {mine.iterations} rounds, {masks[0].shape}"
    contest = Contest(title, ours, repeat, {"numba": 300})
    try:
        import SimpleITK as Peer
    except ImportError:
        return contest
    images = [Peer.GetImageFromArray(mask) for mask in masks]
    staple = Peer.STAPLEImageFilter()
    staple.SetForegroundValue(1)

    def same(found: Any) -> None:
        np.testing.assert_allclose(picture, Peer.GetArrayFromImage(found), atol=1e-8)
        np.testing.assert_allclose(mine.confusion[:, 1, 1], staple.GetSensitivity(), atol=1e-8)
        assert mine.iterations == staple.GetElapsedIterations()

    contest.add("SimpleITK STAPLE", lambda: staple.Execute(images), same)
    return contest


def labels(masks: Masks, repeat: int) -> Contest:
    """STAPLE of many labels: the label of every pixel."""

    def ours() -> np.ndarray:
        rows = RowMap.of(masks)
        found = label_staple(VoteTable(names, rows.labels, rows.counts), iterations=10_000)
        return rows.expand(found.ids[found.probability.argmax(axis=1)].astype(np.uint8))

    names = tuple(map(str, range(len(masks))))
    count = len(np.unique(masks[0]))
    title = f"STAPLE, {len(masks)} raters, {count} labels, {masks[0].shape}"
    contest = Contest(title, ours, repeat, {"numba": 4})
    try:
        import SimpleITK as Peer
    except ImportError:
        return contest
    images = [Peer.GetImageFromArray(mask) for mask in masks]
    staple = Peer.MultiLabelSTAPLEImageFilter()
    staple.SetLabelForUndecidedPixels(255)
    picture = ours()

    def nearly_same(found: Any) -> None:
        """SimpleITK 2.5 counts ties of its first vote as a label of their own."""
        equal = picture == Peer.GetArrayFromImage(found)
        print(f"  {equal.mean():.2%} of the pixels are equal to SimpleITK's")
        assert equal.mean() > 0.99

    contest.add("SimpleITK MultiLabelSTAPLE", lambda: staple.Execute(images), nearly_same)
    return contest


def kappas(masks: Masks, repeat: int) -> Contest:
    """Cohen's kappa of all pairs, Fleiss' kappa and Krippendorff's alpha."""
    pairs = list(combinations(range(len(masks)), 2))
    size = 1 + max(int(mask.max()) for mask in masks)

    def ours() -> tuple[list[float], float, float]:
        votes = votes_of(masks)
        found = []
        for i, j in pairs:
            table = np.zeros((size, size))
            np.add.at(table, (votes.labels[:, i], votes.labels[:, j]), votes.counts)
            found.append(cohen_kappa(table))
        tally = votes.tally()
        return (
            found,
            fleiss_kappa(tally, votes.counts),
            krippendorff_alpha(tally, votes.counts),
        )

    title = f"{len(pairs)} kappas + Fleiss + alpha, {size} labels, {masks[0].shape}"
    contest = Contest(title, ours, repeat)
    cohen, fleiss, alpha = ours()
    data = np.stack([mask.ravel() for mask in masks])
    try:
        from sklearn.metrics import cohen_kappa_score
    except ImportError:
        pass
    else:
        contest.add(
            "scikit-learn: one kappa of ten",
            lambda: cohen_kappa_score(data[0], data[1]),
            lambda found: np.testing.assert_allclose(cohen[0], found, atol=1e-12),
        )
    try:
        from statsmodels.stats.inter_rater import aggregate_raters
        from statsmodels.stats.inter_rater import fleiss_kappa as peer_fleiss
    except ImportError:
        pass
    else:
        contest.add(
            "statsmodels: Fleiss' kappa alone",
            lambda: peer_fleiss(aggregate_raters(data.T)[0]),
            lambda found: np.testing.assert_allclose(fleiss, found, atol=1e-10),
        )
    try:
        from krippendorff import alpha as peer_alpha
    except ImportError:
        return contest
    contest.add(
        "krippendorff: alpha alone",
        lambda: peer_alpha(data, level_of_measurement="nominal"),
        lambda found: np.testing.assert_allclose(alpha, found, atol=1e-10),
    )
    return contest


def crowd(masks: Masks, repeat: int) -> Contest:
    """Dawid–Skene with a fixed number of rounds."""
    rounds = 20

    def ours() -> np.ndarray:
        rows = RowMap.of(masks)
        names = tuple(map(str, range(len(masks))))
        votes = VoteTable(names, rows.labels, rows.counts)
        found = dawid_skene(votes, iterations=rounds, tolerance=-1.0)
        return np.stack(
            [rows.expand(np.ascontiguousarray(column)).ravel() for column in found.probability.T],
            axis=1,
        )

    contest = Contest(f"Dawid–Skene, {rounds} rounds, {masks[0].shape}", ours, repeat)
    try:
        import pandas as pd
        from crowdkit.aggregation import DawidSkene
    except ImportError:
        return contest
    frame = pd.DataFrame(
        {
            "task": np.tile(np.arange(masks[0].size), len(masks)),
            "worker": np.repeat(np.arange(len(masks)), masks[0].size),
            "label": np.concatenate([mask.ravel() for mask in masks]),
        }
    )
    mine = ours()

    def same(found: Any) -> None:
        np.testing.assert_allclose(mine, found.probas_.sort_index().to_numpy(), atol=1e-8)

    contest.add(
        "crowd-kit DawidSkene", lambda: DawidSkene(n_iter=rounds, tol=-1.0).fit(frame), same
    )
    return contest


def ten_tables(masks: Masks, repeat: int) -> Contest:
    """The confusion matrices of all pairs."""
    pairs = list(combinations(range(len(masks)), 2))
    size = 1 + max(int(mask.max()) for mask in masks)

    def ours() -> dict[tuple[int, int], np.ndarray]:
        tuples, counts = count_tuples(masks)
        return {
            (i, j): np.bincount(
                size * tuples[:, i] + tuples[:, j], weights=counts, minlength=size**2
            )
            for i, j in pairs
        }

    def bincounts() -> dict[tuple[int, int], np.ndarray]:
        flat = [mask.ravel().astype(np.int64) for mask in masks]
        return {(i, j): np.bincount(size * flat[i] + flat[j], minlength=size**2) for i, j in pairs}

    title = f"{len(pairs)} confusion matrices, {size} labels, {masks[0].shape}"
    contest = Contest(title, ours, repeat, {"numba": 25})
    mine = ours()

    def same(found: dict[tuple[int, int], np.ndarray]) -> None:
        for pair in pairs:
            np.testing.assert_array_equal(mine[pair], found[pair])

    contest.add("numpy.bincount of each pair", bincounts, same)
    return contest


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=2048)
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    few, many = annotators(options.size, 3, 5), annotators(options.size, 10, 5)
    print_summary(
        [
            ten_tables(annotators(options.size, 2, 5), options.repeat),
            ten_tables(annotators(options.size, 19, 5), options.repeat),
            binary([(mask == 1).astype(np.uint8) for mask in few], options.repeat),
            binary([(mask == 5).astype(np.uint8) for mask in many], options.repeat),
            labels(annotators(min(512, options.size), 19, 5), options.repeat),
            kappas(annotators(options.size, 4, 5), options.repeat),
            crowd(annotators(64, 4, 5), options.repeat),
        ]
    )


if __name__ == "__main__":
    main()
