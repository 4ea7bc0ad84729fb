"""The layers of a sample, on a viewer model without a window."""

from __future__ import annotations

import numpy as np
import pytest
from napari.components import ViewerModel
from napari.layers import Image, Labels

from building import square
from napari_mask_audit.gui import canvas
from napari_mask_audit.gui.compare_overlay import CompareOverlay
from napari_mask_audit.gui.layers import SampleLayers
from napari_mask_audit.gui.modes import IMAGE, REFERENCE, ROLE, Mode
from napari_mask_audit.gui.outlines import Outlines
from napari_mask_audit.gui.sample_view import SampleView, overlay_codes


def make_view(
    name: str = "s", shift: int = 2, *, rgb: bool = True, size: int = 20, **changes: object
) -> SampleView:
    reference, candidate = square(size), square(size, left=5 + shift)
    shape = (size, size, 3) if rgb else (size, size)
    values: dict[str, object] = {
        "image": np.full(shape, 10 * shift, np.uint8),
        "is_rgb": rgb,
        "reference": reference,
        "candidate": candidate,
        "overlay": overlay_codes(reference, candidate, frozenset()),
        "spacing": (1.0, 1.0),
        "ids": frozenset({0, 1}),
    }
    return SampleView(name, ("gt", "model"), **(values | changes))


@pytest.fixture
def viewer() -> ViewerModel:
    return ViewerModel()


@pytest.fixture
def layers(viewer: ViewerModel) -> SampleLayers:
    layers = SampleLayers(viewer)
    yield layers
    layers.release()


def shown(viewer: ViewerModel) -> list[str]:
    return [layer.name for layer in viewer.layers if layer.visible]


def test_layers_are_made_once_and_swapped(viewer: ViewerModel, layers: SampleLayers) -> None:
    layers.show(make_view("a", 2))
    made = list(viewer.layers)
    layers.show(make_view("b", 4))
    assert list(viewer.layers) == made
    assert [layer.name for layer in made] == [
        "image",
        "reference: gt",
        "candidate: model",
        "disagreement",
        "in view",
    ]
    assert made[0].data[0, 0, 0] == 40
    np.testing.assert_array_equal(made[3].data, make_view("b", 4).overlay)


def test_a_hidden_layer_is_brought_up_to_date_when_it_is_made_visible(
    viewer: ViewerModel, layers: SampleLayers
) -> None:
    layers.show(make_view("a", 2))
    layers.show(make_view("b", 4))
    viewer.layers["candidate: model"].visible = True
    np.testing.assert_array_equal(viewer.layers["candidate: model"].data, square(left=9))


def test_the_camera_moves_only_for_another_size(viewer: ViewerModel, layers: SampleLayers) -> None:
    layers.show(make_view("a"))
    canvas.camera(viewer).zoom = 3.21
    layers.show(make_view("b"))
    assert canvas.camera(viewer).zoom == 3.21
    layers.show(make_view("c", size=30))
    assert canvas.camera(viewer).zoom != 3.21


def test_grey_after_colour_remakes_only_the_image(
    viewer: ViewerModel, layers: SampleLayers
) -> None:
    layers.show(make_view("a", rgb=True))
    before = list(viewer.layers)
    layers.show(make_view("b", rgb=False))
    assert viewer.layers[0].name == "image"
    assert not viewer.layers[0].rgb
    assert list(viewer.layers)[1:] == before[1:]
    assert viewer.dims.ndim == 2


def test_contrast_follows_the_pixels(viewer: ViewerModel, layers: SampleLayers) -> None:
    dark = np.full((20, 20), 5, np.uint8)
    bright = np.linspace(0, 900, 400).reshape(20, 20).astype(np.uint16)
    layers.show(make_view("a", rgb=False, image=dark))
    layers.show(make_view("b", rgb=False, image=bright, limits=(0.0, 900.0)))
    assert viewer.layers["image"].contrast_limits == [0, 900]
    layers.show(make_view("c", rgb=False, image=dark))
    assert viewer.layers["image"].contrast_limits == [0, 255]


