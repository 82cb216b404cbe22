"""Surveil: observations of a sector in, edges of incidents out. Pure; one :class:`SurveilCore` per owner."""

from streams.surveil.core import SurveilCore

__all__ = ["SurveilCore"]
