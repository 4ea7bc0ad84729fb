"""What the colours of the boundary dock mean: its curve, its bars, and its outline. No Qt here."""

from __future__ import annotations

from .legend_content import LegendContent, Swatch
from .outlines import FINDING_COLOR
from .plot_axis import CURVE, FITS, INSIDE, MARK, OUTSIDE, PEOPLE

_PLOTS = (
    Swatch(CURVE, "NSD", "the curve: share of both outlines within a tolerance, this sample"),
    Swatch(
        MARK,
        "tolerance, mean offset",
        "the line in the curve: the tolerance; the dashed line among the bars: the mean offset",
    ),
)
_BARS = (
    Swatch(INSIDE, "inside", "bars: boundary where the candidate falls short of the reference"),
    Swatch(FITS, "fits", "the bar in the middle: boundary where both outlines meet"),
    Swatch(OUTSIDE, "outside", "bars: boundary where the candidate reaches further out"),
)
_BAND = Swatch(
    PEOPLE,
    "annotators",
    "the band between the dashed lines: annotators against the consensus of the others, over all "
    "samples",
)
_STRETCH = Swatch(FINDING_COLOR, "stretch", "on the canvas: the stretch of boundary in view")


def boundary_legend(*, has_band: bool, has_stretch: bool) -> LegendContent:
    """What the colours in sight mean.

    Parameters
    ----------
    has_band : bool
        Whether the annotators' band is in the curve.
    has_stretch : bool
        Whether a stretch is outlined on the canvas.

    Examples
    --------
    >>> [entry.word for entry in boundary_legend(has_band=True, has_stretch=False).swatches]
    ['NSD', 'tolerance, mean offset', 'annotators', 'inside', 'fits', 'outside']
    """
    entries = [
        *_PLOTS,
        *([_BAND] if has_band else []),
        *_BARS,
        *([_STRETCH] if has_stretch else []),
    ]
    return LegendContent("boundary consistency", tuple(entries))
