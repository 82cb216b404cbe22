"""The main job: a broker, workers, a source of events, and what came of them."""

from streams.up.run import Source, run

__all__ = ["Source", "run"]
