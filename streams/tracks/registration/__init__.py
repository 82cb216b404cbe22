"""A radar's errors of range, azimuth and time against AIS: found by vote, refined recursively."""
