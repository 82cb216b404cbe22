"""Sensors that report no plots: cameras, ground sensors, other trackers."""

from streams.surveil.others.others import OtherSensors, others_of

__all__ = ["OtherSensors", "others_of"]
