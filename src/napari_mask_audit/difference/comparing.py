"""Two audits in, their difference out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from ..audit import SCHEMA_VERSION
from ..errors import DatasetError
from ..metrics.resampling import Resampling
from ..scores import mean_of
from .changes import ClassChange, Difference, SampleChange
from .paired import Json, PairedSamples, number, sample_pq

#: Settings that change what a score means, and the scores they change.
_MEANING = {
    "tolerances": ("nsd",),
    "convention": ("nsd",),
    "boundary_fraction": ("boundary_iou",),
    "boundary_width_px": ("boundary_iou",),
    "match_rule": ("pq",),
    "match_threshold": ("pq",),
    "include_background": ("mean",),
}


def difference(
    old: Json,
    new: Json,
    *,
    reference: str | None = None,
    candidate: str | None = None,
    old_candidate: str | None = None,
    least_change: float = 0.02,
) -> Difference:
    """Compare two audits sample by sample.

    Parameters
    ----------
    old, new : mapping
        :meth:`Audit.to_dict`, or the parsed JSON of ``mask-audit audit --json``.
    reference, candidate, old_candidate : str, optional
        Which comparison to take, the first that fits; `candidate` in both audits, unless
        `old_candidate` names another one in the old. With none of them the first comparison that
        both audits have under the same names, else the first of each.
    least_change : float
        A sample counts as better or worse when its score changed by at least this much.

    Raises
    ------
    DatasetError
        ``not-an-audit`` for something else, or one without comparisons; ``no-such-comparison``;
        ``nothing-in-common`` when no sample occurs in both.
    """
    for name, content in (("old", old), ("new", new)):
        _require_audit(name, content)
    try:
        return _difference(old, new, reference, candidate, old_candidate, least_change)
    except (KeyError, TypeError, AttributeError) as error:
        raise DatasetError(
            "not-an-audit",
            f"one of the audits is damaged or was edited ({type(error).__name__}: {error}); make "
            "it again with: mask-audit audit DATASET --json FILE.",
        ) from error


def _difference(
    old: Json,
    new: Json,
    reference: str | None,
    candidate: str | None,
    old_candidate: str | None,
    least_change: float,
) -> Difference:
    if reference is candidate is old_candidate is None:
        first, second = _same_names(old, new)
    else:
        first = _named(old, "old", reference, old_candidate or candidate)
        second = _named(new, "new", reference, candidate or old_candidate)
    before, after = _samples(first), _samples(second)
    shared = sorted(before.keys() & after.keys())
    if not shared:
        raise DatasetError(
            "nothing-in-common",
            "the two audits have no sample of the same name, so nothing can be compared.",
        )
    scores, notes = _comparable(old, new)
    notes += _input_notes(old, new, first, second, shared)
    rows_before, rows_after = ([s[n] for n in shared] for s in (before, after))
    settings = new.get("settings", {})
    resampling = Resampling(resamples=settings.get("resamples", 2000), seed=settings.get("seed", 0))
    groups = _groups(new, shared)
    measure = PairedSamples(rows_before, rows_after, groups, resampling)
    instances = "pq" in scores and all("instances" in row for row in rows_before + rows_after)
    notes += measure.one_sided()
    if groups is not None:
        notes.append("intervals resample the declared groups, not single samples")
    if len(set(groups or shared)) < 10:
        notes.append("fewer than 10 samples or groups: differences are listed, none is claimed")
    return Difference(
        old=(first["reference"], first["candidate"]),
        new=(second["reference"], second["candidate"]),
        score_name="PQ" if instances else "mean IoU",
        overall=measure.overall(instances=instances) if "mean" in scores else {},
        classes=tuple(
            ClassChange(class_id, name, measure.of_class(class_id, scores))
            for class_id, name in measure.shared_classes()
        ),
        samples=tuple(
            _sample_changes(shared, rows_before, rows_after, least_change, instances=instances)
        ),
        least_change=least_change,
        only_old=tuple(sorted(before.keys() - after.keys())),
        only_new=tuple(sorted(after.keys() - before.keys())),
        notes=tuple(notes),
    )


def _sample_changes(
    names: Sequence[str],
    old: Sequence[Json],
    new: Sequence[Json],
    least: float,
    *,
    instances: bool,
) -> list[SampleChange]:
    def score(row: Json) -> float:
        return sample_pq(row) if instances else number(row["mean_iou"])

    changes = [
        SampleChange(
            name, score(before), score(after), least, math.nan if instances else _pixel_cost(after)
        )
        for name, before, after in zip(names, old, new, strict=True)
    ]

    def loss(row: SampleChange) -> tuple[bool, float, str]:
        change = row.new - row.old
        return math.isnan(change), change, row.sample

    return sorted(changes, key=loss)


def _pixel_cost(sample: Json) -> float:
    costs = [c["size_sensitivity"] for c in sample["classes"] if c["size_sensitivity"] is not None]
    return mean_of(costs)


def _require_audit(which: str, content: Json) -> None:
    if not isinstance(content, Mapping) or not {"comparisons", "settings"} <= content.keys():
        raise DatasetError(
            "not-an-audit",
            f"the {which} file is no audit; write one with: mask-audit audit DATASET --json FILE.",
        )
    if content.get("schema_version") != SCHEMA_VERSION:
        raise DatasetError(
            "not-an-audit",
            f"the {which} audit has schema version {content.get('schema_version')}, this program "
            f"reads {SCHEMA_VERSION}; make the audit again with this version.",
        )
    if not content["comparisons"]:
        raise DatasetError("not-an-audit", f"the {which} audit compares nothing.")


def _same_names(old: Json, new: Json) -> tuple[Json, Json]:
    """The first comparison that both audits have, else the first of each."""
    later = {(row["reference"], row["candidate"]): row for row in new["comparisons"]}
    for row in old["comparisons"]:
        if (row["reference"], row["candidate"]) in later:
            return row, later[row["reference"], row["candidate"]]
    return old["comparisons"][0], new["comparisons"][0]


def _named(content: Json, which: str, reference: str | None, candidate: str | None) -> Json:
    """The first comparison with these names; None fits every name."""
    rows: Sequence[Json] = content["comparisons"]
    for row in rows:
        if reference in (None, row["reference"]) and candidate in (None, row["candidate"]):
            return row
    known = "; ".join(f"{row['candidate']} against {row['reference']}" for row in rows)
    raise DatasetError(
        "no-such-comparison",
        f"the {which} audit does not compare {candidate or 'anything'} against "
        f"{reference or 'anything'}; it has {known}.",
    )


def _samples(comparison: Json) -> dict[str, Json]:
    return {row["sample"]: row for row in comparison["samples"]}


def _comparable(old: Json, new: Json) -> tuple[list[str], list[str]]:
    """Scores that mean the same in both audits, and what was left out."""
    scores = ["mean", "dice", "boundary_iou", "nsd", "pq"]
    notes = []
    for name, changed in _MEANING.items():
        before, after = old["settings"].get(name), new["settings"].get(name)
        if before != after:
            lost = [score for score in changed if score in scores]
            scores = [score for score in scores if score not in changed]
            if lost:
                notes.append(
                    f"{name} was {before} and is {after}: {', '.join(lost)} cannot be compared"
                )
    return scores, notes


def _input_notes(
    old: Json, new: Json, first: Json, second: Json, shared: Sequence[str]
) -> list[str]:
    """Which masks are the same ones: without that a change has two possible causes."""
    changed = {
        role: sum(
            old["inputs"].get(name, {}).get(first[role])
            != new["inputs"].get(name, {}).get(second[role])
            for name in shared
        )
        for role in ("reference", "candidate")
    }
    notes = []
    if changed["reference"]:
        notes.append(
            f"the reference differs on {changed['reference']} of {len(shared)} samples: changes "
            "come from the labels as well as from the candidate"
        )
    if not any(changed.values()):
        notes.append("all masks are the same in both audits")
    return notes


def _groups(content: Json, shared: Sequence[str]) -> list[str] | None:
    groups = content["dataset"].get("groups")
    return None if not groups else [groups.get(name) or name for name in shared]
