"""Sensors that find objects by themselves: radars, cameras, ground sensors, video of drones."""
