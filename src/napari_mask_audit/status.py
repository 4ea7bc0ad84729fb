"""Why a value is what it is: undefined is not zero.

Every score carries one of these words, so that an empty class is never averaged in as 0 or 1 and
a missed object is never dropped from a mean. The rules are in ``docs/metrics/conventions.md``.
"""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """State of the two regions a score compares."""

    OK = "ok"
    BOTH_EMPTY = "both_empty"
    REFERENCE_EMPTY = "reference_empty"
    CANDIDATE_EMPTY = "candidate_empty"
    ALL_IGNORED = "all_ignored"
    NOT_APPLICABLE = "not_applicable"

    @classmethod
    def of(cls, reference_pixels: int, candidate_pixels: int, valid_pixels: int) -> Status:
        """Status of a class from its pixel counts.

        Examples
        --------
        >>> Status.of(10, 0, 100).value
        'candidate_empty'
        """
        if valid_pixels == 0:
            return cls.ALL_IGNORED
        if reference_pixels == 0 and candidate_pixels == 0:
            return cls.BOTH_EMPTY
        if reference_pixels == 0:
            return cls.REFERENCE_EMPTY
        if candidate_pixels == 0:
            return cls.CANDIDATE_EMPTY
        return cls.OK
