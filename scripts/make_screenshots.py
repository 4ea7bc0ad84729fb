"""Make the pictures of the docks for README and docs: docs/images/*.png.

Needs a display. Without one, run it under xvfb-run -a -s "-screen 0 1600x1000x24".
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import napari
import numpy as np
from PIL import Image
from qtpy.QtWidgets import QApplication

from napari_mask_audit.gui.modes import Mode
from napari_mask_audit.gui.painting import Coloring
from napari_mask_audit.gui.reader import agreement_dock, boundary_dock, review_dock
from napari_mask_audit.gui.review_dock import ReviewDock
from napari_mask_audit.review.verdicts import ReviewStatus
from napari_mask_audit.samples import copy_sample_masks

ROOT = Path(__file__).resolve().parents[1]
SIZE = (1280, 800)


def wait_until(condition: Callable[[], bool], timeout_s: float = 120.0) -> None:
    """Let Qt work until a condition holds."""
    end = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("the window did not get there in time")
        QApplication.processEvents()
        time.sleep(0.01)


def settle(dock: ReviewDock) -> None:
    """Wait until all is measured and the current sample shows."""
    room = dock.room
    wait_until(lambda: room.audit is not None and room.audit.is_complete)
    wait_until(lambda: room.audit is not None and not room.audit.is_running)
    wait_until(lambda: room.view is not None and room.findings.explanation is not None)
    pause(0.5)


def pause(seconds: float) -> None:
    """Let Qt draw."""
    end = time.monotonic() + seconds
    wait_until(lambda: time.monotonic() > end)


def review_a_few(dock: ReviewDock) -> None:
    """Give the worst samples verdicts, so that the picture shows some."""
    for tag, status in (
        ("class_confusion", ReviewStatus.NEEDS_FIX),
        ("missed_small", ReviewStatus.NEEDS_FIX),
        ("boundary", ReviewStatus.UNSURE),
    ):
        dock.verdict.toggle_tag(tag)
        dock.decide(status)
        settle(dock)


def save(viewer: napari.Viewer, path: Path) -> None:
    """Write the window as a PNG."""
    picture = Image.fromarray(np.asarray(viewer.screenshot(canvas_only=False, flash=False)))
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.convert("RGB").save(path, optimize=True)
    print(f"{path}: {picture.size[0]} x {picture.size[1]}, {path.stat().st_size // 1000} kB")


def save_ways_of_seeing(viewer: napari.Viewer, dock: ReviewDock, folder: Path) -> None:
    """Write the same finding side by side, as outlines, and in other colours."""
    seeing = dock.room.seeing
    for mode, coloring, name in (
        (Mode.SIDE_BY_SIDE, Coloring.WHAT, "side_by_side"),
        (Mode.OVERLAY, Coloring.DISTANCE, "by_distance"),
    ):
        seeing.set_mode(mode)
        seeing.color_by(coloring)
        pause(2)
        save(viewer, folder / f"{name}.png")
    seeing.color_by(Coloring.WHAT)
    seeing.set_mode(Mode.OVERLAY)


def save_boundary(viewer: napari.Viewer, dock: ReviewDock, path: Path) -> None:
    """Write the boundary dock on the road, with the annotators' band and a stretch."""
    boundary = boundary_dock(viewer)
    wait_until(lambda: boundary.desk.view is not None)
    boundary.desk.set_class(2)
    boundary.find_band()
    wait_until(lambda: boundary.desk.band is not None)
    pause(1)
    wait_until(lambda: boundary.desk.stretches is not None)
    boundary.next_stretch()
    pause(1)
    save(viewer, path)


def save_agreement(viewer: napari.Viewer, path: Path) -> None:
    """Write the agreement dock with the outlines of two annotators."""
    agreement = agreement_dock(viewer)
    agreement.compare_everyone()
    wait_until(lambda: agreement.agreement is not None)
    agreement.choose_pair("alice", "bob")
    pause(3)
    save(viewer, path)


def save_correcting(viewer: napari.Viewer, dock: ReviewDock, path: Path) -> None:
    """Write the review dock while a mask is corrected, one finding taken from the reference."""
    correcting = dock.room.correcting
    dock.correct()
    wait_until(lambda: correcting.is_active)
    wait_until(lambda: not correcting.strokes.is_updating)
    dock.next_finding()
    pause(0.5)
    correcting.set_reason("the roof was cut off")
    dock.take_finding()
    wait_until(lambda: correcting.is_dirty)
    wait_until(
        lambda: not correcting.strokes.is_updating and correcting.keeping.kept_at is not None
    )
    dock.next_finding()
    pause(1)
    save(viewer, path)
    correcting.stop()
    settle(dock)


def main() -> None:
    """Make all pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=ROOT / "docs" / "images")
    parser.add_argument("--theme", default="dark", choices=["dark", "light"])
    parser.add_argument("--size", type=int, nargs=2, default=SIZE, metavar=("WIDTH", "HEIGHT"))
    parser.add_argument("--all", action="store_true", help="the other docks and views too")
    given = parser.parse_args()
    place = Path(tempfile.mkdtemp())
    folder = copy_sample_masks(place / "sample_masks")
    viewer = napari.Viewer(show=True)
    viewer.theme = given.theme
    viewer.window.resize(*given.size)
    dock = review_dock(viewer)
    pause(0.5)
    dock.room.open(folder, store=str(place / "review.sqlite"), reviewer="ann")
    settle(dock)
    review_a_few(dock)
    dock.next_finding()
    pause(2)
    save(viewer, given.output / "review.png")
    if given.all:
        save_ways_of_seeing(viewer, dock, given.output)
        save_correcting(viewer, dock, given.output / "correcting.png")
        save_boundary(viewer, dock, given.output / "boundary.png")
        dock.room.findings.leave()
        save_agreement(viewer, given.output / "agreement.png")
    viewer.close()
    shutil.rmtree(place)


if __name__ == "__main__":
    main()
