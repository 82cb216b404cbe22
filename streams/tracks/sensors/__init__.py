"""What bears on tracks and is no plot: bearings, two cameras, ground sensors, other trackers' tracks, altitudes."""
