"""TIFF masks and images through tifffile: single pages, stacks, and the spacing they state."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import MaskError
from .raw import RawMask

# tifffile takes a noticeable part of a second to import and is needed for TIFF files only.
if TYPE_CHECKING:
    import tifffile

_MICROMETRE = {"um", "µm", "μm", "micron", "microns", "micrometer", "\\u00b5m"}


def read_mask(path: Path) -> RawMask:
    """Ids of a 2D page or a 3D stack."""
    import tifffile

    with tifffile.TiffFile(path) as file:
        series = file.series[0]
        labels, axes = _squeeze(series.asarray(), series.axes)
        if "S" in axes:
            if not bool((labels == labels[..., :1]).all()):
                raise MaskError(
                    "colour-mask",
                    "this is a colour picture, not a mask of ids; export index masks instead.",
                    file=path,
                )
            labels = labels[..., 0]
        spacing, unit = _spacing(file, labels.ndim)
    return RawMask(labels, spacing, unit)


def read_image(path: Path) -> NDArray[Any]:
    """Pixels for display, channels last."""
    import tifffile

    with tifffile.TiffFile(path) as file:
        series = file.series[0]
        pixels, axes = _squeeze(series.asarray(), series.axes)
    if "C" in axes and pixels.shape[axes.index("C")] in (3, 4):
        pixels = np.moveaxis(pixels, axes.index("C"), -1)[..., :3]
    return pixels


def _squeeze(array: NDArray[Any], axes: str) -> tuple[NDArray[Any], str]:
    """Drop the axes of length one (time, channel, …) but never y and x."""
    keep = [n for n, axis in enumerate(axes) if array.shape[n] > 1 or axis in "YX"]
    shape = tuple(array.shape[n] for n in keep)
    return array.reshape(shape), "".join(axes[n] for n in keep)


def _spacing(file: tifffile.TiffFile, ndim: int) -> tuple[tuple[float, ...] | None, str]:
    ome = _ome_spacing(file.ome_metadata, ndim) if file.is_ome else None
    if ome is not None:
        return ome
    imagej = file.imagej_metadata or {}
    unit = str(imagej.get("unit", ""))
    tags = file.pages[0].tags  # type: ignore[union-attr]
    if unit and "XResolution" in tags and "YResolution" in tags:
        x, y = (_per_pixel(tags[name].value) for name in ("XResolution", "YResolution"))
        z = float(imagej.get("spacing", 1.0))
        if x and y and z > 0:
            return ((z, y, x) if ndim == 3 else (y, x)), "um" if unit in _MICROMETRE else unit
    return None, "px"


def _per_pixel(resolution: tuple[int, int]) -> float:
    pixels, units = resolution
    return units / pixels if pixels > 0 and units > 0 else 0.0


def _ome_spacing(xml: str | None, ndim: int) -> tuple[tuple[float, ...], str] | None:
    if not xml or "<!DOCTYPE" in xml or "<!ENTITY" in xml:
        return None
    try:
        root = ElementTree.fromstring(xml)
    except ElementTree.ParseError:
        return None
    pixels = next((node for node in root.iter() if node.tag.endswith("}Pixels")), None)
    if pixels is None or "PhysicalSizeX" not in pixels.attrib:
        return None
    unit = pixels.attrib.get("PhysicalSizeXUnit", "µm")
    sizes = [float(pixels.attrib.get(f"PhysicalSize{axis}", 0)) for axis in "ZYX"][-ndim:]
    if any(size <= 0 for size in sizes):
        return None
    return tuple(sizes), "um" if unit in _MICROMETRE else unit
