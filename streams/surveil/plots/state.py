"""What a snapshot holds of an owner's plots. New fields go to the end, with a default: older snapshots load."""

import msgspec


class PlotsState(msgspec.Struct, array_like=True):
    """``origin`` lon, lat degrees and ``epoch_us`` are those of the first plot's sector and time."""

    origin: tuple[float, float] | None = None
    epoch_us: int = 0
    tracker: bytes = b""
    told_s: dict[int, float] = {}  # track -> when it was last told, seconds after the epoch
    turned_s: int = -1  # the last whole second after the epoch that had its turn
    others: bytes = b""  # of the sensors that are no plots
    neighbours: bytes = b""  # what is agreed with other owners
