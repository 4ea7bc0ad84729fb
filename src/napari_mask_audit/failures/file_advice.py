"""Advice on masks that are wrong as files: fixing them costs no training."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from .advice import WRONG_FILE, Advice, AdviceKind
from .causes import Cause


def file_advice(causes: Mapping[str, Sequence[Cause]]) -> tuple[Advice, ...]:
    """Advice on samples whose mask is wrong as a file: fixing them costs no training.

    Parameters
    ----------
    causes : mapping of str to sequence of Cause
        By sample, all samples.
    """
    found = []
    n = len(causes)
    for kind, (one, several) in WRONG_FILE.items():
        hit = {
            sample: next((c for c in row if c.kind is kind), None) for sample, row in causes.items()
        }
        samples = [sample for sample, cause in hit.items() if cause is not None]
        if not samples:
            continue
        gains = [
            cause.evidence["mean_iou_without"] - cause.evidence["mean_iou"]
            for cause in hit.values()
            if cause is not None and "mean_iou_without" in cause.evidence
        ]
        gain = math.fsum(gains) / n if gains else math.nan
        shown = ", ".join(samples[:3]) + (", …" if len(samples) > 3 else "")
        words = one if len(samples) == 1 else several
        text = f"fix the export first: {len(samples)} of {n} masks {words} ({shown})"
        text += f"; that lifts the mean over samples by {gain:.3f}." if gains else "."
        evidence = {"kind": kind.value, "masks": len(samples), "of": n, "samples": samples}
        found.append(Advice(AdviceKind.LABEL_FIX, (), text, gain, evidence))
    return tuple(found)
