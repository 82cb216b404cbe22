"""Where things are: zones, containment, borders with sides, crossings, distance, sectors. numpy in, numpy out.

What is only likely so is in :mod:`geo.chance`."""

from geo.zone_index import ZoneIndex

__all__ = ["ZoneIndex"]
