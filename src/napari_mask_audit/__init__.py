"""Quality control for segmentation masks: where masks disagree, by how much, and what to fix.

>>> import napari_mask_audit as ma
>>> ma.compare([[0, 1]], [[0, 1]]).mean_iou
1.0
"""

from .audit import Audit, audit, package_version
from .comparison import Comparison
from .dataset import Dataset
from .errors import AuditError, Problem
from .masks import Mask
from .scores import ClassScores, PairScores
from .settings import Settings
from .status import Status
from .two_masks import compare

__version__ = package_version()
__all__ = [
    "Audit",
    "AuditError",
    "ClassScores",
    "Comparison",
    "Dataset",
    "Mask",
    "PairScores",
    "Problem",
    "Settings",
    "Status",
    "audit",
    "compare",
]
