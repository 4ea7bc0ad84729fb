"""Surface elements and distances of both backends equal all-pairs search, and each other."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import KDTree

import oracles
from kernel_strategies import BACKENDS, NUMBA, label_maps, using
from napari_mask_audit.kernels import (
    backend,
    find_surfaces,
    measure_surfaces,
    vectorised_search,
)
from napari_mask_audit.kernels.surfaces import element_sizes, lattice_shape, row_offsets

NOTHING: frozenset[int] = frozenset()
SPACINGS = st.tuples(*[st.sampled_from([1.0, 2.0, 0.7, 3.3])] * 3)
ELEMENTS = {"surfel": oracles.corners, "voxel": oracles.border_pixels}


def surfaces_of(first, second, class_ids, ignore_ids, spacing, convention):
    """Elements of two masks with their distances, from nothing."""
    both = [find_surfaces(mask, np.asarray(class_ids), convention) for mask in (first, second)]
    return measure_surfaces(*both, ignore_ids, spacing)


def measured(tables, number, shape, convention):
    """Elements of one class as {position: (code, distance, side)}."""
    part = slice(tables.starts[number], tables.starts[number + 1])
    at = np.unravel_index(tables.positions[part], lattice_shape(shape, convention))
    rows = zip(
        tables.codes[part].tolist(),
        tables.distances[part].tolist(),
        tables.sides[part].tolist(),
        strict=True,
    )
    return dict(zip(zip(*(a.tolist() for a in at), strict=True), rows, strict=True))


@pytest.mark.parametrize("name", BACKENDS)
@pytest.mark.parametrize("convention", ["surfel", "voxel"])
@given(masks=label_maps(2, labels=3), spacing=SPACINGS)
@settings(max_examples=40)
def test_elements_and_distances_are_those_of_an_all_pairs_search(name, convention, masks, spacing):
    shape = masks[0].shape
    spacing = spacing[: len(shape)]
    ids = np.array([0, 1, 2, 7])
    with using(name):
        sides = surfaces_of(*masks, ids, NOTHING, spacing, convention)
    for number, label in enumerate(ids.tolist()):
        objects = [mask == label for mask in masks]
        if sum(o.sum() for o in objects) > 250:
            continue  # all pairs would take too long
        points = [ELEMENTS[convention](o) for o in objects]
        for own, other in ((0, 1), (1, 0)):
            found = measured(sides[own], number, shape, convention)
            assert {p: code for p, (code, _, _) in found.items()} == points[own]
            assert sides[own].found[number] == len(points[own])
            expected = oracles.distances(points[own], points[other], spacing)
            np.testing.assert_allclose([found[p][1] for p in points[own]], expected, rtol=1e-13)
            for point in points[own]:
                assert found[point][2] == side(point, objects[other], points[other], convention)


def side(point, mask, surface, convention) -> int:
    if point in surface:
        return 0
    if convention == "voxel":
        return 1 if mask[point] else -1
    block = np.pad(mask, 1)[tuple(slice(p, p + 2) for p in point)]
    return 1 if block.all() else -1


@pytest.mark.parametrize("name", BACKENDS)
@pytest.mark.parametrize("convention", ["surfel", "voxel"])
@given(masks=label_maps(2, labels=4))
@settings(max_examples=40)
def test_elements_next_to_ignored_pixels_are_dropped_on_both_sides(name, convention, masks):
    shape = masks[0].shape
    reach = np.pad(masks[0] == 3, 1)
    with using(name):
        sides = surfaces_of(*masks, np.array([1]), frozenset({3}), (1.0,) * len(shape), convention)
    for table, mask in zip(sides, masks, strict=True):
        everything = ELEMENTS[convention](mask == 1)
        kept = {p for p in everything if not _touches(p, reach, convention)}
        assert set(measured(table, 0, shape, convention)) == kept
        assert table.found[0] == len(everything)


def _touches(point, padded, convention) -> bool:
    if convention == "surfel":
        return bool(padded[tuple(slice(p, p + 2) for p in point)].any())
    centre = [p + 1 for p in point]
    near = [
        tuple(c + s * (a == axis) for a, c in enumerate(centre))
        for axis in range(len(centre))
        for s in (-1, 0, 1)
    ]
    return any(padded[n] for n in near)


@pytest.mark.skipif("numba" not in backend.available(), reason="numba is not installed")
@pytest.mark.parametrize("convention", ["surfel", "voxel"])
@given(masks=label_maps(2), spacing=SPACINGS, ignored=st.sets(st.integers(0, 3), max_size=2))
@settings(max_examples=60)
def test_both_backends_make_the_same_tables(convention, masks, spacing, ignored):
    arguments = (
        *masks,
        np.array([0, 2, 3]),
        frozenset(ignored),
        spacing[: masks[0].ndim],
        convention,
    )
    with using("numpy"):
        expected = surfaces_of(*arguments)
    with using("numba"):
        found = surfaces_of(*arguments)
    for slow, fast in zip(expected, found, strict=True):
        for field in dataclasses.fields(slow):
            one, other = getattr(slow, field.name), getattr(fast, field.name)
            assert one.dtype == other.dtype
            np.testing.assert_allclose(one, other, rtol=1e-14, err_msg=field.name)


@pytest.mark.parametrize("name", BACKENDS)
@pytest.mark.parametrize("convention", ["surfel", "voxel"])
@given(masks=label_maps(1), label=st.sampled_from([0, 2, 7, -1, 300, 2**31]))
@settings(max_examples=40)
def test_a_class_alone_has_the_elements_it_has_among_others(name, convention, masks, label):
    with using(name):
        alone = find_surfaces(masks[0], np.array([label]), convention)
        others = np.union1d([label], [1, 3, 9])
        among = find_surfaces(masks[0], others, convention)
    number = others.tolist().index(label)
    part = slice(*among.starts[number : number + 2])
    assert alone.starts.tolist() == [0, part.stop - part.start]
    for field in ("positions", "codes"):
        one, other = getattr(alone, field), getattr(among, field)[part]
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other, field)


def _scene(shape, seed, dtype=np.uint8):
    """Blocks of three labels, moved by up to five pixels, with some changed pixels."""
    random = np.random.default_rng(seed)
    coarse = random.integers(0, 3, [-(-n // 11) + 1 for n in shape])
    fine = np.kron(coarse, np.ones((11,) * len(shape), int))
    moved = [tuple(slice(k, k + n) for n in shape) for k in (0, 5)]
    first, second = (fine[part] for part in moved)
    noise = random.random(shape) < 0.01
    return first.astype(dtype), np.where(noise, 2 - second, second).astype(dtype)


HARD_PAIRS = {
    "blocks": _scene((150, 200), 1),
    "blocks in 3D": _scene((20, 40, 75), 2),
    "few slices": _scene((2, 40, 75), 3),
    "wide ids": tuple(np.array([-(2**31), 5, 2**31 - 1], np.int32)[m] for m in _scene((60, 70), 4)),
    "noise": tuple(np.random.default_rng(5).integers(0, 3, (2, 50, 70)).astype(np.uint16)),
    "checkerboards": tuple(
        (np.indices((40, 70)).sum(axis=0) + k).astype(np.uint8) % 2 for k in (0, 1)
    ),
    "little in common": (
        np.kron(np.eye(7, dtype=np.uint8), np.ones((20, 30), np.uint8)),
        np.kron(np.fliplr(np.eye(7, dtype=np.uint8)), np.ones((20, 30), np.uint8)),
    ),
    "one row": _scene((1, 300), 6),
    "one column": _scene((300, 1), 7),
    "one column in 3D": _scene((6, 50, 1), 8),
}


@pytest.mark.parametrize("name", [*BACKENDS, pytest.param("numba, by rows", marks=NUMBA)])
@pytest.mark.parametrize("convention", ["surfel", "voxel"])
@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (3.0, 0.4, 1.7), (0.3, 2.0, 0.5)])
@pytest.mark.parametrize("masks", HARD_PAIRS.values(), ids=HARD_PAIRS.keys())
def test_hard_pairs_have_the_distances_of_a_tree(name, convention, spacing, masks, monkeypatch):
    """However many elements are far: images as small as these are searched along columns."""
    if name.endswith("by rows"):
        from napari_mask_audit.kernels import compiled_search

        monkeypatch.setattr(compiled_search, "_POINTS_PER_ELEMENT", 0)
        name = "numba"
    first, second = masks
    spacing = spacing[-first.ndim :]
    ids = np.unique(first).astype(np.int64)
    with using(name):
        sides = surfaces_of(first, second, ids, NOTHING, spacing, convention)
    lattice = lattice_shape(first.shape, convention)
    for number, label in enumerate(ids.tolist()):
        parts = [slice(*t.starts[number : number + 2]) for t in sides]
        points = [
            np.column_stack(np.unravel_index(table.positions[part], lattice)) * spacing
            for table, part in zip(sides, parts, strict=True)
        ]
        surfaces = [set(ELEMENTS[convention](mask == label)) for mask in masks]
        assert [len(p) for p in points] == [len(s) for s in surfaces]
        for own, other in ((0, 1), (1, 0)):
            expected = KDTree(points[other]).query(points[own])[0]
            found = sides[own].distances[parts[own]]
            np.testing.assert_allclose(found, expected, rtol=1e-12)
            assert np.array_equal(sides[own].sides[parts[own]] == 0, found == 0)


@pytest.mark.parametrize("name", BACKENDS)
@pytest.mark.parametrize("all_pairs", [0, 1 << 20])
def test_far_apart_objects_are_settled_exactly(name, all_pairs, monkeypatch):
    """Row walking gives up on these; a tree or all pairs answer, and the numbers are exact."""
    monkeypatch.setattr(vectorised_search, "_LOOKUPS_PER_ELEMENT", 0.0)
    monkeypatch.setattr(vectorised_search, "_ALL_PAIRS", all_pairs)
    monkeypatch.setattr(vectorised_search, "_FEW_PAIRS", all_pairs)
    if name == "numba":
        from napari_mask_audit.kernels import compiled_search

        monkeypatch.setattr(compiled_search, "_POINTS_PER_ELEMENT", 0)
        monkeypatch.setattr(compiled_search, "_ROWS_PER_ELEMENT", 0)
        monkeypatch.setattr(compiled_search, "_FREE_ROWS", 10)
    asked = []
    tree = vectorised_search.ask_trees

    def counting(*arguments):
        asked.append(arguments[1].size)
        return tree(*arguments)

    monkeypatch.setattr(vectorised_search, "ask_trees", counting)
    if name == "numba":
        from napari_mask_audit.kernels import compiled_surfaces

        monkeypatch.setattr(compiled_surfaces, "ask_trees", counting)
    first, second = np.zeros((60, 90), np.uint8), np.zeros((60, 90), np.uint8)
    first[2:6, 3:8] = 1
    second[40:44, 70:77] = 1
    second[50, 5] = 1
    with using(name):
        sides = surfaces_of(first, second, np.array([1]), NOTHING, (1.0, 0.5), "surfel")
    points = [oracles.corners(m == 1) for m in (first, second)]
    assert sum(asked) > 0
    for own, other in ((0, 1), (1, 0)):
        found = measured(sides[own], 0, first.shape, "surfel")
        expected = oracles.distances(points[own], points[other], (1.0, 0.5))
        assert [found[p][1] for p in points[own]] == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("name", BACKENDS)
def test_every_label_of_a_byte_can_be_measured(name):
    """No label is left to mark the outside with."""
    labels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    with using(name):
        table, _ = surfaces_of(labels, labels, np.arange(256), NOTHING, (1.0, 1.0), "surfel")
    assert np.diff(table.starts).tolist() == [4] * 256


@pytest.mark.parametrize("code", range(16))
def test_edge_lengths_are_told_by_the_pixels_around(code):
    expected = 0.0 if code in (0, 15) else oracles.edge_length(code, (2.0, 0.5))
    assert element_sizes((2.0, 0.5))[code] == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize("spacing", [(1, 1, 1), (2, 1, 1), (3, 2, 1), (0.7, 0.7, 5), (1, 4, 0.3)])
def test_areas_are_those_of_marching_cubes(spacing):
    """The smaller of the areas of a code and of its complement."""
    measure = pytest.importorskip("skimage.measure")
    areas = []
    for code in range(256):
        block = np.array([code >> bit & 1 for bit in range(8)], float).reshape(2, 2, 2)
        if code in (0, 255):
            areas.append(0.0)
            continue
        made = measure.marching_cubes(block, 0.5, spacing=spacing, method="lorensen")
        areas.append(measure.mesh_surface_area(made[0], made[1]))
    expected = np.minimum(areas, areas[::-1])
    np.testing.assert_allclose(element_sizes(spacing), expected, atol=1e-6)


def test_area_table_has_hand_checked_entries():
    sizes = element_sizes((2.0, 3.0, 5.0))
    lower_slice = 0b00001111
    assert sizes[lower_slice] == pytest.approx(3 * 5)  # a flat boundary between slices
    # One voxel: the triangle that cuts the three half edges 1, 1.5 and 2.5 off.
    cut = np.linalg.norm([1.5 * 2.5, 1 * 2.5, 1 * 1.5]) / 2
    assert sizes[0b00000001] == pytest.approx(cut)
    assert np.array_equal(sizes, sizes[::-1])


@pytest.mark.parametrize(
    ("shape", "spacing"),
    [((9, 5), (1.0, 1.0)), ((40, 5), (0.3, 1.0)), ((7, 9, 5), (3.0, 1.0, 1.0))],
)
@pytest.mark.parametrize("count", [1, 5, 20, 1000])
def test_no_row_nearer_than_the_last_is_left_out(shape, spacing, count):
    steps, squared = row_offsets(shape, spacing, count)
    depth, height = (1, *shape)[-3:-1]
    sz, sy = (1.0, *spacing)[-3:-1]
    everything = {
        (dz, dy): (dz * sz) ** 2 + (dy * sy) ** 2
        for dz in range(1 - depth, depth)
        for dy in range(1 - height, height)
    }
    listed = [tuple(step) for step in steps.tolist()]
    assert listed[0] == (0, 0)
    assert squared.tolist() == [everything[step] for step in listed]
    assert np.all(np.diff(squared) >= 0)
    missing = set(everything) - set(listed)
    assert all(everything[step] >= squared[-1] for step in missing)
