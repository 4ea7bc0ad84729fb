"""Two audits side by side: paired differences with known answers."""

from __future__ import annotations

import numpy as np
import pytest

import napari_mask_audit as ma
from building import make_dataset, square, write_png
from napari_mask_audit.difference import Verdict, difference
from napari_mask_audit.errors import DatasetError

TOML = 'background = 0\n[classes]\n1 = "cell"\n'


def audit_of(folder, shifts, toml=TOML, **changes):
    """An audit of a 10 × 10 square against itself shifted by so many columns, per sample."""
    names = [f"s{number:02}" for number in range(len(shifts))]
    masks = {
        "gt": {name: square() for name in names},
        "model": {name: square(left=5 + n) for name, n in zip(names, shifts, strict=True)},
    }
    dataset = ma.Dataset.open(make_dataset(folder, masks, toml))
    return ma.audit(dataset, settings=dataset.settings.replace(**changes)).to_dict()


def iou(shift):
    return (10 - shift) / (10 + shift)


@pytest.fixture
def twelve(tmp_path):
    """Three samples lose from shift 1 to 3, the rest stay at shift 1 or 2."""
    before = [1, 2] * 6
    after = [3, 2, 3, 2, 3, 2] + [1, 2] * 3
    return audit_of(tmp_path / "old", before), audit_of(tmp_path / "new", after)


def test_every_number_is_the_difference_of_hand_counts(twelve):
    found = difference(*twelve)
    mean = found.overall["sample_mean"]
    assert mean.old == pytest.approx((iou(1) + iou(2)) / 2)
    assert mean.new == pytest.approx((3 * iou(3) + 6 * iou(2) + 3 * iou(1)) / 12)
    assert mean.difference.value == pytest.approx(mean.new - mean.old)
    (row,) = found.classes
    pooled = row.changes["iou"]
    assert pooled.old == pytest.approx((6 * 9 + 6 * 8) / (6 * 11 + 6 * 12))
    assert pooled.new == pytest.approx((3 * 7 + 6 * 8 + 3 * 9) / (3 * 13 + 6 * 12 + 3 * 11))
    assert found.overall["pooled_class_mean"].new == pytest.approx(pooled.new)
    assert set(row.changes) == {"iou", "dice", "boundary_iou", "nsd"}


def test_samples_are_listed_with_the_largest_loss_first_and_named_worse(twelve):
    found = difference(*twelve)
    assert [s.sample for s in found.samples[:3]] == ["s00", "s02", "s04"]
    assert [s.verdict for s in found.samples[:4]] == [Verdict.WORSE] * 3 + [Verdict.SAME]
    assert found.samples[0].old - found.samples[0].new == pytest.approx(iou(1) - iou(3))
    # One pixel costs a 10 × 10 square 0.32, more than this change.
    assert found.samples[0].within_one_pixel
    found = difference(*twelve, least_change=0.5)
    assert found.samples[0].verdict is Verdict.UNCLEAR


def test_a_change_in_every_sample_is_beyond_noise_and_its_mirror_image_is_better(tmp_path):
    steps = [1, 2, 3] * 4
    old = audit_of(tmp_path / "old", steps)
    new = audit_of(tmp_path / "new", [n + 1 for n in steps])
    worse, better = difference(old, new), difference(new, old)
    assert worse.is_worse
    assert not better.is_worse
    for name in ("pooled_class_mean", "sample_mean"):
        assert worse.overall[name].verdict is Verdict.WORSE
        assert better.overall[name].verdict is Verdict.BETTER


def test_changes_that_cancel_are_unclear(tmp_path):
    old = audit_of(tmp_path / "old", [1, 2] * 6)
    new = audit_of(tmp_path / "new", [2, 1] * 6)
    found = difference(old, new)
    assert found.overall["sample_mean"].verdict is Verdict.UNCLEAR
    assert found.overall["sample_mean"].difference.value == pytest.approx(0, abs=1e-12)
    assert not found.is_worse


def test_the_same_audit_twice_is_the_same(tmp_path):
    old = audit_of(tmp_path / "old", [1] * 12)
    found = difference(old, old)
    assert {c.verdict for c in found.overall.values()} == {Verdict.SAME}
    assert "all masks are the same in both audits" in found.notes


def test_below_ten_samples_nothing_is_claimed(tmp_path):
    old, new = audit_of(tmp_path / "old", [1] * 9), audit_of(tmp_path / "new", [5] * 9)
    found = difference(old, new)
    assert {c.verdict for c in found.overall.values()} == {Verdict.UNCLEAR}
    assert any("fewer than 10" in note for note in found.notes)


def test_declared_groups_are_what_is_resampled(tmp_path):
    toml = "group_pattern = '^(s\\d)'\n" + TOML
    old = audit_of(tmp_path / "old", [1, 2] * 6, toml)
    new = audit_of(tmp_path / "new", [3, 4] * 6, toml)
    found = difference(old, new)
    # s00 to s09 and s10 to s11: two groups, so points and no claim
    assert found.overall["sample_mean"].difference.n_groups == 2
    assert found.overall["sample_mean"].verdict is Verdict.UNCLEAR


def test_samples_of_one_audit_alone_count_nowhere(tmp_path):
    old, new = audit_of(tmp_path / "old", [1, 1, 5]), audit_of(tmp_path / "new", [1, 1])
    found = difference(old, new)
    assert found.only_old == ("s02",)
    assert found.overall["sample_mean"].old == pytest.approx(iou(1))


