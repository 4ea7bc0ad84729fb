"""How long instance matching takes, next to StarDist where it is installed.

Run it as a script: ``python tests/benchmarks/bench_instances.py``. Nothing here is asserted about
time; that both count the same is.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from napari_mask_audit.kernels import backend, count_tuples
from napari_mask_audit.kernels.components import label_components, label_components_of_pairs
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


def fastest(call: Callable[[], object], repeats: int = 5) -> float:
    """Shortest of several runs, in milliseconds."""
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        call()
        times.append(time.perf_counter() - begin)
    return 1000 * min(times)


def report(reference: NDArray[np.int32], candidate: NDArray[np.int32]) -> None:
    """Print one line per step for the backend in use."""

    def scores() -> object:
        table = ObjectOverlap.from_tuples(*count_tuples([reference, candidate]))
        return instance_scores(table, rule="ge")

    table = ObjectOverlap.from_tuples(*count_tuples([reference, candidate]))
    steps = {
        "pairs + AP@10 + PQ + VOI": scores,
        "  of which the pixel pass": lambda: count_tuples([reference, candidate]),
        "  of which the scores": lambda: instance_scores(table, rule="ge"),
        "components of the map": lambda: label_components(reference),
        "regions of disagreement": lambda: label_components_of_pairs(reference, candidate),
    }
    for name, call in steps.items():
        print(f"{backend.active()} {name:28}{fastest(call):8.1f} ms")


def main() -> None:
    """Print the time of each step with each backend, and of StarDist."""
    reference, candidate = nuclei(2048, 2000, seed=0)
    for name in backend.available():
        backend.use(name)
        report(reference, candidate)
    try:
        from stardist.matching import matching
    except ImportError:
        print("stardist is not installed")
        return
    thresholds = [percent / 100 for percent in range(50, 100, 5)]
    theirs = [matching(reference, candidate, thresh=t) for t in thresholds]
    table = ObjectOverlap.from_tuples(*count_tuples([reference, candidate]))
    assert instance_scores(table, rule="ge").ap_tp == tuple(found.tp for found in theirs)
    duration = fastest(lambda: matching(reference, candidate, thresh=thresholds), repeats=2)
    print(f"stardist, 10 thresholds{duration:17.1f} ms")


if __name__ == "__main__":
    main()
