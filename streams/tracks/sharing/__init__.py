"""Who owns a track without identity, and how it changes hands between the owners of sectors."""
