"""Pieces, holes and Euler numbers of all classes at once equal those of one class at a time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from instance_oracles import flood_fill
from napari_mask_audit.kernels import backend
from napari_mask_audit.metrics.topology import Topology, class_topology, euler_numbers

SHAPES = st.one_of(
    hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=8),
    hnp.array_shapes(min_dims=3, max_dims=3, min_side=1, max_side=5),
)
MAPS = SHAPES.flatmap(lambda s: hnp.arrays(np.uint8, s, elements=st.integers(0, 2)))


@pytest.fixture(scope="module", params=backend.available(), autouse=True)
def _each_backend(request):
    """Every test of this module runs with every backend that is installed."""
    backend.use(request.param)
    assert backend.active() == request.param
    yield
    backend.use("auto")


@given(MAPS, st.sampled_from(["full", "face"]))
@settings(max_examples=120, deadline=None)
def test_every_class_equals_scikit_image_and_flood_fill(labels, connectivity):
    from skimage.measure import euler_number

    found = class_topology(labels, connectivity=connectivity)
    assert list(found) == np.unique(labels).tolist()
    for class_id, topology in found.items():
        mask = np.pad(labels == class_id, 1)
        neighbours = labels.ndim if connectivity == "full" else 1
        other = "face" if connectivity == "full" else "full"
        assert topology.euler == euler_number(mask, connectivity=neighbours)
        assert topology.components == flood_fill(mask, connectivity, False).max()
        assert topology.holes == flood_fill(~mask, other, False).max() - 1
        assert topology.tunnels >= 0


def _solid(*size: int) -> np.ndarray:
    return np.pad(np.ones(size, dtype=np.uint8), 1)


def test_solid_ring_torus_and_shell():
    ring = _solid(3, 3)
    ring[2, 2] = 0
    torus = _solid(1, 3, 3)
    torus[1, 2, 2] = 0
    shell = _solid(3, 3, 3)
    shell[2, 2, 2] = 0
    expected = {
        "solid": (_solid(3, 3), Topology(components=1, holes=0, tunnels=0, euler=1)),
        "ring": (ring, Topology(components=1, holes=1, tunnels=0, euler=0)),
        "torus": (torus, Topology(components=1, holes=0, tunnels=1, euler=0)),
        "shell": (shell, Topology(components=1, holes=1, tunnels=0, euler=2)),
    }
    for name, (labels, topology) in expected.items():
        assert class_topology(labels, background=0) == {1: topology}, name


def test_a_hole_filled_with_another_class_is_still_a_hole():
    labels = np.array([[1, 1, 1], [1, 2, 1], [1, 1, 1]])
    assert class_topology(labels)[1].holes == 1
    assert class_topology(labels)[2] == Topology(components=1, holes=0, tunnels=0, euler=1)


def test_a_diagonal_gap_closes_a_ring_only_with_full_connectivity():
    diamond = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]])
    assert class_topology(diamond, background=0)[1].holes == 1
    loose = class_topology(diamond, background=0, connectivity="face")[1]
    assert (loose.components, loose.holes) == (4, 0)


def test_a_class_at_the_image_edge_encloses_nothing_outside():
    assert class_topology(np.ones((4, 5), np.uint8))[1].holes == 0


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int32])
def test_extreme_ids_are_classes_like_any_other(dtype):
    info = np.iinfo(dtype)
    labels = np.array([[info.min, info.max, info.min]], dtype=dtype)
    assert euler_numbers(labels) == {info.min: 2, info.max: 1}


@given(MAPS)
@settings(max_examples=60, deadline=None)
def test_far_apart_ids_give_the_same_numbers(labels):
    names = np.array([-7, 3, 2_000_000_000], dtype=np.int32)
    plain = euler_numbers(labels)
    assert euler_numbers(names[labels]) == {int(names[i]): chi for i, chi in plain.items()}
