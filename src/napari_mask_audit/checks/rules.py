"""The catalogue of lint rules: code, name, severity, and which are switched on.

A code never changes its meaning. ``docs/lint.md`` has a heading for every rule, and a test
compares both lists.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from ..errors import SettingsError


class Severity(StrEnum):
    """How much a finding matters.

    ``ERROR``: numbers about this mask are wrong or impossible. ``WARNING``: the mask has a flaw
    that a person would correct. ``INFO``: unusual, worth a look.
    """

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)

    def reaches(self, level: Severity) -> bool:
        """Whether this is at least as bad as ``level``."""
        return self.rank <= level.rank


@dataclass(frozen=True)
class Rule:
    """One lint rule.

    Attributes
    ----------
    code : str
        ``MA`` and three digits; the first digit is the subject.
    name : str
        Short name in lower case with hyphens; part of the docs heading.
    severity : Severity
        Of its findings.
    summary : str
        What it finds.
    fixable : bool
        Whether :func:`~napari_mask_audit.checks.fix` corrects it in a copy.
    default : bool
        Whether it runs without being selected.
    """

    code: str
    name: str
    severity: Severity
    summary: str
    fixable: bool = False
    default: bool = True

    @property
    def doc(self) -> str:
        """The heading in the docs that explains the rule."""
        return f"docs/lint.md#{self.code.lower()}-{self.name}"


_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO

#: All rules by code: 1 files, 2 values, 3 regions, 4 outlines, 5 objects, 6 slices, 7 pairs.
RULES: dict[str, Rule] = {
    rule.code: rule
    for rule in (
        Rule("MA101", "unreadable", _E, "the file cannot be read as a mask"),
        Rule("MA102", "size-differs", _E, "mask and image (or two masks) differ in size"),
        Rule("MA103", "colour-mask", _E, "the mask is a colour picture", fixable=True),
        Rule("MA104", "probability-mask", _E, "the mask holds probabilities or fractions"),
        Rule("MA105", "lossy-format", _E, "the mask is stored with lossy compression"),
        Rule("MA106", "missing-partner", _W, "a source has no mask of this sample"),
        Rule("MA107", "left-out-file", _W, "a file in the mask folders is not used"),
        Rule("MA108", "missing-image", _I, "a sample has no image while others have one"),
        Rule("MA109", "stored-as-float", _I, "whole ids that are stored as floating-point numbers"),
        Rule("MA110", "grid-differs", _W, "files of one sample lie at different places in space"),
        Rule("MA111", "stacked-mask", _E, "a pile of one mask per class or object, not one mask"),
        Rule("MA201", "unknown-class", _E, "ids that dataset.toml does not declare"),
        Rule("MA202", "in-between-ids", _E, "ids made by resampling, smoothing or JPEG"),
        Rule("MA203", "mixed-binary", _E, "255 and 1 both stand for the object", fixable=True),
        Rule("MA204", "empty-mask", _W, "nothing is labelled while another source labels it"),
        Rule("MA205", "one-label", _W, "the whole mask is one single class"),
        Rule("MA301", "speck", _W, "stray regions of a few pixels", fixable=True),
        Rule("MA302", "hole", _W, "pinholes in a region", fixable=True),
        Rule("MA303", "sliver", _W, "strips a pixel or two wide"),
        Rule("MA304", "border-gap", _W, "a region stops just short of the picture's edge"),
        Rule("MA305", "area-outlier", _I, "far larger or smaller than its class usually is"),
        Rule("MA401", "jagged-outline", _W, "teeth or blocks along the outlines"),
        Rule("MA402", "polygonal-outline", _I, "far fewer corners than its class usually has"),
        Rule("MA403", "straight-cut", _W, "a region is cut off along a straight line"),
        Rule("MA501", "fragments", _W, "one object id on several separate pieces"),
        Rule("MA502", "merged-objects", _W, "touching objects share one id"),
        Rule("MA503", "overlapping-ids", _W, "an object lies inside another one"),
        Rule("MA601", "skipped-slice", _W, "an object is absent in a slice between two others"),
        Rule("MA701", "duplicate-mask", _W, "one mask for different samples"),
        Rule("MA702", "duplicate-image", _W, "the same image under different names"),
        Rule("MA703", "copied-source", _W, "two sources hold identical masks everywhere"),
        Rule("MA704", "similar-image", _W, "nearly the same image under different names"),
    )
}


def choose_rules(select: Iterable[str] | None = None, ignore: Iterable[str] = ()) -> frozenset[str]:
    """Codes of the rules to run.

    Parameters
    ----------
    select : iterable of str, optional
        Codes, beginnings of codes (``MA3``), names, or ``ALL``; the default rules without it.
    ignore : iterable of str
        The same, to leave out.

    Raises
    ------
    SettingsError
        ``unknown-rule``.

    Examples
    --------
    >>> sorted(choose_rules(["MA7"], ["copied-source"]))
    ['MA701', 'MA702', 'MA704']
    """
    if select is None:
        chosen = {code for code, rule in RULES.items() if rule.default}
    else:
        chosen = {code for word in select for code in _matching(word)}
    return frozenset(chosen - {code for word in ignore for code in _matching(word)})


def _matching(word: str) -> set[str]:
    plain = word.strip()
    if plain.upper() == "ALL":
        return set(RULES)
    found = {
        code
        for code, rule in RULES.items()
        if plain and (code.startswith(plain.upper()) or rule.name == plain.lower())
    }
    if not found:
        raise SettingsError(
            "unknown-rule",
            f"there is no lint rule {word!r}; give a code such as MA301, its beginning such as "
            "MA3, or a name such as speck.",
        )
    return found
