"""Maps for people: of zones, and of one alert with its track; as a web page of its own or as a picture.

What is drawn is a :class:`Scene`, made by :func:`scene_of_zones` or :func:`scene_of_alert`; :func:`page` renders it to
HTML that needs nothing but itself, and :mod:`streams.console.map.picture` to PNG or SVG (kept apart: matplotlib takes
half a second to load).
"""

from streams.console.map.alert import scene_of_alert
from streams.console.map.page import page
from streams.console.map.scene import Scene
from streams.console.map.sightings import Sighting
from streams.console.map.zones import scene_of_zones

__all__ = ["Scene", "Sighting", "page", "scene_of_alert", "scene_of_zones"]
