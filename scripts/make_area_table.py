"""Write ``kernels/area_table.py``: the marching-cubes triangles of every 2 × 2 × 2 corner code.

Run with scikit-image installed: ``python scripts/make_area_table.py``. The package itself only
needs the table, so surface areas do not depend on the installed scikit-image version.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
from skimage.measure import marching_cubes

TARGET = Path(__file__).parents[1] / "src/napari_mask_audit/kernels/area_table.py"
HEADER = '''"""Surface pieces of the 256 corner codes in 3D. See scripts/make_area_table.py.

Bit ``4·dz + 2·dy + dx`` of a code says whether the voxel at offset (dz, dy, dx) of a 2 × 2 × 2
block belongs to the object. ``PIECES[code]`` lists the triangles that marching cubes (Lorensen &
Cline 1987, doi:10.1145/37401.37422, at level 0.5) puts through that block, as
``(how many, a, b, c)``: the absolute components along z, y and x of the cross product of two
edges, in units of a quarter voxel face. With voxel spacing (sz, sy, sx) one such triangle has
the area ``½ · ¼ · √((a·sy·sx)² + (b·sz·sx)² + (c·sz·sy)²)``.
"""

# fmt: off
PIECES: tuple[tuple[tuple[int, int, int, int], ...], ...] = (
'''


def pieces(code: int) -> list[tuple[int, int, int, int]]:
    """Distinct triangles of one code with their multiplicity."""
    block = np.array([code >> bit & 1 for bit in range(8)], float).reshape(2, 2, 2)
    if block.min() == block.max():
        return []
    vertices, faces, _, _ = marching_cubes(block, 0.5, method="lorensen")
    halves = np.rint(2 * vertices).astype(int)
    assert np.allclose(halves, 2 * vertices, atol=1e-4), code
    first, second, third = halves[faces].transpose(1, 0, 2)
    normals = np.abs(np.cross(second - first, third - first))
    found = Counter(tuple(int(v) for v in n) for n in normals if n.any())
    return [(times, *normal) for normal, times in sorted(found.items())]


def main() -> None:
    """Write the module."""
    lines = []
    for code in range(256):
        inner = ", ".join(str(piece) for piece in pieces(code))
        lines.append(f"    ({inner}{',' if inner else ''}),\n")
    TARGET.write_text(HEADER + "".join(lines) + ")\n# fmt: on\n", encoding="utf-8")


if __name__ == "__main__":
    main()
