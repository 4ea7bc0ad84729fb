"""What a format reader hands over, and how its many failures become one clear error."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from ..errors import AuditError, MaskError


@dataclass(frozen=True, eq=False)
class RawMask:
    """Array as stored, with the spacing the file claims (array axis order)."""

    labels: NDArray[Any]
    spacing: tuple[float, ...] | None = None
    unit: str = "px"


# What decoders raise on damaged or foreign files; SyntaxError is Pillow's word for a broken PNG.
_DECODER_ERRORS = (
    OSError,
    EOFError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    SyntaxError,
    MemoryError,
    OverflowError,
    NotImplementedError,
    RuntimeError,
    struct.error,
    zlib.error,
    UnidentifiedImageError,
    Image.DecompressionBombError,
)


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn whatever a decoder raises inside the block into ``MaskError`` ``unreadable``."""
    try:
        yield
    except AuditError:
        raise
    except FileNotFoundError as error:
        raise MaskError("unreadable", "the file does not exist.", file=path) from error
    except PermissionError as error:
        raise MaskError(
            "unreadable", "no permission to read the file; check its access rights.", file=path
        ) from error
    except Image.DecompressionBombError as error:
        raise MaskError(
            "unreadable", "the picture is too large for this format; save it as TIFF.", file=path
        ) from error
    except _DECODER_ERRORS as error:
        size = path.stat().st_size if path.is_file() else 0
        why = "the file is empty" if size == 0 else f"{type(error).__name__}: {error}"
        why = why.splitlines()[0][:200].rstrip(".")
        raise MaskError(
            "unreadable",
            f"the file cannot be decoded ({why}). Export it again or remove it.",
            file=path,
        ) from error
