"""Connected components on runs equal those of pixel-wise methods."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from instance_oracles import flood_fill
from napari_mask_audit.errors import MaskError, SettingsError
from napari_mask_audit.kernels import backend
from napari_mask_audit.kernels.components import (
    label_components,
    label_components_of_pairs,
    label_runs,
)
from napari_mask_audit.kernels.vectorised_components import Runs

SHAPES = st.one_of(
    hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=9),
    hnp.array_shapes(min_dims=3, max_dims=3, min_side=1, max_side=5),
)
MAPS = SHAPES.flatmap(lambda s: hnp.arrays(np.uint8, s, elements=st.integers(0, 2)))
PAIRS = SHAPES.flatmap(
    lambda s: st.tuples(
        hnp.arrays(np.int32, s, elements=st.sampled_from([-1, 0, 70000])),
        hnp.arrays(np.uint8, s, elements=st.integers(0, 2)),
        hnp.arrays(bool, s),
    )
)


@pytest.fixture(scope="module", params=backend.available(), autouse=True)
def _each_backend(request):
    """Every test of this module runs with every backend that is installed."""
    backend.use(request.param)
    assert backend.active() == request.param
    yield
    backend.use("auto")


@given(MAPS, st.sampled_from(["full", "face"]), st.sampled_from([None, 0, 5]))
@settings(max_examples=150, deadline=None)
def test_components_equal_flood_fill(labels, connectivity, background):
    found = label_components(labels, connectivity=connectivity, background=background)
    assert np.array_equal(found.image(), flood_fill(labels, connectivity, background))


@given(MAPS, st.data())
@settings(max_examples=80, deadline=None)
def test_components_of_listed_runs_are_those_of_a_map_with_a_background(labels, data):
    """However the listed pixels are cut into runs."""
    at = np.flatnonzero(labels)
    value = labels.reshape(-1)[at].astype(np.int64)
    begins = np.ones(len(at), bool)
    begins[1:] = (np.diff(at) != 1) | (value[1:] != value[:-1]) | (at[1:] % labels.shape[-1] == 0)
    begins |= np.array(data.draw(st.lists(st.booleans(), min_size=len(at), max_size=len(at))), bool)
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(at))[: len(first)] - 1
    found, number = label_runs(Runs(at[first], at[last] + 1), value[first], labels.shape)
    whole = label_components(labels, background=0)
    assert np.array_equal(found.image(), whole.image())
    assert np.array_equal(found.label, whole.label)
    assert np.array_equal(number + 1, whole.image().reshape(-1)[at[first]])


@given(MAPS)
@settings(max_examples=80, deadline=None)
def test_areas_boxes_and_points_describe_the_component_image(labels):
    found = label_components(labels)
    image = found.image()
    assert found.area.sum() == labels.size
    for index in range(len(found)):
        here = np.argwhere(image == index + 1)
        assert found.area[index] == len(here)
        assert found.start[index].tolist() == here.min(axis=0).tolist()
        assert found.stop[index].tolist() == (here.max(axis=0) + 1).tolist()
        assert found.first[index].tolist() == here[0].tolist()
        assert image[tuple(found.inside[index])] == index + 1
        assert labels[tuple(found.inside[index])] == found.label[index]
        assert np.array_equal(found.mask(index), (image == index + 1)[found.box(index)])


@given(PAIRS, st.sampled_from(["full", "face"]))
@settings(max_examples=150, deadline=None)
def test_disagreement_regions_equal_flood_fill_of_pairs(maps, connectivity):
    reference, candidate, where = maps
    found = label_components_of_pairs(reference, candidate, where, connectivity=connectivity)
    differ = (reference != candidate) & where
    code = np.where(differ, reference.astype(np.int64) * 10 + candidate + 100, 0)
    assert np.array_equal(found.image(), flood_fill(code, connectivity, 0))
    assert found.area.sum() == differ.sum()
    for index, pixel in enumerate(found.inside.tolist()):
        assert found.reference_id[index] == reference[tuple(pixel)]
        assert found.candidate_id[index] == candidate[tuple(pixel)]


def test_without_a_selection_every_difference_is_listed():
    reference = np.array([[0, 1, 1], [0, 1, 0]])
    candidate = np.array([[0, 0, 1], [1, 1, 1]])
    found = label_components_of_pairs(reference, candidate)
    # (0,1): reference 1, candidate 0. (1,0) and (1,2): reference 0, candidate 1, not touching.
    assert found.first.tolist() == [[0, 1], [1, 0], [1, 2]]
    assert found.reference_id.tolist() == [1, 0, 0]
    assert found.candidate_id.tolist() == [0, 1, 1]


def test_large_map_equals_scikit_image():
    from scipy.ndimage import gaussian_filter
    from skimage.measure import label

    noise = gaussian_filter(np.random.default_rng(3).random((300, 400)), 3)
    labels = np.digitize(noise, np.quantile(noise, [0.3, 0.6])).astype(np.uint8)
    for connectivity, neighbours in (("full", 2), ("face", 1)):
        mine = label_components(labels, connectivity=connectivity).image()
        theirs = label(labels, background=-1, connectivity=neighbours)
        pairs = np.unique(np.stack([mine.ravel(), theirs.ravel()]), axis=1)
        assert pairs.shape[1] == mine.max() == theirs.max()  # one-to-one


def test_runs_do_not_wrap_around_the_image_edge():
    labels = np.array([[0, 0, 1], [1, 0, 0], [0, 0, 0]])
    assert label_components(labels, background=0).area.tolist() == [1, 1]


def test_slices_touch_diagonally_only_with_full_connectivity():
    labels = np.zeros((2, 2, 2), dtype=np.uint8)
    labels[0, 0, 0] = labels[1, 1, 1] = 1
    assert len(label_components(labels, background=0)) == 1
    assert len(label_components(labels, background=0, connectivity="face")) == 2


def test_nothing_but_background_has_no_components():
    found = label_components(np.zeros((3, 4), np.uint8), background=0)
    assert len(found) == 0
    assert found.start.shape == found.inside.shape == (0, 2)
    assert not found.image().any()


def test_inputs_stay_untouched():
    labels = np.array([[1, 0], [0, 1]], dtype=np.uint8)
    labels.flags.writeable = False
    label_components(labels)
    label_components_of_pairs(labels, labels)


def test_unknown_connectivity_is_refused():
    with pytest.raises(SettingsError) as caught:
        label_components(np.ones((2, 2), int), connectivity="8")  # type: ignore[arg-type]
    assert caught.value.code == "unknown-connectivity"


def test_maps_of_different_shape_are_refused():
    with pytest.raises(MaskError) as caught:
        label_components_of_pairs(np.ones((2, 2), int), np.ones((2, 3), int))
    assert caught.value.code == "shape-mismatch"
