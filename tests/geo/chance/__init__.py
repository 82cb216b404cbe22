"""Crossing under uncertainty."""
