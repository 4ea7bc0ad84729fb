"""Random label maps that look like masks, and the backends every kernel test runs on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from hypothesis import strategies as st

from napari_mask_audit.kernels import backend

NUMBA = pytest.mark.skipif(
    "numba" not in backend.available(), reason="numba is not installed (extra: fast)"
)
BACKENDS = ["numpy", pytest.param("numba", marks=NUMBA)]
DTYPES = (np.uint8, np.uint16, np.int32)


@contextmanager
def using(name: str) -> Iterator[None]:
    """Run a piece of code on one backend."""
    backend.use(name)
    try:
        assert backend.active() == name
        yield
    finally:
        backend.use("auto")


@st.composite
def label_maps(draw, count: int, *, ndim: int | None = None, labels: int = 4):
    """Some label maps of one shape: coarse blocks with single pixels changed, or pure noise."""
    ndim = draw(st.sampled_from([2, 3])) if ndim is None else ndim
    shape = tuple(draw(st.integers(1, 9 if ndim == 3 else 14)) for _ in range(ndim))
    if draw(st.integers(0, 4)) == 0:
        shape = (*shape[:-1], draw(st.integers(60, 80)))  # longer than a word of bits
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    block = draw(st.integers(1, 5))
    coarse = random.integers(0, labels, [-(-n // block) for n in shape])
    base = np.kron(coarse, np.ones((block,) * ndim, int))[tuple(slice(n) for n in shape)]
    changed = draw(st.sampled_from([0.0, 0.05, 0.5]))
    return [
        np.where(random.random(shape) < changed, random.integers(0, labels, shape), base).astype(
            draw(st.sampled_from(DTYPES))
        )
        for _ in range(count)
    ]
