"""Commands for napari's palette (Ctrl+Shift+P): each one is a verb of the review dock."""

from __future__ import annotations

import napari.viewer

from ..review.verdicts import ReviewStatus
from .reader import agreement_dock, boundary_dock, review_dock


def next_sample(viewer: napari.viewer.Viewer) -> None:
    """Go to the sample below in the queue."""
    review_dock(viewer).go("next")


def previous_sample(viewer: napari.viewer.Viewer) -> None:
    """Go to the sample above in the queue."""
    review_dock(viewer).go("previous")


def next_unreviewed(viewer: napari.viewer.Viewer) -> None:
    """Go to the next sample without a verdict."""
    review_dock(viewer).go("next_unreviewed")


def next_finding(viewer: napari.viewer.Viewer) -> None:
    """Go to the next finding of the sample."""
    review_dock(viewer).next_finding()


def accept_suggestion(viewer: napari.viewer.Viewer) -> None:
    """Put the suggested tag on the sample, or on the finding in view."""
    review_dock(viewer).accept_suggestion()


def switch_target(viewer: napari.viewer.Viewer) -> None:
    """Give verdicts to the finding in view instead of the sample, or the other way round."""
    review_dock(viewer).switch_target()


def accept(viewer: napari.viewer.Viewer) -> None:
    """Accept the current sample."""
    review_dock(viewer).decide(ReviewStatus.ACCEPT)


def needs_fix(viewer: napari.viewer.Viewer) -> None:
    """Mark the current sample as needing a fix."""
    review_dock(viewer).decide(ReviewStatus.NEEDS_FIX)


def unsure(viewer: napari.viewer.Viewer) -> None:
    """Mark the current sample as unsure."""
    review_dock(viewer).decide(ReviewStatus.UNSURE)


def undo(viewer: napari.viewer.Viewer) -> None:
    """Take back the last verdict of this sitting."""
    review_dock(viewer).step_back("undo")


def redo(viewer: napari.viewer.Viewer) -> None:
    """Bring back the verdict that was taken back."""
    review_dock(viewer).step_back("redo")


def cycle_overlay(viewer: napari.viewer.Viewer) -> None:
    """Show the sample in the next way."""
    review_dock(viewer).cycle_mode()


def export_tags(viewer: napari.viewer.Viewer) -> None:
    """Write everyone's verdicts to a file."""
    review_dock(viewer).ask_export()


def write_report(viewer: napari.viewer.Viewer) -> None:
    """Write the report."""
    review_dock(viewer).ask_report()


def open_dataset(viewer: napari.viewer.Viewer) -> None:
    """Ask for a dataset folder and open it."""
    review_dock(viewer).ask_folder()


def compare_everyone(viewer: napari.viewer.Viewer) -> None:
    """Compare all sources of the open dataset."""
    agreement_dock(viewer).compare_everyone()


def toggle_votes(viewer: napari.viewer.Viewer) -> None:
    """Lay the annotators' votes over the sample, or take them off."""
    agreement_dock(viewer).panel.votes.toggle()


def write_consensus(viewer: napari.viewer.Viewer) -> None:
    """Write a consensus as a new source, after asking."""
    agreement_dock(viewer).ask_consensus()


def next_stretch(viewer: napari.viewer.Viewer) -> None:
    """Go to the next of the worst stretches of boundary."""
    boundary_dock(viewer).next_stretch()
