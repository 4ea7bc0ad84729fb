"""Colours that stand for something can be told apart, also by colour-blind eyes."""

from __future__ import annotations

import pytest

from color_vision import VISION, nearest, seen
from napari_mask_audit.gui.failure_summary import BUCKET_LOOKS
from napari_mask_audit.gui.legend_content import COLOR_NAMES
from napari_mask_audit.gui.outlines import FINDING_COLOR
from napari_mask_audit.gui.painting import STEPS
from napari_mask_audit.gui.sample_view import LEGEND
from napari_mask_audit.gui.shades import SEQUENTIAL, VOTES, shade

# A CIEDE2000 difference of 2.3 is just noticed side by side; ten is seen at a glance.
AT_A_GLANCE = 9.5

DISAGREEMENT = {entry.name: entry.color for entry in LEGEND}
BUCKETS = dict(BUCKET_LOOKS.values())


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize(
    "palette",
    [DISAGREEMENT | {"in view": FINDING_COLOR}, BUCKETS, BUCKETS | {"in view": FINDING_COLOR}],
    ids=["disagreement", "buckets", "buckets and what is in view"],
)
def test_no_two_colours_look_alike(palette: dict[str, str], vision: str) -> None:
    difference, which = nearest(palette, vision)
    assert difference >= AT_A_GLANCE, which


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("ramp", [SEQUENTIAL, VOTES], ids=["distance", "votes"])
def test_graded_colours_grow_lighter_all_the_way(ramp: tuple[str, ...], vision: str) -> None:
    lightness = seen([shade(step, 0, STEPS - 1, ramp) for step in range(STEPS)], vision)[:, 0]
    assert (lightness[1:] - lightness[:-1]).min() > 2


def test_red_and_green_of_one_lightness_would_be_found_out() -> None:
    assert nearest({"red": "#B04040", "green": "#5A7A30"}, "normal")[0] > 30
    assert nearest({"red": "#B04040", "green": "#6E6E2E"}, "deuteranopia")[0] < AT_A_GLANCE


def test_every_colour_with_a_meaning_has_a_name() -> None:
    graded = {SEQUENTIAL[0], SEQUENTIAL[-1], VOTES[0], VOTES[-1]}
    used = {*DISAGREEMENT.values(), *BUCKETS.values(), FINDING_COLOR} | graded
    assert used <= COLOR_NAMES.keys()
