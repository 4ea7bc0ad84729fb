"""A round of expectation and maximisation equals the loop over rows and raters."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel_strategies import BACKENDS, using
from napari_mask_audit.kernels import weigh_votes


def slow_round(codes, weight, confusion, prior):
    """Bayes' rule row by row in exact logarithms, then counting."""
    rows, raters = codes.shape
    labels = len(prior)
    posterior, sums = np.empty((rows, labels)), np.zeros((raters, labels, labels))
    for u in range(rows):
        score = [
            math.log(max(prior[b], 1e-300))
            + math.fsum(
                math.log(max(confusion[k, codes[u, k], b], 1e-300))
                for k in range(raters)
                if codes[u, k] >= 0
            )
            for b in range(labels)
        ]
        likelihood = [math.exp(s - max(score)) for s in score]
        posterior[u] = [value / math.fsum(likelihood) for value in likelihood]
        for k in range(raters):
            if codes[u, k] >= 0:
                sums[k, codes[u, k]] += weight[u] * posterior[u]
    return posterior, sums, weight @ posterior


@st.composite
def tables(draw):
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    rows, raters, labels = (draw(st.integers(1, high)) for high in (20, 60, 5))
    codes = random.integers(-1, labels, (rows, raters)).astype(np.int32)
    weight = random.integers(1, 1000, rows).astype(float)
    posterior = random.dirichlet(np.ones(labels), rows)
    confusion = random.dirichlet(np.full(labels, 0.3), (raters, labels)).transpose(0, 2, 1)
    confusion[random.random(confusion.shape) < draw(st.sampled_from([0, 0.2]))] = 0
    prior = random.dirichlet(np.ones(labels))
    return codes, weight, posterior, np.ascontiguousarray(confusion), prior


@pytest.mark.parametrize("backend", BACKENDS)
@given(table=tables())
def test_a_round_equals_the_slow_loop_for_many_raters_and_impossible_votes(backend, table):
    codes, weight, before, confusion, prior = table
    with using(backend):
        votes = weigh_votes(codes, weight, before)
        first = votes.count()
        found = votes.judge(confusion, prior)
    posterior, sums, share = slow_round(codes, weight, confusion, prior)
    assert votes.posterior == pytest.approx(posterior, abs=1e-10)
    assert found.sums == pytest.approx(sums, rel=1e-9, abs=1e-7)
    assert found.share == pytest.approx(share, rel=1e-9, abs=1e-7)
    assert found.change == pytest.approx(np.abs(posterior - before).max(), abs=1e-10)
    for label in range(len(prior)):
        said = weight @ ((codes == label)[:, :, None] * before[:, None, :]).transpose(1, 0, 2)
        assert first.sums[:, label] == pytest.approx(said, rel=1e-9)
    assert first.share == pytest.approx(weight @ before, rel=1e-9)


@pytest.mark.parametrize("backend", BACKENDS)
def test_two_hundred_raters_do_not_underflow(backend):
    """0.01 to the power of 200 is no float64; the odds of the two labels are 2 to the 200."""
    confusion = np.tile([[0.98, 0.99], [0.02, 0.01]], (200, 1, 1))
    with using(backend):
        votes = weigh_votes(np.ones((1, 200), np.int32), np.ones(1), np.full((1, 2), 0.5))
        votes.judge(confusion, np.array([0.5, 0.5]))
    assert votes.posterior[0] == pytest.approx([1, 2.0**-200], rel=1e-9)


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_was_given_is_not_changed(backend):
    before = np.array([[0.25, 0.75]])
    with using(backend):
        votes = weigh_votes(np.array([[0]], np.int32), np.ones(1), before)
        votes.judge(np.array([[[0.9, 0.2], [0.1, 0.8]]]), np.array([0.5, 0.5]))
    assert before.tolist() == [[0.25, 0.75]]
    assert votes.posterior.tolist() != before.tolist()
