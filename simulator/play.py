"""A world into files or into Kafka: events at the pace asked for, truth beside them and never among them."""

import heapq
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import msgspec

from sensors.raw import HISTORICAL
from simulator.reception import Report
from simulator.sensing.lookout import Sighting
from simulator.wire import Wire
from simulator.world import Moment
from streams.config import Feed
from streams.partitioning import stable_partition
from streams.publisher.publish import send_ends
from streams.publisher.sender import Headers, Sender
from streams.publisher.speed import Pace

_encode = msgspec.json.Encoder().encode


class Played(NamedTuple):
    """What was played; ``reports`` are AIS reports and sightings.

    ``failed`` events were not confirmed by the broker; ``complete`` unless it was stopped."""

    reports: int
    events: int
    truths: int
    failed: int
    complete: bool


def play(
    moments: Iterable[Moment],
    wire: Wire,
    write_event: Callable[[str, bytes], None],
    write_truth: Callable[[bytes], None],
    pace: Pace,
    *,
    progress: Callable[[int], None] = lambda _: None,
) -> Played:
    """Hand every event (with its sensor) and every truth (JSON) on when ``pace`` says that it is due."""
    reports = events = truths = 0
    for moment in moments:
        both: Iterator[Report | Sighting] = heapq.merge(moment.reports, moment.sightings)
        for arrived in both:
            if not pace.wait(arrived.arrival_us):
                return Played(reports, events, truths, 0, complete=False)
            records = wire.encode(arrived) if isinstance(arrived, Report) else wire.encode_sighting(arrived)
            for record in records:
                write_event(arrived.sensor_id, record)
                events += 1
            reports += 1
        for truth in moment.truths:
            write_truth(_encode(truth))
            truths += 1
        if not pace.wait(moment.time_us):
            return Played(reports, events, truths, 0, complete=False)
        progress(events)
    return Played(reports, events, truths, 0, complete=True)


def play_into_kafka(
    moments: Iterable[Moment],
    wire: Wire,
    bootstrap: str,
    feed: Feed,
    *,
    live: bool,
    speed: float | None = 1.0,
    end: bool = True,
    stop: threading.Event | None = None,
    write_truth: Callable[[bytes], None] = lambda _: None,
    progress: Callable[[int], None] = lambda _: None,
) -> Played:
    """Publish a world to the raw topic of ``feed``, keyed and partitioned by sensor, with an end of input after it.

    Unless ``live`` its events are marked as historical. Raises kafka.errors.KafkaError where no broker answers, and
    TopicMissing."""
    headers: Headers = [] if live else [(HISTORICAL, b"1")]
    topic = feed.topic
    with Sender(bootstrap, client_id="vedette-simulate") as sender:
        partitions = sender.partitions(topic)
        places: dict[str, tuple[int, bytes]] = {}

        def write_event(sensor_id: str, record: bytes) -> None:
            place = places.get(sensor_id)
            if place is None:
                place = places[sensor_id] = stable_partition(sensor_id, partitions), sensor_id.encode()
            sender.send(topic, *place, record, headers)

        pace = Pace(speed, stop or threading.Event())
        played = play(moments, wire, write_event, write_truth, pace, progress=progress)
        sender.flush()
        if end and played.complete and not sender.failed:
            send_ends(sender, {topic: partitions})
        return played._replace(failed=sender.failed)
