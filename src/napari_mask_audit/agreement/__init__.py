"""Annotators compared: pairs, groups, consensus, profiles, the human ceiling, model or labels.

>>> from napari_mask_audit.agreement import consensus_of_masks
>>> import numpy as np
>>> masks = [np.array([[0, 1, 1]]), np.array([[0, 1, 0]]), np.array([[0, 0, 1]])]
>>> consensus_of_masks([mask.astype(np.uint8) for mask in masks]).labels.tolist()
[[0, 1, 1]]
"""

from .analysis import Agreement, agree, assemble
from .ceiling import Ceiling, Curve
from .conflicts import Conflict
from .consensus import METHODS, REGIONS, Consensus, consensus_of_votes
from .consensus_mask import ConsensusMask, consensus_of_masks
from .contests import Contest
from .drift import Drift
from .duplicates import Duplicate
from .matrix import MatrixSummary, ReferenceSummary
from .observation import observe
from .observed import Observation
from .pairwise import PairAgreement
from .profile import AnnotatorProfile
from .regions import Blame, ErrorRegion, Place
from .reliability import (
    Reliability,
    cohen_kappa,
    fleiss_kappa,
    gwet_ac1,
    krippendorff_alpha,
    reliability_of,
)
from .triage import Triage
from .votes import VoteTable
from .writing import WrittenConsensus, write_consensus

__all__ = [
    "METHODS",
    "REGIONS",
    "Agreement",
    "AnnotatorProfile",
    "Blame",
    "Ceiling",
    "Conflict",
    "Consensus",
    "ConsensusMask",
    "Contest",
    "Curve",
    "Drift",
    "Duplicate",
    "ErrorRegion",
    "MatrixSummary",
    "Observation",
    "PairAgreement",
    "Place",
    "ReferenceSummary",
    "Reliability",
    "Triage",
    "VoteTable",
    "WrittenConsensus",
    "agree",
    "assemble",
    "cohen_kappa",
    "consensus_of_masks",
    "consensus_of_votes",
    "fleiss_kappa",
    "gwet_ac1",
    "krippendorff_alpha",
    "observe",
    "reliability_of",
    "write_consensus",
]
