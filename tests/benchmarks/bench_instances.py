"""Matching of objects next to StarDist, and components next to scikit-image, where installed.

    python tests/benchmarks/bench_instances.py [--repeat 9]

Every result is compared with ours before it is timed; a difference stops the script.
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np
from contest import Contest, print_summary
from numpy.typing import NDArray

from napari_mask_audit.kernels import count_tuples
from napari_mask_audit.kernels.components import label_components
from napari_mask_audit.metrics.instance import instance_scores
from napari_mask_audit.object_overlap import ObjectOverlap


def nuclei(side: int, count: int, seed: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Two maps of round objects; the second is shifted, shrunk and misses some."""
    rng = np.random.default_rng(seed)
    pitch = side / np.ceil(np.sqrt(count))
    grid = np.arange(pitch / 2, side, pitch)
    centres = np.stack(np.meshgrid(grid, grid, indexing="ij"), -1).reshape(-1, 2)[:count]
    maps = []
    for shrink, missing in ((1.0, 0.0), (0.9, 0.05)):
        labels = np.zeros((side, side), dtype=np.int32)
        for number, (y, x) in enumerate(centres + rng.normal(0, 1.5, centres.shape), start=1):
            if rng.random() < missing:
                continue
            radius = shrink * pitch * 0.42
            top, left = max(0, int(y - radius)), max(0, int(x - radius))
            rows, columns = np.ogrid[top : int(y + radius) + 2, left : int(x + radius) + 2]
            disc = (rows - y) ** 2 + (columns - x) ** 2 <= radius**2
            box = labels[top : top + disc.shape[0], left : left + disc.shape[1]]
            box[disc[: box.shape[0], : box.shape[1]]] = number
        maps.append(labels)
    return maps[0], maps[1]


def matched(reference: NDArray[np.int32], candidate: NDArray[np.int32], repeat: int) -> Contest:
    """Pairs of objects, AP at ten thresholds, PQ and VOI."""

    def ours() -> Any:
        table = ObjectOverlap.from_tuples(*count_tuples([reference, candidate]))
        return instance_scores(table, rule="ge")

    title = "2000 objects, pairs + AP@10 + PQ, 2048 x 2048"
    contest = Contest(title, ours, repeat, {"numba": 50})
    try:
        from stardist.matching import matching
    except ImportError:
        return contest
    thresholds = [percent / 100 for percent in range(50, 100, 5)]
    true_positives = ours().ap_tp

    def same(found: Any) -> None:
        assert true_positives == tuple(at.tp for at in found)

    contest.add("stardist", lambda: matching(reference, candidate, thresh=thresholds), same)
    return contest


def components(labels: NDArray[np.int32], repeat: int) -> Contest:
    """Connected components of every label, with areas and boxes."""
    contest = Contest(
        "components with boxes, 2048 x 2048", lambda: label_components(labels), repeat
    )
    try:
        from skimage.measure import label
    except ImportError:
        return contest
    count = len(label_components(labels, background=0))

    def same(found: Any) -> None:
        assert found.max() == count

    contest.add("scikit-image label, no boxes", lambda: label(labels), same)
    return contest


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeat", type=int, default=9)
    options = parser.parse_args()
    reference, candidate = nuclei(2048, 2000, seed=0)
    print_summary(
        [matched(reference, candidate, options.repeat), components(reference, options.repeat)]
    )


if __name__ == "__main__":
    main()
