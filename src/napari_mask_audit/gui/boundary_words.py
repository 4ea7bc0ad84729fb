"""Boundary numbers in words; no Qt here."""

from __future__ import annotations

import math

from ..boundary_stretches import Stretch
from ..status import Status
from .boundary_view import BoundaryView, Row

DASH = "–"


def distance_text(value: float) -> str:
    """A distance with one decimal, ∞ where a mask lacks the class, a dash where undefined.

    Examples
    --------
    >>> distance_text(1.44), distance_text(12), distance_text(float("inf"))
    ('1.4', '12.0', '∞')
    """
    if math.isnan(value):
        return DASH
    return "∞" if math.isinf(value) else f"{value:.1f}"


def signed_text(value: float) -> str:
    """A signed offset.

    Examples
    --------
    >>> signed_text(1.44), signed_text(-0.5), signed_text(0.01)
    ('+1.4', '−0.5', '0.0')
    """
    if math.isnan(value):
        return DASH
    sign = "" if abs(value) < 0.05 else "+" if value > 0 else "−"
    return f"{sign}{abs(value):.1f}"


def share_text(value: float) -> str:
    """A share from 0 to 1 with two decimals; 1.00 only where it is exactly 1.

    Examples
    --------
    >>> share_text(0.836), share_text(0.9999), share_text(1.0)
    ('0.84', '0.99', '1.00')
    """
    if math.isnan(value):
        return DASH
    return f"{math.floor(value * 100) / 100:.2f}" if 0.995 <= value < 1 else f"{value:.2f}"


def why_not(status: Status, reference: str, candidate: str) -> str:
    """Why there is no number, or why it is what it is; empty where all is well."""
    return {
        Status.BOTH_EMPTY: "in neither mask, so there is no score",
        Status.REFERENCE_EMPTY: f"only in {candidate}: no boundary of {reference} to compare with",
        Status.CANDIDATE_EMPTY: f"only in {reference}: missed by {candidate}",
        Status.ALL_IGNORED: "every pixel is ignored, so there is no score",
        Status.NOT_APPLICABLE: "all of its boundary touches ignored pixels, so there is no score",
    }.get(status, "")


def offset_words(view: BoundaryView, class_id: int | None) -> str:
    """Who draws outside whom, and by how much."""
    reference, candidate = view.subject.sources
    if class_id is None:
        return (
            "All classes: one's gain is its neighbour's loss. Choose one to see who draws outside."
        )
    name, score = view.names[class_id], view.scores[class_id]
    if score.surface_status is not Status.OK:
        return f"{name}: {why_not(score.surface_status, reference, candidate)}"
    mean, sd = view.offset(class_id)
    unit = view.subject.unit
    if abs(mean) < 0.05 * view.pixel:
        return (
            f"{name}: {candidate} draws neither inside nor outside {reference} (± {sd:.1f} {unit})"
        )
    side = "outside" if mean > 0 else "inside"
    return f"{name}: {candidate} draws {abs(mean):.1f} {unit} {side} {reference} (± {sd:.1f})"


def row_hint(view: BoundaryView, row: Row, tolerance: float) -> str:
    """The numbers of a class in full."""
    reference, candidate = view.subject.sources
    unit, score = view.subject.unit, view.scores[row.id]
    if not row.is_defined:
        return f"{row.name} (id {row.id})\n{why_not(row.status, reference, candidate)}"
    lines = [
        f"{row.name} (id {row.id})",
        why_not(row.status, reference, candidate),
        f"{row.nsd:.2%} of both outlines lies within {tolerance:g} {unit} of the other",
    ]
    if row.status is Status.OK:
        lines += [
            f"mean offset {signed_text(row.offset)} ± {row.offset_sd:.1f} {unit}",
            f"+ is {candidate} outside {reference}, − inside",
            f"95 % of either outline within {row.hd95:.2f} {unit}",
            f"on average {row.assd:.2f} {unit} off, at most {score.hd:.2f}",
        ]
    if not math.isnan(row.one_px_cost):
        lines.append(f"a shift of one pixel alone would cost {row.one_px_cost:.2f} IoU")
    if score.kept < 1:
        lines.append(f"{1 - score.kept:.1%} of the boundary touches ignored pixels and is left out")
    return "\n".join(line for line in lines if line)


def stretch_text(view: BoundaryView, stretch: Stretch) -> str:
    """A stretch in a line: whose boundary, how long, how far off, to which side."""
    name = view.names[stretch.class_id]
    size = f"{stretch.length:,.0f} {_size_unit(view)}"
    if math.isinf(stretch.largest):
        return f"{name}: {size}, {'made up' if stretch.is_outside else 'missed'} as a whole"
    unit = view.subject.unit
    side = "outside" if stretch.is_outside else "inside"
    return f"{name}: {size}, up to {distance_text(stretch.largest)} {unit} {side}"


def stretch_hint(view: BoundaryView, stretch: Stretch) -> str:
    """A stretch in full."""
    reference, candidate = view.subject.sources
    unit, size_unit = view.subject.unit, _size_unit(view)
    side = "reaches further out than" if stretch.is_outside else "falls short of"
    lines = [
        f"{view.names[stretch.class_id]}: {candidate} {side} {reference}",
        f"{stretch.reference_length:,.1f} {size_unit} on {reference}'s outline",
        f"{stretch.candidate_length:,.1f} {size_unit} on {candidate}'s outline",
        f"on average {distance_text(stretch.mean)} {unit} off",
        f"at most {distance_text(stretch.largest)} {unit} off",
    ]
    return "\n".join(lines)


def _size_unit(view: BoundaryView) -> str:
    """What the size of a stretch is counted in."""
    if view.convention == "voxel":
        return "border px"
    unit = view.subject.unit
    return f"{unit} long" if view.reference.ndim == 2 else f"{unit}²"
