"""Writing to the public topics: recordings, zones, units; the pattern a vendor would copy is ``sender``."""

from streams.publisher.publish import PublishReport, publish
from streams.publisher.sender import Sender, TopicMissing
from streams.publisher.speed import Pace, parse_speed
from streams.publisher.zones import publish_units, publish_zones

__all__ = [
    "Pace",
    "PublishReport",
    "Sender",
    "TopicMissing",
    "parse_speed",
    "publish",
    "publish_units",
    "publish_zones",
]
