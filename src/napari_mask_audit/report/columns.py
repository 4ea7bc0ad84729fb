"""Which numbers the report's tables show: one line per column, in the order shown."""

from __future__ import annotations

from typing import Final

from .cells import COUNT, DISTANCE, PLAIN_SCORE, SIGNED, SIGNED_SHARE, Column

#: Per class, from ``ClassSummary.to_dict()``. A key that no class has is left out of the table.
CLASS_COLUMNS: Final = (
    Column("iou", "IoU", "Shared area / area of either, pixels of all samples together"),
    Column("dice", "Dice", "Twice the shared area / sum of both areas (the F1 of pixels)"),
    Column("boundary_iou", "Boundary IoU", "IoU of the bands along the inside of the outlines"),
    Column("nsd", "NSD", "Share of both surfaces within the tolerance of the other"),
    Column("hd95", "HD95", "95th percentile of the distance between the surfaces", DISTANCE),
    Column("assd", "ASSD", "Average distance between the surfaces", DISTANCE),
    Column("masd", "MASD", "Mean of the two directed average distances", DISTANCE),
    Column("hd", "HD", "Largest distance between the surfaces", DISTANCE),
    Column("boundary_offset", "Offset", "Above 0: the candidate draws outside", SIGNED),
    Column("precision", "Precision", "Share of the candidate's area that is right", PLAIN_SCORE),
    Column("recall", "Recall", "Share of the reference's area that was found", PLAIN_SCORE),
    Column("volume_difference", "Size", "How much larger the candidate's area is", SIGNED_SHARE),
    Column("size_sensitivity", "Size effect", "IoU lost by an outline off by 1 px", PLAIN_SCORE),
    Column("sample_mean_iou", "Sample mean", "Mean over samples of the IoU", PLAIN_SCORE),
    Column("worst_decile_iou", "Worst tenth", "Mean IoU of the worst tenth", PLAIN_SCORE),
    Column("defined_samples", "Samples", "Samples in which either mask has the class", COUNT),
    Column("reference_pixels", "Reference px", "Size in the reference, all samples", COUNT),
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
