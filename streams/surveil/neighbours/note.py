"""What sector owners say to each other about tracks without a name (``observations.v1``, kind ``neighbour``).

The words are those of `streams.tracks.sharing.messages`; here they get an envelope: whose plane their states lie in,
and the object ``track:<id>`` with its fixes, visits and open incidents, so that whoever follows the track next goes on
with them.
"""

import msgspec

from streams.tracks.sharing.messages import Message

TOPIC = "observations.v1"
EVER = 2**53  # a second that never comes: nothing more will be said


class Note(msgspec.Struct, array_like=True):
    """One message to one owner. Without ``message`` it only says how far its sender is."""

    to: int
    sender: int
    message: Message | None = None
    origin: tuple[float, float] = (0.0, 0.0)  # lon, lat degrees of the plane that states lie in
    held: bytes = b""  # streams.surveil.handoff.Carried
    through_s: int = -1  # the sender has taken its turn at this second of event time, and at all before it
