"""Measured strip by strip, decided from what is kept: the same as the whole in one piece."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage as ndi

from failure_scenes import jittered, moved, scene
from napari_mask_audit.failures import BUCKETS, FailureThresholds, buckets, findings
from napari_mask_audit.failures.buckets import decide
from napari_mask_audit.failures.measured import measure_pair
from napari_mask_audit.failures.strips import find_differences

VOID = 9
BANDED = FailureThresholds(tolerance=3.0, class_tolerances={2: 1.0}, split_part=0.1)


def flat_pair():
    """Objects with every kind of error, some cut and some joined, and a void stripe."""
    reference, objects = scene(3)
    reference, candidate = reference.copy(), jittered(reference, 3, 2.5).copy()
    cut, joined = objects[0], objects[1]
    row = int(cut["centre"][0])
    candidate[row - 1 : row + 2][cut["mask"][row - 1 : row + 2]] = 0
    row = int(joined["centre"][0])
    reference[row - 1 : row + 2][joined["mask"][row - 1 : row + 2]] = 0
    candidate[joined["mask"]] = joined["class"]
    candidate[objects[2]["mask"]] = 0
    candidate[200:215, 100:115] = 2
    reference[:, 30:36] = VOID
    return reference, candidate, (1.0, 1.0)


def deep_pair():
    """Blobs in flat voxels, one of them cut across the slices."""
    rng = np.random.default_rng(7)
    fields = [ndi.gaussian_filter(rng.normal(size=(14, 40, 30)), (1, 3, 3)) for _ in range(3)]
    reference = np.argmax(fields, axis=0).astype(np.uint8)
    candidate = moved(reference, (1, 0, 2))
    reference[1:14, 3:18, 3:18] = candidate[1:14, 3:18, 3:18] = 0
    reference[3:12, 5:15, 5:15] = candidate[3:12, 5:15, 5:15] = 1
    candidate[7, 5:15, 5:15] = 0
    return reference, candidate, (2.5, 1.0, 1.0)


PAIRS = {"flat": flat_pair(), "deep": deep_pair()}


def described(pair, strip_pixels, thresholds=BANDED):
    reference, candidate, spacing = PAIRS[pair]
    found = buckets(
        reference, candidate, background=0, ignore_ids={VOID}, spacing=spacing,
        thresholds=thresholds, strip_pixels=strip_pixels,
    )  # fmt: skip
    return found, findings(found, sample="s", left_out_ids={0, VOID})


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("strip_pixels", [1, 777, 1500, 5000, 20_000])
def test_strips_of_any_size_give_the_same_buckets_and_findings(pair, strip_pixels):
    whole, listed = described(pair, 1 << 30)
    assert {"split", "boundary"} <= {b.value for b in BUCKETS if whole.table.pixels_in(b)}
    strips, also = described(pair, strip_pixels)
    assert np.array_equal(whole.image, strips.image)
    assert np.array_equal(whole.table.rows, strips.table.rows)
    assert np.array_equal(whole.table.counts, strips.table.counts)
    assert [f.to_dict() for f in listed] == [f.to_dict() for f in also]


@pytest.mark.parametrize("pair", PAIRS)
def test_regions_united_over_seams_are_those_of_the_whole(pair):
    reference, candidate, _ = PAIRS[pair]
    whole = find_differences(reference, candidate, [VOID], 1 << 30)
    rows = find_differences(reference, candidate, [VOID], 1)
    for name in ("start", "length", "own", "other"):
        assert np.array_equal(getattr(whole.wrong, name), getattr(rows.wrong, name))
    for name in ("reference", "candidate"):
        one, other = (getattr(found.regions, name) for found in (whole, rows))
        for field in ("label", "first", "start", "stop"):
            assert np.array_equal(getattr(one, field), getattr(other, field))
    for field in ("pairs", "shared", "same", "reference_size", "candidate_size"):
        assert np.array_equal(getattr(whole.regions, field), getattr(rows.regions, field))


@pytest.mark.parametrize("pair", PAIRS)
def test_another_threshold_is_decided_as_if_it_had_been_measured_for(pair):
    reference, candidate, spacing = PAIRS[pair]
    kept = measure_pair(
        reference, candidate, background=0, ignore_ids={VOID}, spacing=spacing, strip_pixels=3000
    )
    tables = []
    for thresholds in (
        FailureThresholds(),
        BANDED,
        FailureThresholds(tolerance=1.0),
        FailureThresholds(tolerance=5.0, missed_recall=0.4, dominance=0.9),
        FailureThresholds(split_part=None, small_area=500),
        FailureThresholds(split_part=0.3),
    ):
        again = decide(kept, thresholds)
        fresh, _ = described(pair, 1 << 30, thresholds)
        assert np.array_equal(again.image, fresh.image)
        assert again.thresholds == thresholds.settled()
        tables.append(tuple(again.table.pixels_in(b) for b in BUCKETS))
    assert len(set(tables)) > 3  # they do decide something
    assert len({sum(row) for row in tables}) == 1


def test_the_tolerance_of_a_class_decides_about_its_wrong_pixels_only():
    reference, candidate = np.zeros((2, 60, 60), np.uint8)
    for class_id, left in ((1, 5), (2, 35)):
        reference[10:50, left : left + 15] = class_id
        candidate[10:50, left : left + 17] = class_id  # two pixels too wide
    strict = FailureThresholds(tolerance=2, class_tolerances={2: 1})
    rows = {r.id: r for r in buckets(
        reference, candidate, background=0, thresholds=strict).table.classes({0})}  # fmt: skip
    lost = {i: {b.value: n for b, n in row.pixels.items() if n} for i, row in rows.items()}
    assert lost[1] == {"boundary": 80}
    assert lost[2] == {"boundary": 2, "over_extent": 78}  # thin where the edge ends
    # Where both classes have one, the smaller counts.
    candidate[:] = np.where(reference == 1, 1, 0)
    reference[:, 20:35], candidate[:, 18:35] = 2, 2
    both = FailureThresholds(class_tolerances={1: 9, 2: 1})
    table = buckets(reference, candidate, thresholds=both).table
    own = (table.reference == 1) & (table.candidate == 2)
    assert table.bucket[own].tolist() == [3]
