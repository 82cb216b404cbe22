"""What a table calls an object: columns ``mmsi``, ``track_id``, ``vessel_id`` and ``name`` to an identity."""

import re

from sensors.observation import Identity

_MAX_TEXT = 128
_DIGITS = re.compile(r"[0-9]{1,9}")
# ship, SART, MOB, EPIRB, craft of a ship, aid to navigation, SAR aircraft (ITU-R M.585-9)
_MMSI_FORM = re.compile(r"(?:[2-7][0-9]{8}|97[024][0-9]{6}|9[89][0-9]{7}|111[0-9]{6})")


def is_mmsi(text: str) -> bool:
    """Whether a track id has the form of an MMSI of something that moves or of an aid to navigation.

    >>> is_mmsi("338214987"), is_mmsi("100000000")
    (True, False)
    """
    return _MMSI_FORM.fullmatch(text) is not None


def read_names(mmsi: str, track_id: str, vessel_id: str, name: str) -> Identity | str | None:
    """The identity of a row; None where nothing names it, or the text ``field: expected …`` of what is wrong.

    A ``track_id`` of the form of an MMSI is one where there is no ``mmsi`` beside it, because that is how files of
    AIS positions write it. MMSI 0 is "not set"."""
    mmsi, track_id, vessel_id, name = mmsi.strip(), track_id.strip(), vessel_id.strip(), name.strip()
    for field, text in (("track_id", track_id), ("vessel_id", vessel_id), ("name", name)):
        if len(text) > _MAX_TEXT:
            return f"{field}: expected at most {_MAX_TEXT} characters"
    if mmsi and not _DIGITS.fullmatch(mmsi):
        return "mmsi: expected up to 9 digits"
    if not mmsi and is_mmsi(track_id):
        mmsi, track_id = track_id, ""
    number = int(mmsi or "0") or None
    if not (number or track_id or vessel_id or name):
        return None
    return Identity(mmsi=number, vessel_id=vessel_id or None, track_id=track_id or None, name=name or None)
