"""MA110: where in space the files of one sample lie.

Voxels are compared by their index. That is only right where the files agree about the place of
every index; NIfTI files say so, and a segmentation made on a shifted or resampled copy of a scan
shows here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from ..dataset import Sample
from ..errors import AuditError
from ..readers import read_grid
from .finding import LintFinding

# Corners this far apart, in voxels, are at different places; headers differ by rounding.
_FARTHEST = 0.25


def check_grids(sample: Sample, masks: Mapping[str, tuple[int, ...]]) -> Iterator[LintFinding]:
    """MA110 on one sample.

    Parameters
    ----------
    sample : Sample
        The sample.
    masks : mapping of str to tuple of int
        Shape of each readable mask by source. Different shapes are another rule's subject.
    """
    grids: dict[str, tuple[np.ndarray, tuple[int, ...]]] = {}
    for source, shape in masks.items():
        corners = _corners(sample.masks[source])
        if corners is not None:
            grids[source] = corners, shape
    image = _corners(sample.image) if sample.image is not None else None
    if image is not None:
        whose, expected = "the image", image
    elif len(grids) > 1:
        first = next(iter(grids))
        whose, expected = f"the mask of {first}", grids.pop(first)[0]
    else:
        return
    for source, (corners, shape) in grids.items():
        far = float(np.linalg.norm(corners - expected, axis=1).max())
        if far <= _FARTHEST * _voxel(expected, shape):
            continue
        yield LintFinding(
            "MA110",
            f"the header puts this mask up to {far:.3g} mm away from {whose}, although both have "
            "the same voxels: one of them was shifted, resampled or given a new header.",
            sample=sample.name,
            source=source,
            file=sample.masks[source],
        )


def _corners(path: Path) -> np.ndarray | None:
    try:
        return read_grid(path)
    except AuditError:
        return None  # a finding of its own


def _voxel(corners: np.ndarray, shape: tuple[int, ...]) -> float:
    """Shortest side of a voxel."""
    sides = [float(np.linalg.norm(corners[step] - corners[0])) for step in (1, 2, 4)]
    steps = [max(1, n - 1) for n in shape[-3:]]  # (z, y, x), as the corners 1, 2 and 4 are
    lengths = [side / n for side, n in zip(sides, steps, strict=False) if side > 0]
    return min(lengths, default=1.0)
