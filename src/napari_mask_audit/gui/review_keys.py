"""Keys of the review dock, as the cheat sheet lists them: while reviewing, while correcting."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from ..review.session import ReviewSession
from .correcting_button import KEY as CORRECT_KEY
from .correcting_button import REFERENCE_KEY as CORRECT_REFERENCE_KEY
from .correcting_panel import LEAVE_KEY, SAVE_KEY, TAKE_KEY
from .history_dialog import KEY as HISTORY_KEY
from .keys import Key
from .seeing_keys import seeing_keys
from .suggestion import KEY as SUGGESTION_KEY
from .verdict_panel import STATUSES

if TYPE_CHECKING:
    from .review_dock import ReviewDock

UNDO, REDO = "Alt+Z", "Alt+Shift+Z"


def keys_now(dock: ReviewDock, session: ReviewSession) -> Sequence[Key]:
    """The keys that hold in a dock with an open dataset."""
    if dock.room.correcting.is_active:
        return keys_while_correcting(dock)
    return keys_while_reviewing(dock, session)


def keys_while_reviewing(dock: ReviewDock, session: ReviewSession) -> list[Key]:
    """Verdicts, tags, walking, and ways of seeing."""
    findings = dock.room.findings
    return [
        *(Key(k, f"{word}, and on", partial(dock.decide, s)) for s, k, word, _ in STATUSES),
        *(
            Key(tag.key, f"tag: {tag.label}", partial(dock.verdict.toggle_tag, tag.name))
            for tag in session.tags
            if tag.key
        ),
        Key(SUGGESTION_KEY, "put the suggested tag on", dock.accept_suggestion),
        Key("C", "comment", dock.verdict.write_comment),
        Key("N", "next sample", partial(dock.go, "next")),
        Key("P", "previous sample", partial(dock.go, "previous")),
        Key("Shift+N", "next sample without a verdict", partial(dock.go, "next_unreviewed")),
        Key("F", "next finding", dock.next_finding),
        Key("Shift+F", "previous finding", partial(dock.next_finding, -1)),
        Key("T", "verdicts on the sample, or on the finding in view", dock.switch_target),
        Key("R", "show the whole sample", findings.leave),
        Key(CORRECT_KEY, "correct the candidate's mask", dock.correct),
        Key(CORRECT_REFERENCE_KEY, "correct the reference's mask", dock.correct_reference),
        *seeing_keys(dock.room.seeing),
        Key(
            HISTORY_KEY,
            "history of the sample: who decided what, and when",
            dock.extras.show_history,
        ),
        Key(UNDO, "undo the last verdict", partial(dock.step_back, "undo")),
        Key(REDO, "redo it", partial(dock.step_back, "redo")),
        Key("?", "this list", dock.footer.show_keys),
    ]


def keys_while_correcting(dock: ReviewDock) -> list[Key]:
    """Few, and none that napari's tools use."""
    return [
        Key(SAVE_KEY, "save the correction", dock.save_correction),
        Key(LEAVE_KEY, "leave the correction (asks about unsaved work)", dock.leave_correction),
        Key(TAKE_KEY, "take the finding in view from the chosen mask", dock.take_finding),
        Key(".", "next finding", dock.next_finding),
        Key(",", "previous finding", partial(dock.next_finding, -1)),
        Key("?", "this list", dock.footer.show_keys),
    ]
