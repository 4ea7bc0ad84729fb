"""How far apart colours are to colour-blind eyes.

Dichromats are simulated as by Machado, Oliveira & Fernandes 2009 (doi:10.1109/TVCG.2009.113,
severity 1.0), in linear RGB; differences are CIEDE2000 (scikit-image).
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from skimage.color import deltaE_ciede2000, rgb2lab

#: Rows give red, green and blue as they are seen.
VISION = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}


def seen(colors: Sequence[str], vision: str) -> NDArray[np.float64]:
    """Lab values of ``#RRGGBB`` colours as somebody sees them, shape (n, 3)."""
    srgb = np.array([list(bytes.fromhex(color[1:])) for color in colors]) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    linear = (linear @ VISION[vision].T).clip(0, 1)
    back = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(rgb2lab(back[None])[0])


def nearest(colors: Mapping[str, str], vision: str) -> tuple[float, str]:
    """The smallest CIEDE2000 difference between any two colours, and which two."""
    names, lab = list(colors), seen(list(colors.values()), vision)
    return min(
        (float(deltaE_ciede2000(lab[a], lab[b])), f"{names[a]} and {names[b]}")
        for a, b in itertools.combinations(range(len(names)), 2)
    )
