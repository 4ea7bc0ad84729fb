"""Count how often each lint rule fires on real masks by experts: the table of docs/lint.md.

Usage: python scripts/count_false_alarms.py [--write] [--list]

Every folder of ../shared/data is described by a small dataset.toml and linted with default rules.
``REAL`` names the findings that were looked at and are flaws which the ids themselves show; all
others are false alarms. ``--write`` puts the table in docs/lint.md, ``--list`` prints each finding.
A test compares the counts: a rule that becomes noisier fails it.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from napari_mask_audit.checks import RULES, LintFinding, lint  # noqa: E402
from napari_mask_audit.dataset import Dataset  # noqa: E402
from realdata import DATA  # noqa: E402

PAGE = ROOT / "docs" / "lint.md"
BEGIN, END = "<!-- false alarms: made by scripts/count_false_alarms.py -->", "<!-- end -->"


@dataclass(frozen=True)
class Collection:
    """Masks by experts in one folder.

    Attributes
    ----------
    title : str
        Its name in the table.
    folder : str
        Where, beneath the real data.
    toml : str
        What dataset.toml says besides its root.
    real : mapping of str to int
        By code: findings that are flaws.
    false : mapping of str to str
        By code: what the false alarms are about.
    images : str
        Pattern of the images, where there are some.
    """

    title: str
    folder: str
    toml: str
    real: dict[str, int]
    false: dict[str, str]
    images: str = ""


def annotators(pattern: str, names: dict[str, str], more: str = "") -> str:
    """``[sources]`` of people, each with its own pattern of files."""
    rows = [
        f'{name} = {{ role = "annotator", masks = "{pattern.replace("SOURCE", folder)}" }}'
        for name, folder in names.items()
    ]
    return "\n".join([more, "[sources]", *rows]) + "\n"


def reference(pattern: str, more: str = "") -> str:
    return f'{more}\n[sources]\ngt = {{ role = "reference", masks = "{pattern}" }}\n'


CAMVID = """ignore = [11]
[classes]
0 = "sky"
1 = "building"
2 = "pole"
3 = "road"
4 = "pavement"
5 = "tree"
6 = "sign"
7 = "fence"
8 = "car"
9 = "pedestrian"
10 = "bicyclist"
"""
BUBIL = {
    f"p{n}_{tool.lower()}": f"Person{n}_{tool}" for n in range(1, 6) for tool in ("Amira", "ImageJ")
}
COLLECTIONS = (
    Collection(
        "ADE20K sample, annotations",
        "ade20k_sample3",
        reference("annotations/{sample}.png"),
        {"MA302": 4, "MA303": 1, "MA304": 6},
        {},
        "images/{sample}.jpg",
    ),
    Collection(
        "AxonDeepSeg SEM, manual",
        "axondeepseg_sem_1",
        reference("gt.png", 'background = 0\n[classes]\n1 = "myelin"\n2 = "axon"'),
        {"MA302": 1},
        {},
    ),
    Collection(
        "BSDS500 test, 5 to 7 people each",
        "bsds500_test20",
        annotators("annotators/SOURCE/{sample}.png", {f"ann{n}": f"ann{n}" for n in range(1, 8)}),
        {},
        {},
    ),
    Collection(
        "BU-BIL cells, 5 experts × 2 tools and gold",
        "bubil_ds1_rat_smooth_muscle",
        annotators(
            "SOURCE/{sample}.png", {**{k: f"experts/{v}" for k, v in BUBIL.items()}, "gold": "gold"}
        ),
        {"MA301": 3, "MA302": 8, "MA401": 6, "MA703": 3},
        {"MA303": "1 sliver (a thin process)", "MA403": "1 straight cut"},
    ),
    Collection(
        "CamVid, 11 classes",
        "camvid_road10",
        reference("gt/{sample}.png", CAMVID),
        {"MA301": 5, "MA401": 3},
        {"MA305": "1 area outlier"},
    ),
    Collection(
        "CHASE_DB1 vessels, 2 observers",
        "chase_db1_4",
        annotators("SOURCE/{sample}.png", {"first": "obs1_1stHO", "second": "obs2_2ndHO"}),
        {"MA302": 1},
        {
            "MA302": "2 pinholes (gaps between crossing vessels)",
            "MA303": "1 sliver (a thin vessel)",
        },
    ),
    Collection(
        "COCO panoptic, 2 pictures",
        "coco_panoptic_sample2",
        reference("panoptic_examples/{sample}.png"),
        {"MA103": 2},
        {},
    ),
    Collection(
        "LIDC-IDRI nodules in 3D, 4 radiologists",
        "lidc_nodules6_3d",
        annotators(
            "{sample}/SOURCE.nii.gz", {f"radiologist{n}": f"radiologist{n}" for n in range(1, 5)}
        ),
        {},
        {},
    ),
    Collection(
        "Spine MR in 3D, reference, classes",
        "panoptica_spine_3d",
        reference("semantic_ref.nii.gz", "background = 0"),
        {},
        {},
    ),
    Collection(
        "Spine MR in 3D, reference, objects",
        "panoptica_spine_3d",
        reference("unmatched_instance_ref.nii.gz", 'background = 0\ntask = "instance"'),
        {},
        {"MA501": "1 fragments (parts that belong to one id on purpose)"},
    ),
    Collection(
        "Spinal cord MR in 3D, manual",
        "sct_spinal_cord_3d",
        annotators(
            "{sample}SOURCE.nii.gz",
            {
                "manual": "_seg-manual",
                "rootlets": "_seg-deepseg_rootlets-manual",
                "levels": "_seg-manual_labeled",
            },
            "background = 0",
        ),
        {"MA109": 1},
        {},
    ),
    Collection(
        "StarDist nuclei, 2D",
        "stardist_examples",
        reference("mask2d.tif", 'background = 0\ntask = "instance"'),
        {"MA304": 2},
        {"MA305": "1 area outlier (a nucleus a pixel before the edge)"},
    ),
    Collection(
        "StarDist nuclei, 3D",
        "stardist_examples",
        reference("mask3d.tif", 'background = 0\ntask = "instance"'),
        {},
        {},
    ),
)


def open_collection(collection: Collection, folder: Path) -> Dataset:
    """The collection as a dataset, with its dataset.toml in ``folder``."""
    root = (DATA / collection.folder).as_posix()
    top, bracket, rest = collection.toml.partition("\n[")
    images = f'images = "{collection.images}"\n' if collection.images else ""
    text = f'{top}\n[files]\nroot = "{root}"\n{images}{bracket}{rest}'
    (folder / "dataset.toml").write_text(text, encoding="utf-8")
    return Dataset.open(folder)


def findings_of(collection: Collection) -> tuple[int, list[LintFinding]]:
    """How many masks there are, and all findings except about files that are simply absent."""
    with tempfile.TemporaryDirectory() as folder:
        dataset = open_collection(collection, Path(folder))
        result = lint(dataset, ignore=["missing-partner", "missing-image", "left-out-file"])
    return result.masks, list(result.findings)


def table() -> str:
    """The table as Markdown, with how often each rule fired below it."""
    rows = [
        "| dataset | masks | findings | real | false alarms |",
        "| --- | ---: | ---: | ---: | --- |",
    ]
    total, per_rule, false_alarms = Counter[str](), Counter[str](), Counter[str]()
    for collection in COLLECTIONS:
        masks, findings = findings_of(collection)
        counts = Counter(finding.code for finding in findings)
        real = sum(min(counts[code], number) for code, number in collection.real.items())
        words = ", ".join(collection.false.values())
        rows.append(f"| {collection.title} | {masks} | {len(findings)} | {real} | {words} |")
        total.update(masks=masks, findings=len(findings), real=real)
        per_rule += counts
        false_alarms += counts - Counter(collection.real)
    wrong = total["findings"] - total["real"]
    rows.append(
        f"| **all** | **{total['masks']}** | **{total['findings']}** | **{total['real']}** | "
        f"**{wrong}** |"
    )
    by_rule = ", ".join(
        f"{code} {number}{f' ({false_alarms[code]} false)' if false_alarms[code] else ''}"
        for code, number in sorted(per_rule.items())
    )
    silent = ", ".join(code for code in sorted(RULES) if not per_rule[code])
    return "\n".join([*rows, "", f"Findings by rule: {by_rule}.", "", f"Never fired: {silent}."])


def rewritten(page: str, content: str) -> str:
    """The page with the table between its two marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{content}\n{END}{after}"


def main() -> None:
    if "--list" in sys.argv:
        for collection in COLLECTIONS:
            print(collection.title)
            for finding in findings_of(collection)[1]:
                where = f"{finding.sample} {finding.source}"
                print(f"  {finding.code} {where} {finding.places[:2]}: {finding.message}")
        return
    content = table()
    print(content)
    if "--write" in sys.argv:
        page = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(rewritten(page, content), encoding="utf-8")


if __name__ == "__main__":
    main()
