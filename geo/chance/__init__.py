"""Crossing under uncertainty: how likely something is inside, has crossed, or will cross, and the words for it."""

from geo.chance.ahead import Ahead, nearby, on_course
from geo.chance.crossed import Crossed, crossed, shared, wander_m2
from geo.chance.inside import covariance_of, inside, with_border
from geo.chance.labels import Label, label_of
from geo.chance.predicted import HORIZONS_S, MOVERS, Approach, Eta, Motion, Mover, approach, eta, motion_of, predicted
from geo.chance.reliability import Bin, brier, table
from geo.chance.rim import Rim

__all__ = [
    "HORIZONS_S",
    "MOVERS",
    "Ahead",
    "Approach",
    "Bin",
    "Crossed",
    "Eta",
    "Label",
    "Motion",
    "Mover",
    "Rim",
    "approach",
    "brier",
    "covariance_of",
    "crossed",
    "eta",
    "inside",
    "label_of",
    "motion_of",
    "nearby",
    "on_course",
    "predicted",
    "shared",
    "table",
    "wander_m2",
    "with_border",
]
