"""PNG and friends through Pillow, as ids.

Two traps are handled here. Palette images are read as *indices* (most readers expand them to
RGB). And Pillow stretches 2- and 4-bit grey PNGs to 0…255, which would turn class 1 into class 85
or 17; the stretch is undone.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..errors import MaskError
from .raw import RawMask

_GREY_STRETCH = {2: 85, 4: 17}


def read_mask(path: Path) -> RawMask:
    """Ids of a grey, palette or 1-bit picture."""
    with Image.open(path) as picture:
        if getattr(picture, "n_frames", 1) > 1:
            raise MaskError(
                "not-a-mask",
                f"the file is an animation of {getattr(picture, 'n_frames', 0)} frames; "
                "save stacks as TIFF.",
                file=path,
            )
        if picture.mode in ("1", "L", "P", "I;16", "I;16B", "I;16L", "I"):
            labels = np.asarray(picture)
            stretch = _GREY_STRETCH.get(_grey_bit_depth(path)) if picture.mode == "L" else None
            return RawMask(labels // stretch if stretch else labels)
        return RawMask(_grey_stored_as_colour(np.asarray(picture), picture.mode, path))


def _grey_bit_depth(path: Path) -> int:
    """Bit depth of a grey PNG from its header; 0 for anything else."""
    with path.open("rb") as file:
        head = file.read(26)
    if head[:8] != b"\x89PNG\r\n\x1a\n" or head[25] != 0:
        return 0
    return head[24]


def _grey_stored_as_colour(pixels: NDArray[Any], mode: str, path: Path) -> NDArray[Any]:
    """The one channel of a colour file whose channels are all equal (alpha opaque)."""
    if mode in ("RGB", "RGBA", "LA") and pixels.ndim == 3:
        alpha_is_opaque = mode == "RGB" or bool((pixels[..., -1] == 255).all())
        grey: NDArray[Any] = np.ascontiguousarray(pixels[..., 0])
        others = range(1, pixels.shape[-1] - (mode != "RGB"))
        if alpha_is_opaque and all(np.array_equal(pixels[..., k], grey) for k in others):
            return grey
    raise MaskError(
        "colour-mask",
        f"this is a colour picture ({mode}), not a mask of ids; export index masks "
        "(one channel, or a palette) instead.",
        file=path,
    )


def read_image(path: Path) -> NDArray[Any]:
    """Pixels for display: grey (y, x) or RGB (y, x, 3)."""
    with Image.open(path) as picture:
        if picture.mode in ("1", "P", "PA", "RGBA", "LA", "CMYK", "YCbCr", "LAB", "HSV"):
            grey = picture.mode in ("1", "LA")
            return np.asarray(picture.convert("L" if grey else "RGB"))
        return np.asarray(picture)
