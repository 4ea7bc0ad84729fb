"""A contact sheet of the worst samples as one PNG, for machines without a display."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from ..audit import Audit
from ..comparison import Comparison
from ..dataset import Dataset
from ..errors import AuditError
from ..files import write_whole
from ..scores import PairScores
from . import wording
from .pictures import PICTURE_LEGEND, SamplePictures, sample_pictures

_CELL: Final = 240
_GAP: Final = 8
_LINE: Final = 26
_PAPER: Final = "#FFFFFF"
_INK: Final = "#1A1C1E"
_SOFT: Final = "#555B63"


def write_preview(audit: Audit, dataset: Dataset, path: str | Path, *, worst: int = 4) -> Path:
    """Write :func:`preview_picture` to a file.

    Raises
    ------
    DatasetError
        ``cannot-write``.
    """
    return write_whole(path, preview_picture(audit, dataset, worst=worst))


def preview_picture(audit: Audit, dataset: Dataset, *, worst: int = 4) -> bytes:
    """PNG with one row per sample: image, reference, candidate, disagreement.

    Parameters
    ----------
    audit : Audit
    dataset : Dataset
    worst : int
        How many samples, the worst of all comparisons first.
    """
    rows = list(_rows(audit, dataset, worst))
    height = sum(_LINE + pictures.height + _GAP for _, pictures in rows)
    sheet = Image.new("RGB", (4 * _CELL + 5 * _GAP, 3 * _LINE + height), _PAPER)
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(15)
    title = f"{dataset.name}: {wording.count(len(rows), 'sample')} with the lowest scores"
    draw.text((_GAP, 5), title, _INK, font)
    _draw_legend(draw, font, _LINE)
    for column, heading in enumerate(("image", "reference", "candidate", "disagreement")):
        draw.text((_GAP + column * (_CELL + _GAP), 2 * _LINE), heading, _SOFT, font)
    top = 3 * _LINE
    for words, pictures in rows:
        draw.text((_GAP, top), words, _INK, font)
        _paste(sheet, pictures, top + _LINE - 4)
        top += _LINE + pictures.height + _GAP
    buffer = io.BytesIO()
    sheet.save(buffer, "PNG", compress_level=6)
    return buffer.getvalue()


def _rows(audit: Audit, dataset: Dataset, worst: int) -> Iterator[tuple[str, SamplePictures]]:
    """Caption and pictures of the worst samples that can be read."""
    for comparison, sample in _worst_of_all(audit)[:worst]:
        sources = comparison.reference, comparison.candidate
        try:
            found = dataset.sample(sample.sample or "")
            pictures = sample_pictures(dataset, found, *sources, max_width=_CELL, max_height=_CELL)
        except AuditError:
            continue  # the report names the reason; the sheet shows what can be shown
        score = wording.score(sample.mean_iou, 2)
        yield f"{sample.sample}   mean IoU {score}   {sources[1]} against {sources[0]}", pictures


def _worst_of_all(audit: Audit) -> list[tuple[Comparison, PairScores]]:
    """Every differing sample once, in the comparison in which it scores lowest; worst first."""
    every = [(c, s) for c in audit.comparisons for s in c.samples if not math.isnan(s.mean_iou)]
    every.sort(key=lambda pair: (pair[1].mean_iou, pair[1].sample or ""))
    first: dict[str | None, tuple[Comparison, PairScores]] = {}
    for comparison, sample in every:
        first.setdefault(sample.sample, (comparison, sample))
    return [pair for pair in first.values() if pair[1].mean_iou < 1]


def _draw_legend(
    draw: ImageDraw.ImageDraw, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, top: int
) -> None:
    left = float(_GAP)
    for entry in PICTURE_LEGEND:
        draw.rectangle((left, top + 4, left + 14, top + 18), entry.color, "#777777")
        draw.text((left + 20, top + 2), entry.words, _INK, font)
        left += 20 + draw.textlength(entry.words, font) + 24


def _paste(sheet: Image.Image, pictures: SamplePictures, top: int) -> None:
    shown = (pictures.image, pictures.reference, pictures.candidate, pictures.disagreement)
    for column, data in enumerate(shown):
        if data is not None:
            picture = Image.open(io.BytesIO(data)).convert("RGB")
            sheet.paste(picture, (_GAP + column * (_CELL + _GAP), top))