def test_scores_of_other_settings_are_not_compared_and_that_is_said(tmp_path):
    old = audit_of(tmp_path / "old", [1, 2])
    new = audit_of(tmp_path / "new", [1, 2], tolerances=(2.0,))
    found = difference(old, new)
    assert "nsd" not in found.classes[0].changes
    assert "iou" in found.classes[0].changes
    assert any(note.startswith("tolerances was") for note in found.notes)


def test_a_changed_reference_is_said(tmp_path):
    old = audit_of(tmp_path / "old", [1, 2])
    new = audit_of(tmp_path / "new", [1, 2])
    new["inputs"]["s00"]["gt"] = "another"
    notes = difference(old, new).notes
    assert any(note.startswith("the reference differs on 1 of 2 samples") for note in notes)


def test_a_curve_of_tolerances_is_compared_at_each(tmp_path):
    old = audit_of(tmp_path / "old", [1, 2], tolerances=(1.0, 2.0))
    new = audit_of(tmp_path / "new", [2, 2], tolerances=(1.0, 2.0))
    changes = difference(old, new).classes[0].changes
    assert changes["nsd_2"].verdict is not Verdict.UNDEFINED
    assert changes["nsd_1"].new < changes["nsd_1"].old
    assert changes["nsd_2"].new == changes["nsd_2"].old == 1


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda a: a.pop("comparisons"), "not-an-audit"),
        (lambda a: a.update(schema_version=99), "not-an-audit"),
        (lambda a: a.update(comparisons=[]), "not-an-audit"),
        (lambda a: a["comparisons"][0]["samples"].clear(), "nothing-in-common"),
    ],
)
def test_what_cannot_be_compared_says_why(tmp_path, spoil, code):
    old, new = audit_of(tmp_path / "old", [1]), audit_of(tmp_path / "new", [1])
    spoil(new)
    with pytest.raises(DatasetError) as caught:
        difference(old, new)
    assert caught.value.code == code


def test_a_comparison_that_is_not_there_is_named_with_those_that_are(tmp_path):
    old = audit_of(tmp_path / "old", [1])
    with pytest.raises(DatasetError, match="it has model against gt") as caught:
        difference(old, old, candidate="bob")
    assert caught.value.code == "no-such-comparison"


def test_resampling_agrees_with_a_plain_bootstrap(tmp_path):
    """An independent percentile bootstrap of the paired mean gives nearly the same ends."""
    before = [1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4]
    after = [2, 2, 4, 4, 2, 3, 3, 4, 2, 2, 4, 5]
    found = difference(audit_of(tmp_path / "o", before), audit_of(tmp_path / "n", after))
    change = found.overall["sample_mean"].difference
    deltas = np.array([iou(b) - iou(a) for a, b in zip(before, after, strict=True)])
    draws = np.random.default_rng(3).choice(deltas, (20000, 12)).mean(axis=1)
    low, high = np.quantile(draws, [0.025, 0.975])
    assert change.low == pytest.approx(low, abs=0.02)
    assert change.high == pytest.approx(high, abs=0.02)


def test_the_means_are_those_of_the_audits_even_where_a_class_is_in_one_only(tmp_path):
    old = audit_of(tmp_path / "old", [1, 2])
    folder = tmp_path / "new"
    audit_of(folder, [1, 2])
    stray = square(left=6)
    stray[0:2, 0:2] = 9  # a class that nobody drew
    write_png(folder / "masks" / "model" / "s00.png", stray)
    new = ma.audit(folder).to_dict()
    found = difference(old, new)
    for side, content in (("old", old), ("new", new)):
        means = content["comparisons"][0]["means"]
        for name in ("pooled_class_mean", "sample_mean"):
            assert getattr(found.overall[name], side) == pytest.approx(means[name]), (side, name)
    assert [row.id for row in found.classes] == [1]
    assert any(note.startswith("only the new audit has 9") for note in found.notes)


def test_objects_are_compared_by_their_pq(tmp_path):
    toml = 'task = "instance"\nbackground = 0\n'
    old = audit_of(tmp_path / "old", [1, 4], toml)  # the second is not matched: PQ 0
    new = audit_of(tmp_path / "new", [1, 1], toml)
    found = difference(old, new)
    assert found.score_name == "PQ"
    assert found.overall["sample_mean_pq"].old == pytest.approx(iou(1) / 2)
    assert found.overall["sample_mean_pq"].new == pytest.approx(iou(1))
    assert [s.sample for s in found.samples if s.verdict is Verdict.BETTER] == ["s01"]


def test_few_samples_without_any_change_are_the_same_too(tmp_path):
    old = audit_of(tmp_path / "old", [1, 2])
    assert {c.verdict for c in difference(old, old).overall.values()} == {Verdict.SAME}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda a: a["comparisons"][0]["samples"][0].pop("classes"),
        lambda a: a["comparisons"][0]["samples"][0]["classes"][0].pop("overlap_pixels"),
        lambda a: a.update(settings=[]),
        lambda a: a.update(comparisons={"a": 1}),
    ],
)
def test_a_damaged_audit_is_a_message_and_no_traceback(tmp_path, spoil):
    old, new = audit_of(tmp_path / "old", [1]), audit_of(tmp_path / "new", [1])
    spoil(new)
    with pytest.raises(DatasetError, match=r"make\s+it again") as caught:
        difference(old, new, candidate="model")
    assert caught.value.code == "not-an-audit"
