"""Tracks: one object, one track. A pure multi-target tracker over plots of several sensors."""
