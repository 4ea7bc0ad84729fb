"""The numpy backend: every kernel under the name the package calls it by."""

from __future__ import annotations

from .vectorised import boundary_bands, count_bands, count_rims, count_tuples
from .vectorised_surfaces import measure_surfaces

__all__ = ["boundary_bands", "count_bands", "count_rims", "count_tuples", "measure_surfaces"]
