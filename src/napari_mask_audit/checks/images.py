"""Rules about images: the same one, or nearly the same one, under two names.

A duplicate counts twice, and may be in training and test at once. One that was saved again, with
other compression, brightness or size, no longer has the same pixels; a small picture of it, with
its broad shading taken out, still looks the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..masks import fingerprint
from .finding import LintFinding

_SIDE = 32
_BLUR = 7
# Different fields of one slide reach 0.6, neighbouring video frames 0.9; a JPEG copy 0.999.
_ALIKE = 0.985
_ASPECT = 1.02
_AT_ONCE = 512


@dataclass(frozen=True, eq=False)
class ImageFacts:
    """What the rules over several images need to know about one.

    Attributes
    ----------
    path : pathlib.Path
        Its file.
    digest : str
        Fingerprint of shape and values.
    small : ndarray of float32, shape (1024,), or None
        Small grey picture without its broad shading, of length 1; None where nothing is left.
    aspect : float
        Height over width.
    """

    path: Path
    digest: str
    small: NDArray[np.float32] | None
    aspect: float


def image_facts(path: Path, pixels: NDArray[Any]) -> ImageFacts:
    """The facts about one image, (y, x), (y, x, c), (z, y, x) or (z, y, x, c)."""
    flat = pixels
    if flat.ndim >= 3 and flat.shape[-1] in (2, 3, 4):
        flat = flat[..., :3].mean(axis=-1, dtype=np.float32)
    while flat.ndim > 2:
        flat = flat[len(flat) // 2]
    aspect = flat.shape[0] / flat.shape[1] if flat.ndim == 2 and flat.size else 1.0
    digest = f"{pixels.dtype.kind} {fingerprint(pixels)}"
    return ImageFacts(path, digest, small_picture(flat), aspect)


def small_picture(pixels: NDArray[Any]) -> NDArray[np.float32] | None:
    """A picture of 32 × 32 block means without its broad shading, as a vector of length 1."""
    from scipy.ndimage import uniform_filter

    if pixels.ndim != 2 or min(pixels.shape) < _SIDE or pixels.dtype.kind not in "uifb":
        return None
    rows, columns = (np.linspace(0, n, _SIDE + 1).astype(int)[:-1] for n in pixels.shape)
    known = np.nan_to_num(pixels.astype(np.float64), posinf=0.0, neginf=0.0)
    sums = np.add.reduceat(np.add.reduceat(known, rows, axis=0), columns, axis=1)
    counts = np.outer(
        np.diff([*rows, pixels.shape[0]]), np.diff([*columns, pixels.shape[1]])
    )
    means = sums / counts
    fine = means - uniform_filter(means, _BLUR)
    length = float(np.linalg.norm(fine))
    if length <= 1e-6 * max(1.0, float(np.abs(means).max())):
        return None
    small: NDArray[np.float32] = (fine / length).astype(np.float32).ravel()
    return small


def check_images(images: Mapping[str, ImageFacts]) -> Iterator[LintFinding]:
    """MA702 and MA704 over all images, by sample."""
    groups: dict[str, list[str]] = defaultdict(list)
    for sample, facts in sorted(images.items()):
        groups[facts.digest].append(sample)
    for first, *others in groups.values():
        for sample in others:
            yield LintFinding(
                "MA702",
                f"pixel for pixel the image of {first}: it counts twice, and may be in training "
                "and test at once.",
                sample=sample,
                file=images[sample].path,
                other=first,
            )
    kept = {group[0]: images[group[0]] for group in groups.values()}
    for sample, other, alike in similar(kept):
        yield LintFinding(
            "MA704",
            f"almost the image of {other} (likeness {alike:.3f} of 1): saved again, or a frame of "
            "the same scene? It counts twice, and may be in training and test at once.",
            sample=sample,
            file=images[sample].path,
            other=other,
        )


def similar(images: Mapping[str, ImageFacts]) -> Iterator[tuple[str, str, float]]:
    """Each sample whose image looks like one before it, with the one it is most like."""
    drawn = [(name, facts) for name, facts in images.items() if facts.small is not None]
    if len(drawn) < 2:
        return
    vectors = np.stack([facts.small for _, facts in drawn if facts.small is not None])
    aspects = np.array([facts.aspect for _, facts in drawn])
    for start in range(0, len(drawn), _AT_ONCE):
        likeness = vectors[start : start + _AT_ONCE] @ vectors.T
        for row, values in enumerate(likeness, start):
            before = values[:row].copy()
            ratio = aspects[:row] / aspects[row]
            before[(ratio > _ASPECT) | (ratio < 1 / _ASPECT)] = 0
            if before.size and before.max() >= _ALIKE:
                nearest = int(before.argmax())
                yield drawn[row][0], drawn[nearest][0], float(before[nearest])
