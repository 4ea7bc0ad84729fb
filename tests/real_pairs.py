"""Pairs of real masks for parity: thin, multi-class, ignored, anisotropic."""

from __future__ import annotations

import pytest

from napari_mask_audit.masks import Mask
from napari_mask_audit.readers import read_mask
from realdata import DATA, needs

#: Folder, and the two masks in it.
_PAIRS = {
    "vessels": ("chase_db1_4", "obs1_1stHO/*13L*", "obs2_2ndHO/*13L*"),
    "axons": ("axondeepseg_sem_1", "gt.png", "pred_model1.png"),
    "streets": ("camvid_road10", "gt/0006R0_f00930.png", "pred_rf/0006R0_f00930.png"),
    "cord": ("sct_spinal_cord_3d", "t2_seg-manual.nii.gz", "t2_seg-deepseg_sc-3d.nii.gz"),
    "nodule": (
        "lidc_nodules6_3d",
        "LIDC-IDRI-0001_n0/radiologist1.nii.gz",
        "LIDC-IDRI-0001_n0/radiologist2.nii.gz",
    ),
}

#: Parameters for a test: names of pairs, each skipped where its folder is not here.
REAL = [
    pytest.param(name, marks=[pytest.mark.realdata, needs(folder)], id=name)
    for name, (folder, *_) in _PAIRS.items()
]


def load(name: str) -> tuple[Mask, Mask]:
    """The reference and the candidate of a pair."""
    folder, *patterns = _PAIRS[name]
    first, second = (read_mask(next(iter((DATA / folder).glob(p)))) for p in patterns)
    assert first.shape == second.shape
    return first, second


def binary(name: str) -> tuple[Mask, Mask]:
    """The same pair with everything but 0 as one object, in the reference's spacing."""
    first, second = load(name)
    masks = [
        Mask.from_array((m.labels > 0).astype("uint8"), spacing=first.spacing)
        for m in (first, second)
    ]
    return masks[0], masks[1]
