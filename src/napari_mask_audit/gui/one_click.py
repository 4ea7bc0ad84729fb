"""Corrections in one click: take a place, or everything, from another mask; fill holes and such.

The panel calls the verbs and redraws from :attr:`OneClick.changed`; there are no widgets here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from psygnal import Signal

from ..corrections.donors import (
    MAJORITY,
    background_of,
    donor_mask,
    has_majority,
    region_of,
    taken_from,
    voters,
)
from ..corrections.repairs import Patch, Region, find_patch, whole
from ..errors import AuditError, MaskError
from ..masks import LabelArray
from .worker import Job, Jobs

if TYPE_CHECKING:
    from .room import ReviewRoom


class Donor(NamedTuple):
    """A mask to take from: its key, and what it is called."""

    key: str
    words: str


class OneClick:
    """One-click corrections of the mask that is being corrected.

    Parameters
    ----------
    room : ReviewRoom
        What is open.
    jobs : Jobs
        Where masks are read.

    Attributes
    ----------
    changed
        Signal: there are other donors, or something else can be filled or removed.
    """

    changed = Signal()

    def __init__(self, room: ReviewRoom, jobs: Jobs) -> None:
        self._room = room
        self._jobs = jobs
        self._masks: dict[str, LabelArray] = {}
        self._reading: Job | None = None
        self.patch: Patch | None = None

    @property
    def donors(self) -> tuple[Donor, ...]:
        """The masks that can be taken from, those in view first."""
        room, live = self._room, self._room.correcting.live
        if live is None or room.dataset is None:
            return ()
        dataset, pair = room.dataset, room.pair or ()
        masks = dataset.sample(live.sample).masks
        roles = dict(zip(pair, ("reference", "candidate"), strict=False))
        others = [name for name in (*pair, *(n for n in masks if n not in pair)) if name in masks]
        found = [
            Donor(name, f"{roles[name]}: {name}" if name in roles else name)
            for name in others
            if name != live.source
        ]
        if has_majority(dataset, live.sample):
            count = len(voters(dataset, live.sample))
            found.append(Donor(MAJORITY, f"majority of {count} annotators"))
        return tuple(found)

    @property
    def has_finding(self) -> bool:
        """Whether there is a finding in view to take from somebody."""
        return self._room.findings.current is not None

    # -- verbs -----------------------------------------------------------------------------------

    def take_finding(self, key: str, grow_px: int = 0) -> None:
        """Take the place of the finding in view from another mask."""
        region = self._finding_region()
        if region is None:
            self._room.say("go to a finding first, or take the whole mask")
            return
        self._with_mask(key, lambda mask: self._take(key, mask, region, grow_px))

    def take_everything(self, key: str) -> None:
        """Take the whole mask from somebody."""
        live = self._room.correcting.live
        if live is not None:
            everywhere = whole(live.labels.shape)
            self._with_mask(key, lambda mask: self._take(key, mask, everywhere, 0))

    def apply_patch(self) -> None:
        """Fill the hole, or remove the speck, that the finding in view is about."""
        self.look()
        if self.patch is None:
            self._room.say("the finding in view is no hole to fill and no speck to remove")
            return
        what = "hole filled" if self.patch.is_hole else "speck removed"
        around = self._room.looks.name(self.patch.around)
        self._room.correcting.apply(self.patch.repair(), f"{what}: {around} now")
        self.look()

    # -- from the correction ---------------------------------------------------------------------

    def forget(self) -> None:
        """Another mask is corrected, or none."""
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None
        self._masks.clear()
        self.look()

    def look(self) -> None:
        """See what can be filled or removed at the finding in view."""
        room, live, finding = self._room, self._room.correcting.live, self._room.findings.current
        self.patch = None
        if live is not None and finding is not None and room.dataset is not None:
            self.patch = find_patch(live.labels, finding, background=background_of(room.dataset))
        self.changed.emit()

    # -- inside ----------------------------------------------------------------------------------

    def _finding_region(self) -> Region | None:
        room, view, finding = self._room, self._room.view, self._room.findings.current
        if finding is None or view is None or room.dataset is None:
            return None
        if view.reference is None or view.candidate is None:
            return None
        return region_of(room.dataset, finding, view.reference, view.candidate)

    def _take(self, key: str, mask: LabelArray, region: Region, grow_px: int) -> None:
        room, live = self._room, self._room.correcting.live
        if live is None or room.dataset is None:
            return
        region = region.grown(grow_px, live.labels.shape)
        try:
            repair = taken_from(room.dataset, live.labels, mask, region)
        except MaskError as error:
            room.fail(error)
            return
        name = "the majority of the annotators" if key == MAJORITY else key
        room.correcting.apply(repair, f"taken from {name}")
        if room.dataset.task == "instance" and room.correcting.layer is not None:
            room.correcting.layer.layer.selected_label = live.first_id()  # not one just taken

    def _with_mask(self, key: str, act: Callable[[LabelArray], None]) -> None:
        """Do something with a mask of the sample, once it is read."""
        room, live = self._room, self._room.correcting.live
        if live is None or room.dataset is None:
            return
        if key in self._masks:
            act(self._masks[key])
            return
        dataset, sample, shape = room.dataset, live.sample, live.labels.shape

        def read(_job: Job) -> LabelArray:
            return donor_mask(dataset, sample, key, shape)

        def done(found: LabelArray) -> None:
            self._reading = None
            if room.correcting.live is live:
                self._masks[key] = found
                act(found)

        def failed(error: AuditError) -> None:
            self._reading = None
            room.fail(error)

        if self._reading is not None:
            self._reading.cancel()
        self._reading = self._jobs.run(read, done, failed)
