"""A folder of masks as a dataset: samples, sources and what the masks mean.

Opening a dataset looks at file names and at a few masks; pixels are read one sample at a time.
"""

from .model import ClassInfo, Dataset, Role, Sample, Source
from .opening import open_dataset, open_pair
from .proposal import Proposal, write_manifest
from .proposing import propose

__all__ = [
    "ClassInfo",
    "Dataset",
    "Proposal",
    "Role",
    "Sample",
    "Source",
    "open_dataset",
    "open_pair",
    "propose",
    "write_manifest",
]
