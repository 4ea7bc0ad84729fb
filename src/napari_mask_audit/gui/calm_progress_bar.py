"""A progress bar that waits for its turn to be painted."""

from __future__ import annotations

from qtpy.QtWidgets import QProgressBar


class CalmProgressBar(QProgressBar):
    """A progress bar that is painted together with what else has changed.

    Qt paints a progress bar the moment its value is set. In a window with a canvas every such
    painting puts the whole window together anew, which took the main thread 18 ms where there is
    no graphics card: more than all else that arriving samples ask of it.
    """

    def setValue(self, value: int) -> None:
        """Show how far it is, with the next painting of the window."""
        if value == self.value():
            return
        self.setUpdatesEnabled(False)
        super().setValue(value)
        self.setUpdatesEnabled(True)
