"""Colours of numbers: readable on light and dark, and to colour-blind eyes."""

from __future__ import annotations

import numpy as np

Ramp = tuple[str, ...]
#: Red, green, blue and opacity, 0 to 1.
Color = tuple[float, float, float, float]
#: Blue to yellow, even in lightness and the same to colour-blind eyes: made like cividis
#: (Nuñez, Anderton & Renslow 2018, doi:10.1371/journal.pone.0199239), which these steps follow.
SEQUENTIAL: Ramp = ("#00224E", "#35456C", "#666970", "#948E77", "#C8B866", "#FEE838")
#: Blue is inside, orange outside (Okabe & Ito), white is neither.
DIVERGING: Ramp = ("#0072B2", "#F5F5F5", "#D55E00")
#: From few to many votes against: orange to yellow, never red against green.
VOTES: Ramp = ("#D55E00", "#E69F00", "#F0E442")


def shade(value: float, low: float, high: float, ramp: Ramp = SEQUENTIAL) -> str:
    """Colour of a value, ``#RRGGBB``; beyond the ends it is that of the end.

    Examples
    --------
    >>> shade(0.0, 0.0, 1.0), shade(7.0, 0.0, 1.0)
    ('#00224E', '#FEE838')
    """
    place = min(max((value - low) / (high - low), 0.0), 1.0) * (len(ramp) - 1)
    step = min(int(place), len(ramp) - 2)
    ends = (np.array(list(bytes.fromhex(color[1:]))) for color in ramp[step : step + 2])
    first, second = ends
    mixed = np.rint(first + (second - first) * (place - step)).astype(int)
    return "#" + "".join(f"{channel:02X}" for channel in mixed)


def rgba(color: str) -> Color:
    """``#RRGGBB`` as numbers from 0 to 1.

    Examples
    --------
    >>> rgba("#FF0000")
    (1.0, 0.0, 0.0, 1.0)
    """
    red, green, blue = bytes.fromhex(color[1:])
    return red / 255, green / 255, blue / 255, 1.0


def text_color(background: str) -> str:
    """Black or white, whichever reads better on a colour.

    Examples
    --------
    >>> text_color("#00224E"), text_color("#FEE838")
    ('#FFFFFF', '#000000')
    """
    return (
        "#000000"
        if contrast(background, "#000000") >= contrast(background, "#FFFFFF")
        else ("#FFFFFF")
    )


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: str) -> float:
    channels = [value / 255 for value in bytes.fromhex(color[1:])]
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
