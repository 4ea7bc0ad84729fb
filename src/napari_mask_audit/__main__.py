"""``python -m napari_mask_audit`` is ``mask-audit``."""

from .cli import main

main()
