"""One track across owners: what `streams.tracks.sharing` agrees on, bound to the log between sector owners."""

from streams.surveil.neighbours.note import EVER, Note
from streams.surveil.neighbours.sharing import Sharing

__all__ = ["EVER", "Note", "Sharing"]
