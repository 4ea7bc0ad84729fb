"""Surface distances and their scores against the usual tools, on the same arrays, in one run.

    python tests/benchmarks/bench_surfaces.py [--sizes 512 1024 2048] [--classes 19] [--quick]

All classes are measured: distances of every surface element in both directions, and HD95, ASSD and
NSD from them. Peers that are not installed are left out; ``--quick`` leaves out the slow ones.
Every result is compared with ours before it is timed; a difference stops the script. Tools that
measure between border pixels are compared with our ``voxel`` convention, and timed against the
default one, which has more elements.

Besides the scene the goals speak of there is another one, drawn in a different way, and the masks
of CamVid where ``--data`` has ``camvid_road10``: predictions that are far off in many places.

Everything runs on one thread, then once more on two, against trees that are asked from two threads.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from contest import Contest, print_summary
from scenes import pair, redrawn, volumes
from scipy import ndimage
from scipy.spatial import KDTree

from napari_mask_audit.bands import BandCounts, ClassBand
from napari_mask_audit.boundaries import SurfaceDistances, surface_distances
from napari_mask_audit.kernels.surfaces import element_sizes
from napari_mask_audit.metrics.boundary import score_surfaces
from napari_mask_audit.readers import read_mask

_DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
Masks = tuple[np.ndarray, np.ndarray]
#: By class, the distances from either mask.
Distances = dict[int, tuple[np.ndarray, np.ndarray]]


def corner_lattice(mask: np.ndarray) -> np.ndarray:
    """The pixel corners around which some, but not all pixels belong to a binary mask."""
    padded = np.pad(mask, 1).astype(np.uint8)
    total = sum(
        padded[tuple(slice(o, o + n + 1) for o, n in zip(offset, mask.shape, strict=True))]
        for offset in np.ndindex(*(2,) * mask.ndim)
    )
    return (total > 0) & (total < 2**mask.ndim)


def corner_codes(mask: np.ndarray) -> np.ndarray:
    """Which of the pixels around every pixel corner belong to a binary mask, one bit each."""
    padded = np.pad(mask, 1).astype(np.uint8)
    return sum(
        padded[tuple(slice(o, o + n + 1) for o, n in zip(offset, mask.shape, strict=True))] << bit
        for bit, offset in enumerate(np.ndindex(*(2,) * mask.ndim))
    )


def cut_out(masks: Masks, label: int) -> Iterator[np.ndarray]:
    """Both masks of one class, cut to where either has it."""
    binary = [mask == label for mask in masks]
    box = ndimage.find_objects((binary[0] | binary[1]).view(np.uint8))
    for mask in binary:
        yield mask[box[0]] if box else mask


def by_trees(masks: Masks, labels: list[int], workers: int = 1) -> Distances:
    """A KD-tree of the corners per class and direction, asked from some threads."""
    found = {}
    for label in labels:
        first, second = (np.argwhere(corner_lattice(mask == label)) for mask in masks)
        if len(first) and len(second):
            found[label] = (
                KDTree(second).query(first, workers=workers)[0],
                KDTree(first).query(second, workers=workers)[0],
            )
    return found


def scored_by_trees(
    masks: Masks, labels: list[int], workers: int = 1
) -> dict[int, dict[str, float]]:
    """HD95, ASSD and NSD as we define them: elements weighted by the boundary they stand for."""
    full = 2 ** (2 ** masks[0].ndim) - 1
    sizes = element_sizes((1.0,) * masks[0].ndim)
    found = {}
    for label in labels:
        codes = [corner_codes(mask == label) for mask in masks]
        on = [(code > 0) & (code < full) for code in codes]
        points = [np.argwhere(at) for at in on]
        weights = [sizes[code[at]] for code, at in zip(codes, on, strict=True)]
        apart = [
            KDTree(points[1 - side]).query(points[side], workers=workers)[0] for side in (0, 1)
        ]
        quantiles = []
        for distance, weight in zip(apart, weights, strict=True):
            order = np.lexsort((weight, distance))
            share = np.cumsum(weight[order]) / weight.sum()
            quantiles.append(distance[order][np.searchsorted(share, 0.95)])
        distance, weight = np.concatenate(apart), np.concatenate(weights)
        found[label] = {
            "hd95": max(quantiles),
            "assd": (distance * weight).sum() / weight.sum(),
            "nsd": weight[distance <= 1].sum() / weight.sum(),
        }
    return found


def by_transforms(
    masks: Masks, labels: list[int], transform: Callable[[np.ndarray], np.ndarray]
) -> Distances:
    """A distance transform of the corners per class and direction, on crops."""
    found = {}
    for label in labels:
        first, second = (corner_lattice(mask) for mask in cut_out(masks, label))
        if first.any() and second.any():
            found[label] = transform(~second)[first], transform(~first)[second]
    return found


def scored(masks: Masks, labels: list[int], convention: str, workers: int = 1) -> dict[int, Any]:
    """HD, HD95, ASSD and NSD at one pixel, and everything else that follows from distances."""
    surfaces = surface_distances(
        *masks, labels, spacing=(1.0,) * masks[0].ndim, convention=convention, workers=workers
    )
    bands = _all_there(labels, surfaces)
    return score_surfaces(
        bands, surfaces, tolerances=(1.0,), convention=convention, workers=workers
    )


def _all_there(labels: list[int], surfaces: dict[int, SurfaceDistances]) -> BandCounts:
    """Band counts that only say where there is something to measure: bands are timed elsewhere."""
    present = {
        label: ClassBand(bool(s.reference.found), bool(s.candidate.found))
        for label, s in surfaces.items()
    }
    return BandCounts(1, {label: present[label] for label in labels}, 1)


def distances(
    masks: Masks,
    labels: list[int],
    repeat: int,
    goals: dict[str, float],
    workers: int = 1,
    title: str = "distances",
) -> Contest:
    """Distances of every element; on more than one thread against trees only."""
    spacing = (1.0,) * masks[0].ndim
    ours = surface_distances(*masks, labels, spacing=spacing)

    def same(found: Distances, rtol: float = 1e-12) -> None:
        for label, (first, second) in found.items():
            np.testing.assert_allclose(ours[label].reference.distances, first, rtol=rtol)
            np.testing.assert_allclose(ours[label].candidate.distances, second, rtol=rtol)

    contest = Contest(
        f"{title}, {_size(masks)}, {_how(labels, workers)}",
        lambda: surface_distances(*masks, labels, spacing=spacing, workers=workers),
        repeat,
        goals,
    )
    contest.add("KD-tree per class (scipy)", lambda: by_trees(masks, labels, workers), same)
    if workers > 1:
        return contest
    contest.add(
        "distance transform (scipy, crops)",
        lambda: by_transforms(masks, labels, ndimage.distance_transform_edt),
        same,
    )
    try:
        import cv2
    except ImportError:
        return contest
    if masks[0].ndim == 2:

        def precise(outside: np.ndarray) -> np.ndarray:
            return cv2.distanceTransform(outside.view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)

        contest.add(
            "distance transform (OpenCV, crops)",
            lambda: by_transforms(masks, labels, precise),
            lambda found: same(found, 1e-4),
        )
    return contest


def scores(
    masks: Masks,
    labels: list[int],
    repeat: int,
    goals: dict[str, float],
    workers: int = 1,
    title: str = "HD95, ASSD, NSD",
    *,
    quick: bool,
) -> Contest:
    """HD95, ASSD and NSD of all classes; on more than one thread against trees only."""
    ours, voxel = scored(masks, labels, "surfel"), scored(masks, labels, "voxel")
    both = [label for label in labels if all((mask == label).any() for mask in masks)]
    trees_name, lighter = "KD-tree per class (scipy)", "KD-tree per class, without weights"
    contest = Contest(
        f"{title}, {_size(masks)}, {_how(labels, workers)}",
        lambda: scored(masks, labels, "surfel", workers),
        repeat,
        goals,
        trees_name,
    )

    def same(found: dict[int, dict[str, float]], mine: dict[int, Any], rtol: float) -> None:
        for label, values in found.items():
            for name, value in values.items():
                expected = mine[label].nsd[0][1] if name == "nsd" else getattr(mine[label], name)
                np.testing.assert_allclose(value, expected, rtol=rtol, err_msg=f"{label} {name}")

    def trees() -> dict[int, dict[str, float]]:
        return {
            label: {"hd": max(first.max(), second.max())}
            | {"p95": max(np.percentile(first, 95), np.percentile(second, 95))}
            | {"mean": (first.sum() + second.sum()) / (first.size + second.size)}
            | {"within": ((first <= 1).sum() + (second <= 1).sum()) / (first.size + second.size)}
            for label, (first, second) in by_trees(masks, both, workers).items()
        }

    def only_hd(found: dict[int, dict[str, float]]) -> None:
        same({label: {"hd": values["hd"]} for label, values in found.items()}, ours, 1e-12)

    def weighted() -> dict[int, dict[str, float]]:
        return scored_by_trees(masks, both, workers)

    contest.add(trees_name, weighted, lambda found: same(found, ours, 1e-9))
    contest.add(lighter, trees, only_hd)
    if workers > 1:
        return contest
    for name, work, mine, rtol in (*_exact_peers(masks, both), *_slow_peers(masks, both, quick)):
        contest.add(
            name,
            work,
            lambda found, mine=mine, rtol=rtol: same(
                found, ours if mine == "surfel" else voxel, rtol
            ),
        )
    return contest


#: Name, work, our convention, relative tolerance.
Peer = tuple[str, Callable[[], dict[int, dict[str, float]]], str, float]


def _exact_peers(masks: Masks, labels: list[int]) -> list[Peer]:
    peers: list[Peer] = []
    try:
        from skimage.metrics import hausdorff_distance
    except ImportError:
        return peers

    def hausdorff() -> dict[int, dict[str, float]]:
        found = {}
        for label in labels:
            corners = [corner_lattice(mask) for mask in cut_out(masks, label)]
            found[label] = {"hd": hausdorff_distance(*corners)}
        return found

    peers.append(("skimage hausdorff_distance (HD only)", hausdorff, "surfel", 1e-12))
    return peers


def _slow_peers(masks: Masks, labels: list[int], quick: bool) -> list[Peer]:
    peers: list[Peer] = []
    if quick:
        return peers
    try:
        import surface_distance
    except ImportError:
        pass
    else:

        def published() -> dict[int, dict[str, float]]:
            found = {}
            for label in labels:
                made = surface_distance.compute_surface_distances(
                    *(mask == label for mask in masks), (1.0,) * masks[0].ndim
                )
                found[label] = {
                    "hd95": surface_distance.compute_robust_hausdorff(made, 95),
                    "masd": np.mean(surface_distance.compute_average_surface_distance(made)),
                    "nsd": surface_distance.compute_surface_dice_at_tolerance(made, 1),
                }
            return found

        peers.append(("surface-distance (DeepMind)", published, "surfel", 1e-6))
    try:
        from medpy.metric import binary
    except ImportError:
        pass
    else:

        def medpy() -> dict[int, dict[str, float]]:
            found = {}
            for label in labels:
                first, second = (mask == label for mask in masks)
                binary.hd95(first, second)
                found[label] = {"hd": binary.hd(first, second), "assd": binary.assd(first, second)}
            return found

        peers.append(("MedPy (hd, hd95, assd)", medpy, "voxel", 1e-12))
    try:
        import torch
        from monai import metrics
    except ImportError:
        return peers

    def monai() -> dict[int, dict[str, float]]:
        first, second = (
            torch.from_numpy(np.stack([mask == label for label in labels])[None].astype(np.uint8))
            for mask in masks
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            hd95 = metrics.compute_hausdorff_distance(
                second, first, include_background=True, percentile=95
            )
            assd = metrics.compute_average_surface_distance(
                second, first, include_background=True, symmetric=True
            )
            nsd = metrics.compute_surface_dice(
                second, first, class_thresholds=[1.0] * len(labels), include_background=True
            )
        return {
            label: {"hd95": float(hd95[0, k]), "assd": float(assd[0, k]), "nsd": float(nsd[0, k])}
            for k, label in enumerate(labels)
        }

    peers.append(("MONAI (hd95, assd, nsd)", monai, "voxel", 1e-3))
    return peers


def road_scenes(data: Path, repeat: int) -> list[Contest]:
    """Distances on real masks with predictions, where they are: pair by pair, all together."""
    folder = data / "camvid_road10"
    pairs = [
        (read_mask(path).labels, read_mask(folder / "pred_rf" / path.name).labels)
        for path in sorted((folder / "gt").glob("*.png"))
    ]
    if not pairs:
        return []
    labels = list(range(12))
    ours = [surface_distances(*masks, labels, spacing=(1.0, 1.0)) for masks in pairs]

    def same(found: list[Distances]) -> None:
        for mine, by_class in zip(ours, found, strict=True):
            for label, (first, second) in by_class.items():
                np.testing.assert_allclose(mine[label].reference.distances, first, rtol=1e-12)
                np.testing.assert_allclose(mine[label].candidate.distances, second, rtol=1e-12)

    contest = Contest(
        f"distances, {len(pairs)} pairs of CamVid",
        lambda: [surface_distances(*masks, labels, spacing=(1.0, 1.0)) for masks in pairs],
        repeat,
    )
    contest.add(
        "KD-tree per class (scipy)", lambda: [by_trees(masks, labels) for masks in pairs], same
    )
    return [contest]


def _how(labels: list[int], workers: int) -> str:
    classes = f"{len(labels)} classes" if len(labels) > 1 else "1 class"
    return classes if workers == 1 else f"{classes}, {workers} THREADS"


def _size(masks: Masks) -> str:
    return " x ".join(map(str, masks[0].shape))


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[512, 1024, 2048])
    parser.add_argument("--volume", type=int, nargs=2, default=[64, 512], metavar=("Z", "YX"))
    parser.add_argument("--classes", type=int, default=19)
    parser.add_argument("--repeat", type=int, default=9)
    parser.add_argument("--data", type=Path, default=_DATA, help="folder with real masks")
    parser.add_argument("--quick", action="store_true", help="leave out the slow peers")
    options = parser.parse_args()
    labels = list(range(options.classes))
    scenes = [(pair(size, options.classes), labels) for size in options.sizes]
    scenes.append((volumes(*options.volume), [1]))
    # The goals speak of these sizes.
    goals_at = {(2048, 2048): {"numba": 50.0, "numpy": 10.0}, (64, 512, 512): {"numba": 25.0}}
    contests = []
    for masks, labels in scenes:
        goals = goals_at.get(masks[0].shape, {})
        for workers in (1, 2):
            contests.append(distances(masks, labels, options.repeat, goals, workers))
            contests.append(
                scores(masks, labels, options.repeat, goals, workers, quick=options.quick)
            )
    size = max(options.sizes)
    masks, labels = redrawn(size, options.classes), list(range(options.classes))
    contests.append(distances(masks, labels, options.repeat, {}, title="redrawn: distances"))
    contests.append(
        scores(masks, labels, options.repeat, {}, title="redrawn: scores", quick=options.quick)
    )
    contests += road_scenes(options.data, options.repeat)
    print_summary(contests)


if __name__ == "__main__":
    main()
