"""Which events can be taken back, and which brought back: read off the events themselves.

Nothing is kept beside the append-only table, so that undo cannot disagree with it.
"""

from __future__ import annotations

from collections.abc import Iterable

from napari_mask_audit.review.verdicts import EventKind


def undo_and_redo(
    events: Iterable[tuple[int, str, int | None]],
) -> tuple[list[int], list[int]]:
    """The events of one reviewer's session that can be undone, and those that can be redone.

    Parameters
    ----------
    events : iterable of (id, kind, undoes)
        Oldest first.

    Returns
    -------
    undoable, redoable : list of int
        Event numbers; the last of each is next. A new verdict empties the redoable ones.

    Examples
    --------
    >>> undo_and_redo([(1, "verdict", None), (2, "verdict", None), (3, "undo", 2)])
    ([1], [3])
    """
    undoable: list[int] = []
    redoable: list[int] = []
    for number, kind, undoes in events:
        if kind == EventKind.VERDICT:
            undoable.append(number)
            redoable.clear()
            continue
        for stack in (undoable, redoable):
            if stack and stack[-1] == undoes:
                stack.pop()
        if kind == EventKind.UNDO:
            redoable.append(number)
        elif kind == EventKind.REDO:
            undoable.append(number)
    return undoable, redoable
