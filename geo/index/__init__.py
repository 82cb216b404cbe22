"""The index over all borders: exact sets of zones, crossings and distances. Its face is ``geo.ZoneIndex``."""
