"""Two pieces of work at a time: only where somebody allows it, and with the same numbers."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from building import write_png
from kernel_strategies import BACKENDS, using
from napari_mask_audit import boundaries, engine
from napari_mask_audit.audit import audit
from napari_mask_audit.dataset import Dataset
from napari_mask_audit.masks import Mask
from napari_mask_audit.measuring import MaskSet
from napari_mask_audit.metrics import boundary
from napari_mask_audit.metrics.boundary import boundary_scores
from napari_mask_audit.side_by_side import both


def here() -> int:
    """The thread that runs this."""
    return threading.get_ident()


def test_a_second_thread_is_started_only_where_there_may_be_two():
    assert both(here, here, workers=1) == (here(), here())
    first, second = both(here, here, workers=2)
    assert first == here() != second


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("broken", [0, 1])
def test_what_goes_wrong_in_either_is_raised(workers, broken):
    def fail() -> int:
        raise KeyError("gone")

    work = [here, here]
    work[broken] = fail
    with pytest.raises(KeyError, match="gone"):
        both(*work, workers=workers)


@pytest.fixture
def threads(monkeypatch):
    """How many threads whoever measures surfaces was allowed; the smallest mask is worth two."""
    monkeypatch.setattr(boundaries, "_WORTH_A_THREAD", 1)
    monkeypatch.setattr(boundary, "_WORTH_A_THREAD", 1)
    allowed = []
    made = MaskSet.__init__

    def counting(self, *arguments, workers=1):
        allowed.append(workers)
        made(self, *arguments, workers=workers)

    monkeypatch.setattr(MaskSet, "__init__", counting)
    return allowed


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("convention", ["surfel", "voxel"])
@pytest.mark.usefixtures("threads")
def test_two_threads_measure_what_one_does(backend, convention):
    random = np.random.default_rng(4)
    coarse = random.integers(0, 4, (2, 9, 11))
    first, second = (
        Mask.from_array(np.kron(c, np.ones((7, 5), int)), spacing=(2, 1)) for c in coarse
    )
    options = {"tolerances": [1.0, 3.0], "width": 2, "convention": convention, "ignore_ids": [3]}
    with using(backend):
        one, two = (boundary_scores(first, second, range(5), workers=n, **options) for n in (1, 2))
    assert repr(one) == repr(two)


@pytest.mark.parametrize(("samples", "workers", "each"), [(1, 2, 2), (1, 1, 1), (3, 2, 1)])
def test_samples_that_run_in_threads_start_none_of_their_own(
    tmp_path, threads, samples, workers, each
):
    mask = np.kron(np.eye(4, dtype=np.uint8), np.ones((3, 3), np.uint8))
    for source in ("gt", "pred"):
        for n in range(samples):
            write_png(tmp_path / source / f"{n}.png", mask)
    result = audit(Dataset.open(tmp_path), workers=workers)
    assert threads == [each] * samples
    assert result.comparisons[0].mean_iou == 1


@pytest.mark.parametrize(
    ("workers", "pieces", "each"), [(2, 1, 2), (8, 3, 2), (1, 1, 1), (2, 9, 1), (2, 0, 2)]
)
def test_processors_are_shared_among_pieces_of_work(workers, pieces, each):
    assert engine.share(workers, pieces) == each
