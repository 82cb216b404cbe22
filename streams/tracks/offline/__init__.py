"""The tracker over files: readers of plots, sensor descriptions, and the frames a file is cut into."""
