"""``python -m napari_mask_audit.gui DATASET``: the review window from a terminal."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from ..dataset import Dataset
from ..errors import AuditError

_INSTALL = (
    "The review window needs napari and a Qt binding, and {missing} is not installed.\n"
    'Install both with:  pip install "napari-mask-audit[all]"'
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the window; 0 when it was closed, 1 when something is wrong, 2 for wrong usage."""
    parser = argparse.ArgumentParser(
        prog="python -m napari_mask_audit.gui",
        description="Review a dataset in napari, worst samples first.",
    )
    parser.add_argument("dataset", help="a dataset folder or a dataset.toml")
    parser.add_argument("--store", help="file or URL for the verdicts; beside the dataset if left")
    parser.add_argument("--reviewer", help="who decides; the login name if left out")
    parser.add_argument("--sample", help="sample to start with; where you were if left out")
    parser.add_argument("--blind", action="store_true", help="hide whose masks they are")
    parser.add_argument("--repeats", type=float, help="share of samples that come back, 0 to 1")
    given = parser.parse_args(arguments)
    try:
        Dataset.open(given.dataset)  # a wrong path is better said here than in a window
    except AuditError as error:
        return _complain(str(error))
    try:
        import napari.viewer  # noqa: F401
        import qtpy.QtWidgets  # noqa: F401

    except ImportError as error:  # qtpy's own errors for a missing binding are ImportErrors too
        return _complain(_INSTALL.format(missing=error.name or "a Qt binding"))
    from .launch import review

    review(
        given.dataset,
        store=given.store,
        reviewer=given.reviewer,
        sample=given.sample,
        blind=given.blind,
        repeats=given.repeats,
    )
    return 0


def _complain(text: str) -> int:
    sys.stderr.write(text + "\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
