"""Rules about images: the same one twice, to the pixel or nearly."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .finding import LintFinding

_SIDE = 32
#: Nearly the same: the thumbnails differ by less than this, relative to their contrast. Photographs
#: saved as JPEG of quality 75 or at half size differ by up to 0.05, those moved by 4 px by 0.12.
_ALIKE = 0.06
#: Pictures with less contrast than this share of their brightest value are too plain to compare.
_PLAIN = 0.02


@dataclass(frozen=True, eq=False)
class ImageFacts:
    """What the rules need to know about an image.

    Attributes
    ----------
    path : pathlib.Path
        Its file.
    digest : str
        Fingerprint of shape and pixels.
    thumbnail : ndarray of float, shape (1024,), or None
        Grey picture in small, with mean 0 and standard deviation 1; None where the image is 3D or
        has next to no contrast.
    """

    path: Path
    digest: str
    thumbnail: NDArray[np.float32] | None


def thumbnail(image: NDArray[Any]) -> NDArray[np.float32] | None:
    """A small grey copy for comparing, with mean 0 and standard deviation 1.

    Parameters
    ----------
    image : ndarray, shape (y, x) or (y, x, channels)

    Returns
    -------
    ndarray of float32, shape (1024,), or None
        None for volumes, for images smaller than 32 px, and where there is next to no contrast.
    """
    if image.ndim == 3 and image.shape[-1] not in (2, 3, 4):
        return None
    if image.ndim not in (2, 3) or min(image.shape[:2]) < _SIDE:
        return None
    grey = image if image.ndim == 2 else image[..., : min(3, image.shape[-1])].mean(axis=-1)
    rows, columns = (np.linspace(0, n, _SIDE + 1).astype(int)[:-1] for n in grey.shape)
    sums = np.add.reduceat(np.add.reduceat(grey.astype(np.float64), rows, 0), columns, 1)
    counts = np.outer(
        *(np.diff([*at, n]) for at, n in zip((rows, columns), grey.shape, strict=True))
    )
    small = sums / counts
    spread, top = float(small.std()), float(np.abs(small).max())
    if not np.isfinite(spread) or spread <= _PLAIN * top:
        return None
    standard: NDArray[np.float32] = ((small - small.mean()) / spread).astype(np.float32)
    return standard.reshape(-1)


def check_images(images: Mapping[str, ImageFacts]) -> Iterator[LintFinding]:
    """MA702 and MA704: an image that another sample has too, to the pixel or nearly."""
    groups: dict[str, list[str]] = defaultdict(list)
    for sample, image in sorted(images.items()):
        groups[image.digest].append(sample)
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
    yield from _similar({first: images[first] for first, *_ in groups.values()})


def _similar(images: Mapping[str, ImageFacts]) -> Iterator[LintFinding]:
    """Each image that resembles an earlier one, with the one it resembles most."""
    small = {name: i.thumbnail for name, i in images.items() if i.thumbnail is not None}
    names = list(small)
    if len(names) < 2:
        return
    table = np.stack(list(small.values()))
    for start in range(0, len(names), 512):
        block = table[start : start + 512]
        # mean 0, deviation 1: the mean squared difference is 2 − 2 · correlation
        apart = 2 - 2 * (block @ table.T) / table.shape[1]
        for row, distances in enumerate(apart):
            earlier = distances[: start + row]
            if not earlier.size or earlier.min() >= _ALIKE**2:
                continue
            sample, first = names[start + row], names[int(earlier.argmin())]
            yield LintFinding(
                "MA704",
                f"nearly the image of {first}, as after saving it again or changing its "
                "brightness: it counts twice, and may be in training and test at once.",
                sample=sample,
                file=images[sample].path,
                other=first,
            )
