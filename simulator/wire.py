"""The wire formats a world can speak."""

from enum import StrEnum
from typing import Protocol

from simulator.json_wire import JsonWire
from simulator.nmea_wire import NmeaWire
from simulator.reception import Report
from simulator.sensing.lookout import Sighting


class WireFormat(StrEnum):
    """As in ``streams.config.Format``, as far as the simulator writes them."""

    JSON = "json"
    NMEA = "nmea"


class Wire(Protocol):
    """Turns reports into the records of a receiver's feed."""

    def encode(self, report: Report) -> list[bytes]:
        """The records of one report, in order."""
        ...

    def encode_sighting(self, sighting: Sighting) -> list[bytes]:
        """The records of one measurement; none where the format has no word for it."""
        ...


def make_wire(form: WireFormat) -> Wire:
    """A fresh encoder."""
    return JsonWire() if form is WireFormat.JSON else NmeaWire()