def test_volumes_after_planes_show_the_slice_asked_for(
    viewer: ViewerModel, layers: SampleLayers
) -> None:
    layers.show(make_view("a"))
    stack = np.stack([square()] * 5)
    view = make_view(
        "v",
        rgb=False,
        image=stack * 9,
        reference=stack,
        candidate=stack,
        overlay=stack,
        spacing=(4.0, 0.5, 0.5),
        unit="mm",
    )
    layers.show(view)
    layers.focus((slice(0, 10), slice(0, 10)), (3, 5, 5))
    assert viewer.dims.ndim == 3
    assert viewer.dims.current_step[0] == 3
    assert tuple(viewer.layers["image"].scale) == (4.0, 0.5, 0.5)
    assert canvas.scale_bar(viewer).visible
    layers.show(make_view("b"))
    assert viewer.dims.ndim == 2
    assert not canvas.scale_bar(viewer).visible


def test_what_a_sample_lacks_is_hidden_and_empty(viewer: ViewerModel, layers: SampleLayers) -> None:
    layers.show(make_view("a"))
    layers.show(make_view("b", image=None, candidate=None, overlay=None))
    assert shown(viewer) == ["reference: gt", "in view"], "the only mask, by itself"
    viewer.layers["disagreement"].visible = True
    assert not viewer.layers["disagreement"].data.any(), "not the sample before"


def test_nothing_at_all_hides_everything(viewer: ViewerModel, layers: SampleLayers) -> None:
    layers.show(make_view("a"))
    layers.show(SampleView("b", ("gt", "model"), problems=("unreadable",)))
    assert shown(viewer) == []
    layers.show(make_view("c"))
    assert "disagreement" in shown(viewer)


def test_modes_go_round(viewer: ViewerModel, layers: SampleLayers) -> None:
    layers.show(make_view())
    seen = []
    for _ in Mode:
        seen.append([name for name in shown(viewer) if not name.startswith("in view")])
        layers.set_mode(layers.mode.next)
    assert layers.mode is Mode.OVERLAY
    assert seen == [
        ["image", "disagreement"],
        ["image", "disagreement", "outlines"],  # until the outlines are traced
        [
            *("image", "disagreement", "image 2", "reference: gt", "disagreement 2"),
            *("image 3", "candidate: model", "disagreement 3"),
        ],
        ["image", "reference: gt"],
        ["image", "candidate: model"],
    ]
    assert not canvas.grid(viewer).enabled
    assert len(shown(viewer)) == 3, "the copies stay, unseen"


def test_side_by_side_shares_the_pixels(viewer: ViewerModel, layers: SampleLayers) -> None:
    layers.show(make_view())
    layers.set_mode(Mode.SIDE_BY_SIDE)
    assert canvas.grid(viewer).enabled
    assert np.shares_memory(viewer.layers["image"].data, viewer.layers["image 3"].data)
    view = make_view("b", 5)
    layers.show(view)
    assert viewer.layers["image 2"].data[0, 0, 0] == 50


@pytest.mark.parametrize(("shape", "cells"), [((60, 20), (1, 3)), ((20, 60), (3, 1))])
def test_side_by_side_lies_the_way_that_shows_more(
    viewer: ViewerModel, layers: SampleLayers, shape: tuple[int, int], cells: tuple[int, int]
) -> None:
    mask = np.zeros(shape, np.uint8)
    image = np.zeros((*shape, 3), np.uint8)
    layers.show(make_view(image=image, reference=mask, candidate=mask, overlay=mask))
    layers.set_mode(Mode.SIDE_BY_SIDE)
    assert tuple(canvas.grid(viewer).shape) == cells


def test_the_masks_cannot_be_painted_on(viewer: ViewerModel, layers: SampleLayers) -> None:
    layers.show(make_view("a"))
    layers.show(make_view("b"))
    layers.set_mode(Mode.REFERENCE)
    assert not viewer.layers["reference: gt"].editable
    assert not viewer.layers["disagreement"].editable


def test_a_layer_that_the_user_removed_comes_back(
    viewer: ViewerModel, layers: SampleLayers
) -> None:
    layers.show(make_view("a"))
    viewer.layers.remove("disagreement")
    layers.show(make_view("b"))
    assert shown(viewer) == ["image", "disagreement", "in view"]
    assert [layer.name for layer in viewer.layers][3:] == ["disagreement", "in view"]


def test_layers_of_a_reader_are_taken_over(viewer: ViewerModel, layers: SampleLayers) -> None:
    image = Image(np.zeros((20, 20, 3), np.uint8), rgb=True, metadata={ROLE: "image"})
    viewer.layers.append(image)
    layers.show(make_view("a", 3))
    assert viewer.layers[0] is image
    assert image.data[0, 0, 0] == 30
    assert len(viewer.layers) == 5


