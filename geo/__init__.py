"""Where things are: zones, containment, borders with sides, crossings, distance, sectors. numpy in, numpy out."""

from geo.zone_index import ZoneIndex

__all__ = ["ZoneIndex"]
