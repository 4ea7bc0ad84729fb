"""Write the sample town: twelve aerial pictures, four sources of masks, a list of what is wrong.

Run it from a checkout::

    python scripts/make_sample_masks.py [FOLDER]

It reads ``dataset.toml`` (class names and colours) and rewrites ``images/``, ``masks/``,
``defects.json`` and the table in ``README.md``. The same seeds give the same pixels.
"""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path
from typing import Any

from PIL import Image, ImageColor
from sample_town.defects import masks_of
from sample_town.picture import render
from sample_town.scenes import SCENES
from sample_town.shapes import VOID, Labels


def class_table(folder: Path) -> dict[int, dict[str, str]]:
    """Names and colours by class id, from ``dataset.toml``."""
    settings = tomllib.loads((folder / "dataset.toml").read_text(encoding="utf-8"))
    return {int(class_id): row for class_id, row in settings["classes"].items()}


def palette(classes: dict[int, dict[str, str]]) -> list[int]:
    """256 colours for the mask files: classes as in the table, void white, the rest grey."""
    colours = [(128, 128, 128)] * 256
    colours[VOID] = (255, 255, 255)
    for class_id, row in classes.items():
        rgb = ImageColor.getrgb(row["color"])
        colours[class_id] = (rgb[0], rgb[1], rgb[2])
    return [channel for colour in colours for channel in colour]


def save_mask(mask: Labels, colours: list[int], path: Path) -> None:
    """Palette PNG: the pixel values are the class ids, the colours are for human eyes."""
    picture = Image.fromarray(mask, mode="P")
    picture.putpalette(colours)
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path, optimize=True)


def what(row: dict[str, Any], classes: dict[int, dict[str, str]]) -> str:
    """Class column of the table in the README, such as ``building → ground``."""
    names = {None: "–", VOID: "void"} | {i: c["name"] for i, c in classes.items()}
    first, second = names[row["class_id"]], names[row["other_class_id"]]
    return first if row["other_class_id"] is None else f"{first} → {second}"


def readme_table(rows: list[dict[str, Any]], classes: dict[int, dict[str, str]]) -> str:
    """Markdown table of all planted defects."""
    lines = [
        "| id | sample | source | kind | class | y0:y1, x0:x1 | px | what you should see |",
        "| --- | --- | --- | --- | --- | --- | ---: | --- |",
    ]
    for row in rows:
        box = row["bbox"]
        where = "–" if box is None else f"{box[0]}:{box[1]}, {box[2]}:{box[3]}"
        cells = (row["id"], row["sample"], row["source"], row["kind"], what(row, classes), where)
        lines.append(f"| {' | '.join(cells)} | {row['pixels']} | {row['see']} |")
    return "\n".join(lines)


def update_readme(path: Path, table: str) -> None:
    """Put the table between the two markers of the README."""
    start, end = "<!-- defects: written by make_sample_masks.py -->", "<!-- end of defects -->"
    text = path.read_text(encoding="utf-8")
    head, tail = text.split(start)[0], text.split(end)[1]
    path.write_text(f"{head}{start}\n{table}\n{end}{tail}", encoding="utf-8", newline="\n")


def generate() -> tuple[dict[str, Labels], dict[str, dict[str, Labels]], list[dict[str, Any]]]:
    """Pictures by sample, masks by sample and source, and all planted defects."""
    pictures, masks, rows = {}, {}, []
    for make in SCENES:
        scene = make()
        pictures[scene.name] = render(scene)
        masks[scene.name], found = masks_of(scene)
        rows += found
    return pictures, masks, [{"id": f"D{i:02d}"} | row for i, row in enumerate(rows, start=1)]


def main(folder: Path) -> None:
    """Write everything below ``folder``, which holds ``dataset.toml`` and ``README.md``."""
    classes = class_table(folder)
    colours = palette(classes)
    pictures, masks, rows = generate()
    (folder / "images").mkdir(exist_ok=True)
    for name, picture in pictures.items():
        Image.fromarray(picture).save(folder / "images" / f"{name}.png", optimize=True)
        for source, mask in masks[name].items():
            save_mask(mask, colours, folder / "masks" / source / f"{name}.png")
    text = json.dumps({"samples": list(pictures), "defects": rows}, indent=1, ensure_ascii=False)
    (folder / "defects.json").write_text(text + "\n", encoding="utf-8", newline="\n")
    update_readme(folder / "README.md", readme_table(rows, classes))


if __name__ == "__main__":
    default = Path(__file__).resolve().parents[1] / "sample_masks"
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else default)
