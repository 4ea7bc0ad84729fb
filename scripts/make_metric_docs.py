"""Fill the tables of ``docs/metrics`` from the canonical cases and draw the pictures.

    python scripts/make_metric_docs.py [--check]

A table stands between ``<!-- cases: METRIC ... | CASE ... -->`` and ``<!-- end -->``; ``objects``
instead of ``cases: ...`` is the table of the instance cases. The numbers are measured by the
package; that they are right is tested in ``tests/test_cases.py``. With ``--check`` nothing is
written, and the exit code says whether something would change.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "scripts")]

from metric_pictures import PICTURES  # noqa: E402

import cases  # noqa: E402
import instance_cases  # noqa: E402
import napari_mask_audit as ma  # noqa: E402

PAGES = ROOT / "docs" / "metrics"
SETTINGS = ma.Settings(tolerances=(1,), boundary_width_px=1)
CONVENTIONS = ("surfel", "voxel")
TITLES = {
    "pixel_accuracy": "pixel accuracy",
    "iou": "IoU",
    "dice": "Dice",
    "precision": "precision",
    "recall": "recall",
    "volume_difference": "volume difference",
    "boundary_iou": "Boundary IoU, 1 px",
    "size_sensitivity": "size sensitivity",
    "hd": "HD",
    "hd95": "HD95",
    "assd": "ASSD",
    "masd": "MASD",
    "nsd": "NSD at 1",
    "boundary_f": "boundary F at 1",
    "boundary_offset": "offset",
    "boundary_offset_sd": "its spread",
    "components": "pieces",
    "holes": "holes",
    "euler": "Euler number",
    "status": "status",
}
OBJECT_COLUMNS = {
    "tp": "TP",
    "fp": "FP",
    "fn": "FN",
    "f1": "F1",
    "pq": "PQ",
    "sq": "SQ",
    "ap_dsb_mean": "AP",
    "seg": "SEG",
    "splits": "splits",
    "merges": "merges",
}
_BLOCK = re.compile(r"<!-- (cases: [^>]*|objects) -->\n.*?<!-- end -->", re.DOTALL)


@cache
def compared(key: str, convention: str) -> ma.PairScores:
    """A case through the public API."""
    case = case_named(key)
    return ma.compare(
        case.reference,
        case.candidate,
        class_names={1: "object"},
        background=0,
        spacing=case.spacing,
        settings=SETTINGS.replace(convention=convention),
    )


def case_named(key: str) -> cases.Case:
    """The case ``E1`` … ``E18``."""
    return next(case for case in cases.CASES if case.key == key)


def number(value: float | None) -> str:
    """At most four decimals; words for what is no number."""
    if value is None:
        return "–"
    if math.isnan(value):
        return "undefined"
    if math.isinf(value):
        return "∞"
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return {"-0": "0"}.get(text, text).replace("-", "−")


def cells(metric: str, key: str) -> Iterator[str]:
    """One cell, or for an outline score one per convention."""
    whole = compared(key, "surfel")
    row = whole.classes[0]
    if metric == "status":
        yield f"`{row.status.value}`"
    elif metric in cases.TOPOLOGY:
        both = row.reference_topology, row.candidate_topology
        yield " → ".join(number(t and getattr(t, metric)) for t in both)
    elif metric == "pixel_accuracy":
        yield number(whole.pixel_accuracy)
    elif metric in cases.REGION:
        yield number(row.value(metric))
    else:
        for convention in CONVENTIONS:
            scores = compared(key, convention).classes[0]
            yield number(scores.boundary.nsd[0][1] if metric == "nsd" else scores.value(metric))


def case_table(order: str) -> str:
    """Rows of cases, columns of metrics, from ``METRIC ... | CASE ...``."""
    names, keys = (part.split() for part in order.split("|"))
    titles = ["case"]
    for name in names:
        outline = name in cases.OUTLINE
        titles += [f"{TITLES[name]}, {c}" for c in CONVENTIONS] if outline else [TITLES[name]]
    rows = [
        [case_named(key).name, *(cell for name in names for cell in cells(name, key))]
        for key in (keys or [case.key for case in cases.CASES])
    ]
    return table(titles, rows)


def object_table() -> str:
    """The instance cases with background 0."""
    rows = []
    for case in instance_cases.CASES:
        if case.background != 0 or case.name.startswith("G11"):
            continue
        chosen = SETTINGS.replace(
            match_rule=case.settings.get("rule", "gt"),
            match_threshold=case.settings.get("threshold", 0.5),
        )
        scores = ma.compare(
            case.reference, case.candidate, instances=True, settings=chosen
        ).instances
        rows.append([case.name, *(number(float(getattr(scores, n))) for n in OBJECT_COLUMNS)])
    return table(["case", *OBJECT_COLUMNS.values()], rows)


def table(titles: list[str], rows: list[list[str]]) -> str:
    """Markdown."""
    lines = [titles, ["---", *["---:"] * (len(titles) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def filled(text: str) -> str:
    """A page with its tables made anew."""

    def fill(block: re.Match[str]) -> str:
        order = block[1]
        made = object_table() if order == "objects" else case_table(order.removeprefix("cases: "))
        return f"<!-- {order} -->\n\n{made}\n\n<!-- end -->"

    return _BLOCK.sub(fill, text)


def made_files() -> dict[Path, str]:
    """Every page and picture as it should be."""
    files = {page: filled(page.read_text(encoding="utf-8")) for page in sorted(PAGES.glob("*.md"))}
    return files | {PAGES / "pictures" / f"{name}.svg": draw() for name, draw in PICTURES.items()}


def main() -> int:
    """Write what changed, or with ``--check`` only count it."""
    changed = []
    for path, text in made_files().items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            changed.append(path)
            if "--check" not in sys.argv:
                path.parent.mkdir(exist_ok=True)
                path.write_text(text, encoding="utf-8", newline="\n")
    for path in changed:
        print(path.relative_to(ROOT))
    return len(changed) if "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
