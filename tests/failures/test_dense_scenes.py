"""Planted errors where classes touch everywhere, and in flat voxels, end up where they should."""

from __future__ import annotations

import pytest

import dense_scenes as scenes
from napari_mask_audit.failures import BUCKETS, FailureThresholds, buckets

THRESHOLDS = FailureThresholds(tolerance=3.0)
SCENES = 10

#: Least share in the expected buckets. What is short of 1 cannot be known: a renamed cell that
#: fuses with a neighbour of its new class looks like one that was absorbed by it.
EXPECTED = [
    ("warped", None, {"boundary": 0.99}),
    ("warped", 0, {"boundary": 0.99}),
    ("absorbed", None, {"missed_small": 1.0}),
    # Islands of background are filled holes.
    ("absorbed", 0, {"missed_small": 0.7, "over_extent": 0.05}),
    ("renamed_islands", None, {"confusion": 1.0}),
    ("renamed_islands", 0, {"confusion": 0.7, "false_region": 0.05}),
    ("renamed_cells", None, {"confusion": 0.75}),
    ("renamed_cells", 0, {"confusion": 0.9}),
    ("invented", None, {"false_region": 1.0}),
    ("invented", 0, {"confusion": 0.5, "false_region": 0.1, "under_extent": 0.05}),
]


@pytest.mark.parametrize(("plant", "background", "least"), EXPECTED)
def test_planted_errors_between_touching_classes_are_recovered(plant, background, least):
    pixels = dict.fromkeys(BUCKETS, 0)
    for seed in range(SCENES):
        options = {"background": background} if plant.startswith("renamed") else {}
        reference, candidate = getattr(scenes, plant)(seed, **options)
        table = buckets(reference, candidate, background=background, thresholds=THRESHOLDS).table
        assert table.wrong_pixels > 0
        for bucket in BUCKETS:
            pixels[bucket] += table.pixels_in(bucket)
    total = sum(pixels.values())
    shares = {bucket.value: n / total for bucket, n in pixels.items() if n}
    for bucket, share in least.items():
        assert shares.get(bucket, 0) >= share, shares
    if plant in ("absorbed", "renamed_islands", "invented"):  # nothing anywhere else
        assert set(shares) == set(least)


def test_a_ball_grown_in_flat_voxels_is_boundary_and_a_lost_one_is_missed():
    thresholds = FailureThresholds(tolerance=3.0, unit="spacing")
    found = {}
    for kind in ("grown", "dropped"):
        reference, candidate = scenes.balls(kind)
        table = buckets(
            reference, candidate, background=0, spacing=(3.0, 1.0, 1.0), thresholds=thresholds
        ).table
        found[kind] = {b.value: n for b in BUCKETS if (n := table.pixels_in(b))}
    assert found["dropped"] == {"missed_large": 497}
    # Oblique slices: a step of three between slices is a thick step for some of the voxels.
    assert set(found["grown"]) == {"boundary", "over_extent"}
    assert found["grown"]["boundary"] > 0.93 * sum(found["grown"].values())