def test_the_users_own_layers_stay(viewer: ViewerModel, layers: SampleLayers) -> None:
    mine = viewer.add_labels(square(), name="mine")
    layers.show(make_view("a"))
    layers.show(make_view("b", size=30))
    layers.set_mode(Mode.SIDE_BY_SIDE)
    layers.set_mode(Mode.OVERLAY)
    assert mine in viewer.layers
    assert mine.visible


def test_classes_have_the_colours_of_the_dataset_and_the_background_none(
    viewer: ViewerModel, layers: SampleLayers
) -> None:
    layers.id_colors.set(
        {1: "#00FF00", 2: "#0000FF"}.__getitem__, frozenset({0}), is_instance=False
    )
    layers.show(make_view("a"))
    layers.set_mode(Mode.REFERENCE)
    reference = viewer.layers["reference: gt"]
    np.testing.assert_allclose(reference.get_color(1), [0, 1, 0, 1])
    assert reference.get_color(0) is None  # napari's word for the background
    layers.show(make_view("b", reference=square(value=2), ids=frozenset({0, 1, 2})))
    np.testing.assert_allclose(reference.get_color(2), [0, 0, 1, 1])


def test_outlines_keep_their_width_on_the_screen(viewer: ViewerModel, layers: SampleLayers) -> None:
    layers.show(make_view("a"))
    segments = np.array([[[1.0, 1.0], [0.0, 2.0]], [[3.0, 1.0], [1.0, 0.0]]])
    layers.show_outlines(Outlines(segments, ["#0072B2", "#E69F00"]))
    outlines = viewer.layers["in view"]
    canvas.camera(viewer).zoom = 1.0
    wide = outlines.edge_width
    canvas.camera(viewer).zoom = 10.0
    assert outlines.edge_width == pytest.approx(wide / 10)
    assert len(np.unique(outlines.edge_color, axis=0)) == 2
    layers.show(make_view("b"))
    assert len(outlines.data) == 0


def test_after_release_the_viewer_is_left_alone(viewer: ViewerModel) -> None:
    layers = SampleLayers(viewer)
    layers.show(make_view("a"))
    layers.set_mode(Mode.SIDE_BY_SIDE)
    layers.release()
    assert not canvas.grid(viewer).enabled
    canvas.camera(viewer).zoom = 7.0
    for layer in viewer.layers:
        layer.visible = not layer.visible


def test_the_compare_overlay_is_one_layer(viewer: ViewerModel) -> None:
    mask = viewer.add_labels(square(), scale=(2, 2))
    overlay = CompareOverlay(viewer)
    overlay.show(np.zeros((20, 20), np.uint8), mask)
    overlay.show(np.ones((20, 20), np.uint8), mask)
    labels = [layer for layer in viewer.layers if isinstance(layer, Labels)]
    assert len(labels) == 2
    assert labels[1].data.all()
    assert tuple(labels[1].scale) == (2, 2)
    overlay.set_visible(False)
    assert not labels[1].visible
    overlay.remove()
    assert list(viewer.layers) == [mask]


def test_layers_of_the_cells_are_made_once(viewer: ViewerModel, layers: SampleLayers) -> None:
    layers.show(make_view())
    layers.set_mode(Mode.SIDE_BY_SIDE)
    made = set(viewer.layers)
    for mode in (Mode.REFERENCE, Mode.SIDE_BY_SIDE, Mode.OVERLAY, Mode.SIDE_BY_SIDE):
        layers.set_mode(mode)
        assert set(viewer.layers) == made
    layers.set_mode(Mode.OVERLAY)
    assert not viewer.layers["image 2"].visible
    assert not canvas.grid(viewer).enabled


def test_layers_made_ahead_are_hidden_below_the_others_and_none_is_made_later(
    viewer: ViewerModel, layers: SampleLayers
) -> None:
    layers.show(make_view("a", 5))
    shown, active = list(viewer.layers), viewer.layers.selection.active
    while layers.make_ahead():
        assert viewer.layers.selection.active is active
    made = set(viewer.layers)
    assert len(made) == 12
    assert [layer for layer in viewer.layers if layer.visible] == [x for x in shown if x.visible]
    new = [layer for layer in viewer.layers if layer not in shown and layer.name != "outlines"]
    assert list(viewer.layers)[:6] == new
    assert not any(layer.name_overlay.visible for layer in viewer.layers)
    for mode in (Mode.SIDE_BY_SIDE, Mode.CONTOURS, Mode.OVERLAY, Mode.SIDE_BY_SIDE):
        layers.set_mode(mode)
        assert set(viewer.layers) == made
        if mode is not Mode.SIDE_BY_SIDE:
            assert list(viewer.layers)[:6] == new, "those of the cells are at the bottom again"
    assert viewer.layers["image 2"].visible
    assert viewer.layers["image 2"].data[0, 0, 0] == 50


