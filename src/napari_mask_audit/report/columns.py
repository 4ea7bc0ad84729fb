"""Which numbers the report's tables show: one line per column, in the order shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from ..comparison import ClassSummary
from ..scores import BOUNDARY_METRICS, flat
from .cells import COUNT, DISTANCE, PLAIN_SCORE, SCORE, SIGNED, SIGNED_SHARE, Column, filled_columns

AREA: Final = "Area"
BOUNDARY: Final = "Boundary"

#: Per class, by table. A key that no class has a value for is left out.
CLASS_COLUMNS: Final = (
    Column(
        "iou", "IoU", "Shared area / area of either, pixels of all samples together", SCORE, AREA
    ),
    Column("dice", "Dice", "Twice the shared area / sum of both areas", PLAIN_SCORE, AREA),
    Column(
        "precision", "Precision", "Share of the candidate's area that is right", PLAIN_SCORE, AREA
    ),
    Column("recall", "Recall", "Share of the reference's area that was found", PLAIN_SCORE, AREA),
    Column(
        "volume_difference", "Size", "How much larger the candidate's area is", SIGNED_SHARE, AREA
    ),
    Column("sample_mean_iou", "Sample mean", "Mean of the IoU over samples", PLAIN_SCORE, AREA),
    Column("worst_decile_iou", "Worst tenth", "Mean IoU of the worst tenth", PLAIN_SCORE, AREA),
    Column("defined_samples", "Samples", "Samples in which either mask has the class", COUNT, AREA),
    Column("reference_pixels", "Reference px", "Size in the reference, all samples", COUNT, AREA),
    Column(
        "boundary_iou",
        "Boundary IoU",
        "IoU of the bands along the inside of the outlines; “same as IoU” where the class is "
        "thinner than the band, so that it says nothing about the outline",
        SCORE,
        BOUNDARY,
    ),
    Column("nsd", "NSD", "Share of both outlines closer to the other than", SCORE, BOUNDARY),
    Column(
        "boundary_offset",
        "Offset",
        "Mean signed distance: above 0 drawn too large, below 0 too small",
        SIGNED,
        BOUNDARY,
    ),
    Column("assd", "ASSD", "Mean distance between the outlines", DISTANCE, BOUNDARY),
    Column("masd", "MASD", "Mean of the two directed mean distances", DISTANCE, BOUNDARY),
    Column("hd95", "HD95", "95 % of either outline is closer than this", DISTANCE, BOUNDARY),
    Column("hd", "HD", "Largest distance between the outlines", DISTANCE, BOUNDARY),
    Column(
        "size_sensitivity",
        "1 px costs",
        "IoU that an outline off by one pixel alone would cost, given the size of the objects",
        PLAIN_SCORE,
        BOUNDARY,
    ),
)

#: The named averages of a comparison, from ``Means.to_dict()``.
MEAN_COLUMNS: Final = (
    Column(
        "pooled_class_mean",
        "Pooled mean",
        "Pixels of all samples together, then the mean over classes. Large samples weigh more.",
    ),
    Column("sample_mean", "Sample mean", "Mean over samples. Every sample weighs the same."),
    Column(
        "class_sample_mean",
        "Class-sample mean",
        "Mean over samples within each class, then over classes. Rare classes weigh the same.",
    ),
    Column(
        "worst_decile_mean",
        "Worst tenth",
        "Mean over the lowest tenth of the samples (at least one): how bad it gets.",
    ),
)


def class_row(summary: ClassSummary) -> dict[str, Any]:
    """Values of a class by column key, with the intervals of those that have one."""
    row = flat(summary.to_dict())
    aggregates = row.pop("aggregates")
    pooled, means = aggregates["pooled"], aggregates["sample_mean"]
    if "nsd" in row:  # one tolerance: the key does not name it
        row |= {key: row["nsd"] for key in pooled if key.startswith("nsd_")}
    averaged = {key: means.get(key) for key in (*BOUNDARY_METRICS, "size_sensitivity")}
    return row | {"intervals": {**averaged, **pooled, "sample_mean_iou": means.get("iou")}}


def class_columns(rows: Sequence[Mapping[str, Any]], group: str = "") -> list[Column]:
    """The columns (of one table) that have values; NSD once for each tolerance."""
    columns: list[Column] = []
    for column in CLASS_COLUMNS:
        if column.key == "nsd":
            keys = dict.fromkeys(key for row in rows for key in row if key.startswith("nsd_"))
            columns += [_nsd_column(column, key) for key in keys]
        else:
            columns.append(column)
    return filled_columns([c for c in columns if group in ("", c.group)], rows)


def _nsd_column(column: Column, key: str) -> Column:
    tolerance = key.removeprefix("nsd_")
    tolerance = "1 px" if tolerance == "1px" else f"{float(tolerance):.3g}"
    return replace(column, key=key, heading=f"NSD {tolerance}", help=f"{column.help} {tolerance}")
