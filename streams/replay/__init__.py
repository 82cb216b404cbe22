"""The same core over files, without a broker: what is alerted here is what would have been alerted live."""

from streams.replay.run import Replay, replay

__all__ = ["Replay", "replay"]
