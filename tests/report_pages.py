"""Datasets and a small HTML reader for the tests of the report."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np

import napari_mask_audit as ma
from building import make_dataset, square, write_png
from napari_mask_audit.agreement import agree
from napari_mask_audit.checklist import checklist
from napari_mask_audit.checks import lint
from napari_mask_audit.failures import explain_dataset

TOML = """
name = {name}
background = 0
ignore = [255]
[classes]
1 = {first}
2 = {second}
"""


def quoted(text: str) -> str:
    """A TOML basic string."""
    escaped = "".join(c if c.isprintable() and c not in '"\\' else f"\\u{ord(c):04X}" for c in text)
    return f'"{escaped}"'


def scene(shift: int = 0, second: int = 2) -> np.ndarray:
    """Two squares, of class 1 and of class `second`, the first moved to the right."""
    mask = square(40, top=4, left=4 + shift, side=12)
    mask[24:34, 20:34] = second
    return mask


def town(
    folder: Path,
    *,
    name: str = "Town",
    classes: tuple[str, str] = ("house", "tree"),
    samples: tuple[str, ...] = ("ash", "birch", "cedar"),
    candidates: tuple[str, ...] = ("model",),
) -> Path:
    """A dataset in which candidate n of sample m is shifted by n + m pixels."""
    masks: dict[str, dict[str, object]] = {"gt": {sample: scene() for sample in samples}}
    for n, candidate in enumerate(candidates):
        masks[candidate] = {s: scene(shift=(n + m) % 20) for m, s in enumerate(samples)}
    toml = TOML.format(name=quoted(name), first=quoted(classes[0]), second=quoted(classes[1]))
    make_dataset(folder, masks, toml)
    ramp = np.linspace(0, 255, 40 * 40 * 3).reshape(40, 40, 3).astype(np.uint8)
    for sample in samples:
        write_png(folder / "images" / f"{sample}.png", ramp)
    return folder


def further_parts(dataset: ma.Dataset, audit: ma.Audit) -> dict[str, Any]:
    """Everything a report shows beside the scores."""
    flaws = lint(dataset)
    return {
        "failures": explain_dataset(dataset),
        "agreement": agree(dataset),
        "lint": flaws,
        "checklist": checklist(dataset, audit, flaws),
    }


class Page(HTMLParser):
    """Tags, attributes and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.raw: dict[str, str] = {}
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append((tag, dict(attrs)))
        self.text.append(" " if tag in ("td", "th", "li", "dd", "dt", "small") else "")
        self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        """Forget where we are."""
        self._inside = ""

    def handle_data(self, data: str) -> None:
        """Keep text; that of style and script apart."""
        if self._inside in ("style", "script"):
            self.raw[self._inside] = self.raw.get(self._inside, "") + data
        else:
            self.text.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """Attributes of every such tag."""
        return [attributes for found, attributes in self.tags if found == tag]

    @property
    def words(self) -> str:
        """The text with single spaces."""
        return " ".join("".join(self.text).split())
