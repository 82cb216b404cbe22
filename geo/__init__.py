"""Where things are: zones, containment, borders with sides, crossings, distance, sectors. numpy in, numpy out.

What is only likely so is in :mod:`geo.chance`."""

from geo import chance
from geo.zone_index import NearestBorder, ZoneIndex

__all__ = ["NearestBorder", "ZoneIndex", "chance"]
