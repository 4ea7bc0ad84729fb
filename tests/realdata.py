"""Where the real masks are, and how to skip without them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_DEFAULT = Path(__file__).resolve().parents[2] / "shared" / "data"
DATA = Path(os.environ.get("MASK_AUDIT_DATA", _DEFAULT))


def needs(folder: str) -> pytest.MarkDecorator:
    """Skip marker for tests that read one of the real datasets."""
    return pytest.mark.skipif(
        not (DATA / folder).is_dir(), reason=f"the real data folder {folder} is not here"
    )
