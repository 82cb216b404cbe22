"""Plots of sensors that say no name, and everything that is made of them: tracks, who they are, what is told."""

from streams.surveil.plots.plots import Plots
from streams.surveil.plots.state import PlotsState

__all__ = ["Plots", "PlotsState"]
