"""Commands a reader can copy, safe to paste into a shell."""

from __future__ import annotations

import shlex

from ..dataset import Dataset


def review_command(dataset: Dataset, sample: str = "") -> str:
    """The command that opens napari on a sample.

    The dataset is named by its folder alone: a page that is handed on need not tell where the
    data lies on this machine. A name with characters that cannot be seen is left out, because
    nobody could check what they would paste.

    Examples
    --------
    >>> from pathlib import Path
    >>> dataset = Dataset("Town", Path("/home/ann/my town"), Path("/home/ann/my town"), (), ())
    >>> review_command(dataset, "b 1; rm -r x")
    "mask-audit review 'my town' --sample='b 1; rm -r x'"
    >>> review_command(dataset, "ash")
    "mask-audit review 'my town' --sample ash"
    """
    folder = dataset.folder.name
    shown = f"./{folder}" if folder.startswith("-") else folder
    words = ["mask-audit", "review", shlex.quote(shown) if folder.isprintable() else "DATASET"]
    if sample.isprintable() and sample:
        quoted = shlex.quote(sample)
        plain = quoted == sample and not sample.startswith("-")
        words += ["--sample", sample] if plain else [f"--sample={quoted}"]
    return " ".join(words)
