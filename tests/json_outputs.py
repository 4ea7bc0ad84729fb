"""What the commands print as JSON on small datasets with every kind of oddity."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

import napari_mask_audit as ma
from building import make_dataset, square
from napari_mask_audit.difference import difference
from napari_mask_audit.failures import explain_dataset
from napari_mask_audit.limits import check_limits, parse_limits
from napari_mask_audit.report.bundle import audit_json
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
    make_dataset(folder, masks, toml)
    (folder / "masks" / "model" / f"{names[-2]}.png").write_text("no picture")
    return folder


def objects_dataset(folder: Path) -> Path:
    """Numbered objects."""
    gt, model = square(24), square(24, left=6)
    gt[18:22, 18:22] = 2
    toml = 'task = "instance"\nbackground = 0\n'
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
        audit = ma.audit(dataset, settings=settings)
        found.append(audit_json(audit, explain_dataset(dataset, settings=settings)))
        if place == SAMPLES:
            checks = check_limits(audit, parse_limits("iou=0.5,class=pole:0.9"))
            found.append({**audit.to_dict(), "limits": [check.to_dict() for check in checks]})
    return found


def outputs(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """By name of the schema."""
    made = audits(folder)
    with_other = {**made[2], "comparisons": [dict(made[2]["comparisons"][0])]}
    with_other["comparisons"][0]["samples"] = with_other["comparisons"][0]["samples"][1:]
    return {
        "audit": made,
        "diff": [
            difference(made[0], made[0]).to_dict(),
            difference(made[0], made[0], candidate="bob", old_candidate="model").to_dict(),
            difference(made[2], with_other).to_dict(),
            difference(made[3], made[3]).to_dict(),
        ],
    }
