"""Ticks and colours that the small plots of the docks share; no Qt here."""

from __future__ import annotations

import math

#: Okabe–Ito: told apart by colour-blind eyes, and readable on dark and light ground.
CURVE, INSIDE, OUTSIDE, PEOPLE, MARK = "#56B4E9", "#0072B2", "#E69F00", "#009E73", "#D55E00"
#: Boundary that is where it should be.
FITS = "#999999"


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Round numbers from ``low`` to ``high``, at most ``most`` + 1 of them.

    Examples
    --------
    >>> ticks(0, 5), ticks(-3, 3, 4)
    ([0.0, 1.0, 2.0, 3.0, 4.0, 5.0], [-2.0, 0.0, 2.0])
    """
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(s * power for s in (1, 2, 5, 10) if s * power >= rough * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(n * step, 12) + 0.0 for n in range(first, last + 1)]
