"""What a snapshot holds of the other sensors. New fields go to the end, with a default: older snapshots load."""

import msgspec

from streams.surveil.plots.told import Told, Trace


class Aim(msgspec.Struct, array_like=True, frozen=True):
    """A bearing that no track explains, waiting for another camera's: seconds after the epoch, radians."""

    time_s: float
    camera: int
    azimuth_rad: float
    sigma_rad: float


class Foreign(msgspec.Struct, array_like=True):
    """A track of another tracker: the track of ours that it is (0: not known yet), and how near it has been to those
    it may be, over the last looks, newest first."""

    track: int = 0
    heard_s: float = 0.0
    near: dict[int, tuple[bool, ...]] = {}


class OthersState(msgspec.Struct, array_like=True):
    """``aims`` by time; ``contacts`` of :mod:`streams.tracks.sensors.ground`, and ``traces`` of their triggers;
    ``foreign`` by sensor and reference; ``past`` of tracks that were not told yet, by track."""

    aims: list[Aim] = []
    contacts: bytes = b""
    traces: dict[int, Trace] = {}
    foreign: dict[str, Foreign] = {}
    past: dict[int, list[Told]] = {}
    faded_s: float = -1.0
    walks: dict[int, list[tuple[int, str, float]]] = {}  # the triggers of tracks that rest on triggers alone
