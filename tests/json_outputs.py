"""What the commands print as JSON on small datasets with every kind of oddity."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

import napari_mask_audit as ma
from building import make_dataset, square, write_png
from napari_mask_audit.agreement import agree
from napari_mask_audit.baseline import Training
from napari_mask_audit.checks import Accepted, lint
from napari_mask_audit.difference import difference
from napari_mask_audit.failure_thresholds import FailureThresholds
from napari_mask_audit.failures import explain_dataset
from napari_mask_audit.limits import check_limits, parse_limits
from napari_mask_audit.report.bundle import audit_json
from napari_mask_audit.suspects import find_suspects
from nuclei_scenes import nuclei
from report_pages import town

SAMPLES = Path(__file__).resolve().parents[1] / "sample_masks"


def odd_dataset(folder: Path) -> Path:
    """Missed, invented and ignored classes, a mask missing, one unreadable, groups, 12 samples."""
    names = [f"p{n // 4}_{n:02}" for n in range(12)]
    masks: dict[str, dict[str, object]] = {"gt": {}, "model": {}}
    for n, name in enumerate(names):
        gt, model = square(24), square(24, left=5 + n % 4)
        gt[0:2, 0:2] = 2 if n % 2 else 255
        model[20:22, 20:22] = 3
        masks["gt"][name] = gt if n else np.zeros_like(gt)
        masks["model"][name] = model
    del masks["model"][names[-1]]
    toml = "background = 0\nignore = [255]\ngroup_pattern = '^(p\\d)'\n[classes]\n1 = \"cell\"\n"
    toml += '[sources]\nghost = "annotator"\n'  # a problem that is no file's
    make_dataset(folder, masks, toml)
    (folder / "masks" / "model" / f"{names[-2]}.png").write_text("no picture")
    return folder


def objects_dataset(folder: Path) -> Path:
    """Numbered objects."""
    gt, model = square(24), square(24, left=6)
    gt[18:22, 18:22] = 2
    toml = (
        'task = "instance"\nbackground = 0\nspacing = [0.5, 0.25]\nunit = "mm"\n'
        "[settings]\nboundary_width_px = 2\n[settings.failures]\nsmall_area = 9\n"
    )
    return make_dataset(folder, {"gt": {"a": gt}, "model": {"a": model}}, toml)


def bare_dataset(folder: Path) -> Path:
    """No dataset.toml, and no class in common."""
    both = {"a": square(24), "b": square(24, value=3)}
    return make_dataset(
        folder, {"gt": both, "model": {n: np.full((24, 24), 7, np.uint8) for n in "ab"}}
    )


def audits(folder: Path) -> list[dict[str, Any]]:
    """Audits as ``audit --json`` prints them."""
    found = []
    for place, tolerances in (
        (SAMPLES, ()),
        (odd_dataset(folder / "odd"), (1.0, 2.5)),
        (objects_dataset(folder / "objects"), ()),
        (town(folder / "town", candidates=("model", "alice")), ()),
        (bare_dataset(folder / "bare"), ()),
    ):
        dataset = ma.Dataset.open(place)
        settings = dataset.settings.replace(tolerances=tolerances, resamples=100)
        if tolerances:
            own = FailureThresholds(tolerance=3.0, class_tolerances={1: 1.5}, small_area=20)
            settings = settings.replace(failures=own)
        audit = ma.audit(dataset, settings=settings)
        found.append(audit_json(audit, explain_dataset(dataset, settings=settings)))
        if place == SAMPLES:
            checks = check_limits(audit, parse_limits("iou=0.5,class=pole:0.9"))
            found.append({**audit.to_dict(), "limits": [check.to_dict() for check in checks]})
    return found


def annotators_dataset(folder: Path, persons: bool) -> Path:
    """A habit, a change of habit, a rule that is missing, a copy, specks, and somebody absent."""
    names = [f"s{n:02}" for n in range(12)]
    masks: dict[str, dict[str, object]] = {s: {} for s in ("gt", "model", "ann", "bob", "cem")}
    for n, name in enumerate(names):
        plain = np.zeros((48, 48), np.uint8)
        plain[4:20, 4:20] = 1
        plain[26:44, 26 : 40 + n % 3] = 2
        larger = plain.copy()
        larger[2 : 20 + 2 * (n > 5), 4:20] = 1
        larger[26:44, 4:16] = 3
        ruled = np.where(plain == 2, 3, plain)
        ruled[46, ::4] = 1
        ruled[22:25, 30:33] = plain[22:25, 40:43] = larger[22:25, 40:43] = 1
        masks["gt"][name], masks["model"][name] = plain, np.roll(larger, n % 2, axis=1)
        masks["ann"][name], masks["bob"][name], masks["cem"][name] = larger, ruled, plain
    del masks["bob"][names[3]]
    head = "" if persons else "annotators_are_persons = false\n"
    return make_dataset(folder, masks, f"{head}background = 0\n[classes]\n1 = 'cell'\n")


def regions_dataset(folder: Path) -> Path:
    """Region numbers of two annotators: no background, no classes."""
    halves = np.repeat(np.array([[1, 2]], np.uint8), 10, axis=1).repeat(20, axis=0)
    both = {"ann": {"a": halves}, "bob": {"a": halves.T.copy()}}
    return make_dataset(folder, both, 'task = "instance"\n')


def agreements(folder: Path) -> list[dict[str, Any]]:
    """Agreements as ``agree --json`` prints them."""
    places = (
        annotators_dataset(folder / "persons", persons=True),
        annotators_dataset(folder / "slots", persons=False),
        regions_dataset(folder / "regions"),
        SAMPLES,
        folder / "odd",
        folder / "objects",
        folder / "bare",
    )
    found = []
    for place in places:
        dataset = ma.Dataset.open(place)
        settings = dataset.settings.replace(resamples=100)
        found.append(agree(dataset, settings=settings).to_dict())
    return found


def lints(folder: Path) -> list[dict[str, Any]]:
    """Lint results as ``lint --json`` prints them: with places, with none, accepted and stale."""
    places = (SAMPLES, folder / "odd", folder / "objects", folder / "bare")
    found = [lint(place) for place in places]
    same = {name: square(40, side=20, left=left) for name, left in (("a", 5), ("b", 5), ("c", 9))}
    copies = make_dataset(folder / "copies", {"gt": same, "copy": same})
    for name in same:
        write_png(copies / "images" / f"{name}.png", np.eye(40, dtype=np.uint8))
    found.append(lint(copies))
    stale = [
        Accepted("MA301", "nowhere", "gt", 1, "", 3),
        Accepted("MA701", "nowhere", other="elsewhere", reason="gone"),
        Accepted("MA703"),
    ]
    for place, result in ((SAMPLES, found[0]), (copies, found[-1])):
        accepted = [Accepted(*f.key, f.count, "looked at") for f in result.findings[:9]]
        found.append(lint(place, accepted=[*accepted, *stale]))
    found.append(lint(make_dataset(folder / "quiet", {"gt": {"a": square(40, side=20)}})))
    return [result.to_dict() for result in found]


def suspect_lists(folder: Path) -> list[dict[str, Any]]:
    """Rankings as ``suspects --json`` prints them: with and without forests and predictions."""
    images = folder / "pictures"
    for n in range(3):
        picture, mask = nuclei(n, 64)
        mask[mask == 3] = 0
        write_png(images / "images" / f"s{n}.png", picture)
        write_png(images / "masks" / "gt" / f"s{n}.png", mask.astype(np.uint8))
    write_png(images / "images" / "small.png", np.zeros((9, 9), np.uint8))
    write_png(images / "masks" / "gt" / "small.png", square(40))
    (images / "dataset.toml").write_text('task = "instance"\n', encoding="utf-8")
    found = [find_suspects(place, learn=False) for place in (SAMPLES, folder / "odd")]
    found.append(find_suspects(images, training=Training(trees=4)))
    return [result.to_dict() for result in found]


def outputs(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """By name of the schema."""
    made = audits(folder)
    with_other = {**made[2], "comparisons": [dict(made[2]["comparisons"][0])]}
    with_other["comparisons"][0]["samples"] = with_other["comparisons"][0]["samples"][1:]
    return {
        "agree": agreements(folder),
        "audit": made,
        "diff": [
            difference(made[0], made[0]).to_dict(),
            difference(made[0], made[0], candidate="bob", old_candidate="model").to_dict(),
            difference(made[2], with_other).to_dict(),
            difference(made[3], made[3]).to_dict(),
        ],
        "lint": lints(folder),
        "suspects": suspect_lists(folder),
    }
