"""Commands for napari's palette (Ctrl+Shift+P): each one is a verb of the review dock."""

from __future__ import annotations

import napari.viewer

from ..review.verdicts import ReviewStatus
from .correcting_button import KEY as CORRECT_KEY
from .correcting_button import REFERENCE_KEY as CORRECT_REFERENCE_KEY
from .correcting_panel import LEAVE_KEY, SAVE_KEY, TAKE_KEY
from .history_dialog import KEY as HISTORY_KEY
from .modes import Peek
from .painting import Coloring
from .reader import agreement_dock, boundary_dock, review_dock

#: The command that does what a key does; keys of tags are all ``tag``.
KEY_COMMANDS = {
    "A": "accept",
    "X": "needs_fix",
    "U": "unsure",
    "G": "accept_suggestion",
    "C": "comment",
    "N": "next_sample",
    "P": "previous_sample",
    "Shift+N": "next_unreviewed",
    "F": "next_finding",
    "Shift+F": "previous_finding",
    "T": "switch_target",
    "R": "show_whole",
    "O": "cycle_overlay",
    "B": "blink",
    "D": "cycle_coloring",
    "H": "fill_candidate",
    "Shift+H": "fill_reference",
    "I": "image_alone",
    "W": "worst_slice",
    "Y": "toggle_3d",
    CORRECT_KEY: "correct",
    CORRECT_REFERENCE_KEY: "correct_reference",
    SAVE_KEY: "save_correction",
    LEAVE_KEY: "leave_correction",
    TAKE_KEY: "take_finding",
    HISTORY_KEY: "show_history",
    ".": "next_finding",
    ",": "previous_finding",
    "Alt+Z": "undo",
    "Alt+Shift+Z": "redo",
    "?": "show_keys",
    "S": "next_stretch",
    "Shift+S": "previous_stretch",
}


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


def previous_finding(viewer: napari.viewer.Viewer) -> None:
    """Go to the finding before."""
    review_dock(viewer).next_finding(-1)


def show_whole(viewer: napari.viewer.Viewer) -> None:
    """Show the whole sample."""
    review_dock(viewer).room.findings.leave()


def comment(viewer: napari.viewer.Viewer) -> None:
    """Write a comment on the sample, or on the finding in view."""
    review_dock(viewer).verdict.write_comment()


def tag(viewer: napari.viewer.Viewer) -> None:
    """Ask for a tag, and put it on or take it off."""
    review_dock(viewer).ask_tag()


def show_keys(viewer: napari.viewer.Viewer) -> None:
    """Show all keys of the review, or put the list away."""
    review_dock(viewer).footer.show_keys()


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


def correct(viewer: napari.viewer.Viewer) -> None:
    """Correct the candidate's mask, on a copy."""
    review_dock(viewer).correct()


def correct_reference(viewer: napari.viewer.Viewer) -> None:
    """Correct the reference's mask, on a copy."""
    review_dock(viewer).correct_reference()


def save_correction(viewer: napari.viewer.Viewer) -> None:
    """Write the corrected mask as a new file."""
    review_dock(viewer).save_correction()


def leave_correction(viewer: napari.viewer.Viewer) -> None:
    """End the correction, after asking about unsaved work."""
    review_dock(viewer).leave_correction()


def take_finding(viewer: napari.viewer.Viewer) -> None:
    """While correcting: take the finding in view from the chosen mask."""
    review_dock(viewer).take_finding()


def cycle_overlay(viewer: napari.viewer.Viewer) -> None:
    """Show the sample in the next way."""
    review_dock(viewer).cycle_mode()


def cycle_coloring(viewer: napari.viewer.Viewer) -> None:
    """Colour the disagreement by the next of what it is, distance, failure bucket and votes."""
    review_dock(viewer).room.seeing.cycle_coloring()


def color_by_what_it_is(viewer: napari.viewer.Viewer) -> None:
    """Colour the disagreement by whose boundary it is."""
    review_dock(viewer).room.seeing.color_by(Coloring.WHAT)


def color_by_distance(viewer: napari.viewer.Viewer) -> None:
    """Colour boundaries by their distance to the other mask's."""
    review_dock(viewer).room.seeing.color_by(Coloring.DISTANCE)


def color_by_bucket(viewer: napari.viewer.Viewer) -> None:
    """Colour wrong pixels by their failure bucket."""
    review_dock(viewer).room.seeing.color_by(Coloring.BUCKET)


def color_by_votes(viewer: napari.viewer.Viewer) -> None:
    """Colour pixels by how far the annotators' votes are apart."""
    review_dock(viewer).room.seeing.color_by(Coloring.VOTES)


def blink(viewer: napari.viewer.Viewer) -> None:
    """Blink between reference and candidate, or stop."""
    review_dock(viewer).room.seeing.blink()


def fill_candidate(viewer: napari.viewer.Viewer) -> None:
    """Fill the candidate's mask, or stop; the key does it while it is held."""
    review_dock(viewer).room.seeing.toggle_peek(Peek.FILL_CANDIDATE)


def fill_reference(viewer: napari.viewer.Viewer) -> None:
    """Fill the reference's mask, or stop; the key does it while it is held."""
    review_dock(viewer).room.seeing.toggle_peek(Peek.FILL_REFERENCE)


def image_alone(viewer: napari.viewer.Viewer) -> None:
    """Show the image alone, or stop; the key does it while it is held."""
    review_dock(viewer).room.seeing.toggle_peek(Peek.IMAGE_ONLY)


def worst_slice(viewer: napari.viewer.Viewer) -> None:
    """Go to the slice with most wrong pixels, or to the next worst."""
    review_dock(viewer).room.seeing.next_worst_slice()


def toggle_3d(viewer: napari.viewer.Viewer) -> None:
    """Show a volume in three dimensions, or its slices again."""
    review_dock(viewer).room.seeing.toggle_solid()


def show_history(viewer: napari.viewer.Viewer) -> None:
    """Show what was decided about the sample, or put it away."""
    review_dock(viewer).extras.show_history()


def edit_tags(viewer: napari.viewer.Viewer) -> None:
    """Edit the team's own tags."""
    review_dock(viewer).extras.edit_tags()


def hide_names(viewer: napari.viewer.Viewer) -> None:
    """Hide the names of sources, or show them again."""
    review_dock(viewer).extras.hide_names()


def export_tags(viewer: napari.viewer.Viewer) -> None:
    """Write everyone's verdicts to a file."""
    review_dock(viewer).ask_export()


def write_report(viewer: napari.viewer.Viewer) -> None:
    """Write the report."""
    review_dock(viewer).ask_report()


def open_dataset(viewer: napari.viewer.Viewer) -> None:
    """Ask for a dataset folder and open it."""
    review_dock(viewer).ask_folder()


def open_recent(viewer: napari.viewer.Viewer) -> None:
    """Ask which of the last datasets to open again."""
    review_dock(viewer).ask_recent()


def open_sample_data(viewer: napari.viewer.Viewer) -> None:
    """Open the sample town for review."""
    review_dock(viewer).open_sample_town()


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


def previous_stretch(viewer: napari.viewer.Viewer) -> None:
    """Go to the stretch of boundary before."""
    boundary_dock(viewer).next_stretch(-1)


def human_band(viewer: napari.viewer.Viewer) -> None:
    """Compare the annotators for the band in the boundary dock's curve, or stop that."""
    boundary_dock(viewer).find_band()


def copy_settings(viewer: napari.viewer.Viewer) -> None:
    """Put tolerance and convention on the clipboard, as lines for ``dataset.toml``."""
    boundary_dock(viewer).copy_settings()