def test_nothing_is_made_ahead_without_a_sample(viewer: ViewerModel, layers: SampleLayers) -> None:
    assert not layers.make_ahead()
    assert not viewer.layers


def test_cells_that_were_away_show_the_outlines_of_now(
    viewer: ViewerModel, layers: SampleLayers
) -> None:
    segments = np.array([[[1.0, 1.0], [0.0, 1.0]], [[2.0, 1.0], [0.0, 1.0]]])
    layers.show(make_view())
    layers.show_outlines(Outlines(segments, ["#FF0000"] * 2))
    layers.set_mode(Mode.SIDE_BY_SIDE)
    layers.set_mode(Mode.OVERLAY)
    layers.show_outlines(Outlines(segments + 1, ["#FF0000"] * 2))  # as many, elsewhere
    layers.set_mode(Mode.SIDE_BY_SIDE)
    assert np.array_equal(viewer.layers["in view 2"].data, segments + 1)


def test_cells_that_were_away_lose_the_outlines_of_before(
    viewer: ViewerModel, layers: SampleLayers
) -> None:
    """Napari warns when colours of no lines are handed on."""
    segments = np.array([[[1.0, 1.0], [0.0, 1.0]], [[2.0, 1.0], [0.0, 1.0]]])
    layers.show(make_view())
    layers.show_outlines(Outlines(segments, ["#FF0000"] * 2))
    layers.set_mode(Mode.SIDE_BY_SIDE)
    layers.set_mode(Mode.OVERLAY)
    layers.show_outlines(Outlines(segments[:0], []))
    layers.set_mode(Mode.SIDE_BY_SIDE)
    assert len(viewer.layers["in view 2"].data) == 0


def test_cells_that_were_away_have_the_colours_of_now(
    viewer: ViewerModel, layers: SampleLayers
) -> None:
    segments = np.array([[[1.0, 1.0], [0.0, 1.0]]])
    layers.show(make_view())
    layers.show_outlines(Outlines(segments, ["#FF0000"]))
    layers.set_mode(Mode.SIDE_BY_SIDE)
    layers.set_mode(Mode.OVERLAY)
    layers.show_outlines(Outlines(segments, ["#0000FF"]))
    layers.set_mode(Mode.SIDE_BY_SIDE)
    assert viewer.layers["in view 2"].edge_color[0].tolist() == [0, 0, 1, 1]


@pytest.mark.skipif(not hasattr(ViewerModel(), "canvas"), reason="napari 0.8 tells no size")
def test_the_whole_sample_stays_in_view_when_the_window_grows(
    viewer: ViewerModel, layers: SampleLayers
) -> None:
    viewer.canvas.size = (200, 200)
    layers.show(make_view("a"))
    camera = canvas.camera(viewer)
    small = camera.zoom
    viewer.canvas.size = (600, 600)
    assert camera.zoom == pytest.approx(3 * small, rel=0.1)
    camera.zoom = moved = 2.5 * small
    viewer.canvas.size = (400, 400)
    assert camera.zoom == moved, "somebody has looked closer: that stays"
    layers.release()
    viewer.canvas.size = (300, 300)
    assert camera.zoom == moved


def test_layers_deleted_by_the_user_are_missed_by_nobody(
    viewer: ViewerModel, layers: SampleLayers
) -> None:
    """All of them, the hidden ones of the cells too, which nothing brings back at once."""
    layers.show(make_view())
    while layers.make_ahead():
        pass
    viewer.layers.clear()
    layers.set_mode(Mode.REFERENCE)
    shown = [layer.metadata[ROLE] for layer in viewer.layers if layer.visible]
    assert shown[:2] == [IMAGE, REFERENCE]
    layers.set_mode(Mode.SIDE_BY_SIDE)
    assert "image 2" in viewer.layers
