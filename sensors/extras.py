"""The rarer fields of an observation, kept beside the columns as one short msgpack per row that has any."""

import msgspec

from sensors.observation import Attachment, Bearing, Classification, Distress, Observation, TrackReport


class Extras(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Fields that have no column. Names, types and units are those of :class:`~sensors.observation.Observation`."""

    bearing: Bearing | None = None
    zone_id: str | None = None
    covariance_m2: tuple[float, float, float] | None = None
    altitude_m: float | None = None
    classification: tuple[Classification, ...] = ()
    signal: dict[str, float] | None = None
    attachments: tuple[Attachment, ...] = ()
    distress: Distress | None = None
    track: TrackReport | None = None


# dictionaries in the order of their keys: the bytes are part of the observation's id
_encode = msgspec.msgpack.Encoder(order="deterministic").encode
_decoder = msgspec.msgpack.Decoder(Extras)


def encode_extras(extras: Extras) -> bytes:
    """The canonical bytes: equal extras give equal bytes."""
    return _encode(extras)


def decode_extras(packed: bytes) -> Extras:
    """The rarer fields of a row; raises msgspec.MsgspecError where the bytes are not such."""
    return _decoder.decode(packed)


def extras_of(event: Observation) -> bytes | None:
    """The canonical bytes of an observation's rarer fields, None where it has none."""
    if (
        event.altitude_m is None
        and event.bearing is None
        and event.zone_id is None
        and event.distress is None
        and event.covariance_m2 is None
        and event.signal is None
        and event.track is None
        and not event.classification
        and not event.attachments
    ):
        return None
    return _encode(
        Extras(
            event.bearing,
            event.zone_id,
            event.covariance_m2,
            event.altitude_m,
            event.classification,
            event.signal,
            event.attachments,
            event.distress,
            event.track,
        )
    )
