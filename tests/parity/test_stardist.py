"""Counts and panoptic quality equal StarDist's, where that package is installed."""

from __future__ import annotations

import numpy as np
import pytest

from napari_mask_audit.kernels import count_tuples
from napari_mask_audit.metrics.instance import instance_scores
from napari_mask_audit.object_overlap import ObjectOverlap

stardist_matching = pytest.importorskip("stardist.matching", reason="stardist is not installed")


@pytest.mark.parametrize("seed", range(60))
def test_random_maps_match_as_in_stardist(seed):
    rng = np.random.default_rng(seed)
    shape = tuple(rng.integers(4, 24, 2))
    reference = rng.integers(0, 6, shape).astype(np.int32)
    noise = rng.integers(0, 6, shape).astype(np.int32)
    candidate = np.where(rng.random(shape) < 0.6, reference, noise)
    for threshold in (0.25, 0.5, 0.7):
        theirs = stardist_matching.matching(reference, candidate, thresh=threshold)
        table = ObjectOverlap.from_tuples(*count_tuples([reference, candidate]))
        ours = instance_scores(table, threshold=threshold, rule="ge")
        assert (ours.tp, ours.fp, ours.fn) == (theirs.tp, theirs.fp, theirs.fn)
        if ours.status == "ok" and threshold >= 0.5:
            assert ours.pq == pytest.approx(theirs.panoptic_quality, abs=1e-6)
        elif ours.status == "ok":
            # below one half StarDist lets unmatched pairs decide between equally many matches
            assert ours.pq >= theirs.panoptic_quality - 1e-6
