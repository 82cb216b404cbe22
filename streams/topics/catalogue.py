"""The topics of a deployment, each with its key, owner, partitions, retention, schema, writers and readers.

Partition counts come from the configuration and change only by stop, drain, restart: a record's partition is its
owner. A topic that a stage reads in order is never compacted, because its offsets must stay without holes; the side
inputs and the snapshots are read whole and may be.
"""

from enum import StrEnum
from typing import Final

import msgspec

from streams import dead_letters, holes
from streams.config import Settings

_DAY_S: Final = 86_400
# Ship positions are kept 7 days, or 2 months where a vessel is followed (EU 1052/2013, Art. 13); alerts by case.
SHORT_S: Final = 7 * _DAY_S
CASE_S: Final = 60 * _DAY_S
# A replaced worker's lower version must not make compaction take the highest before the owner has read both back.
MENDED_WITHIN_S: Final = _DAY_S
SNAPSHOT_PARTITIONS: Final = 8
SNAPSHOT_SEGMENT_BYTES: Final = 64 << 20  # only closed segments are compacted: a state of 8 MB fills one in 40 s


class Cleanup(StrEnum):
    """What Kafka removes: what is old, what a newer record of the same key replaces, or both."""

    DELETE = "delete"
    COMPACT = "compact"
    BOTH = "compact,delete"


class Visibility(StrEnum):
    """Public topics carry JSON and CloudEvents headers for any client; internal ones are binary and ours alone."""

    PUBLIC = "public"
    INTERNAL = "internal"


class Topic(msgspec.Struct, frozen=True):
    """One topic. ``key`` is an identity, ``owner`` is what a partition stands for; ``retention_s`` None is for ever."""

    name: str
    key: str
    owner: str
    partitions: int
    cleanup: Cleanup
    retention_s: int | None
    schema: str
    writers: tuple[str, ...]
    readers: tuple[str, ...]
    visibility: Visibility = Visibility.PUBLIC
    segment_bytes: int | None = None  # None: the broker's own, 1 GiB
    uncompacted_s: int = 0  # a record stays at least so long after a newer one of its key was written

    def config(self) -> dict[str, str]:
        """The topic's configuration in Kafka's words.

        Kafka removes and compacts whole closed segments only; without a bound on their age a topic of 7 days would
        hold 14, and a quiet compacted topic would never be compacted.
        """
        segment_s = min(_DAY_S, (self.retention_s or SHORT_S) // 7)
        sizes = {} if self.segment_bytes is None else {"segment.bytes": str(self.segment_bytes)}
        lag = {"min.compaction.lag.ms": str(self.uncompacted_s * 1000)} if self.uncompacted_s else {}
        return {
            **sizes,
            **lag,
            "cleanup.policy": self.cleanup.value,
            "retention.ms": str(-1 if self.retention_s is None else self.retention_s * 1000),
            "segment.ms": str(segment_s * 1000),
            # Lateness and patience are judged by the broker's time, which no client can set.
            "message.timestamp.type": "LogAppendTime",
        }


def catalogue(settings: Settings) -> tuple[Topic, ...]:
    """Every topic of a configuration, in the order of the stream."""
    owners = settings.owners.partitions
    delete, compact, both = Cleanup
    hidden = Visibility.INTERNAL
    every, people, all_read = ("every stage",), ("console", "vedette"), ("console", "any client")
    loads = ("ingest", "surveil")
    # fmt: off
    return (
        *(
            Topic(feed.topic, "sensor_id", "sensor", feed.partitions, delete, SHORT_S,
                  f"vedette.raw.{feed.format}.v1", (f"vendor {feed.vendor}",), ("ingest",))
            for feed in settings.feeds
        ),
        # Versioned configuration: small, read whole by every worker; a version is never replaced by another.
        *(
            Topic(f"{what}.v1", "version", "all", 1, compact, None, f"vedette.{what}.v1", ("supervisor",), loads)
            for what in ("zones", "rules", "sensors", "clearances")
        ),
        Topic(holes.TOPIC, "source/from-to", "all", 1, compact, None, holes.SCHEMA, ("supervisor",), every),
        # What the owners read: one topic each; a gateway copies into it what people and units say.
        Topic("observations.v1", "none", "sector", owners, delete, SHORT_S,
              "vedette.frame.v1", ("ingest", "surveil", "gateway"), ("surveil",), hidden),
        Topic("detections.v1", "none", "area", owners, delete, SHORT_S,
              "vedette.edges.v1", ("surveil", "gateway"), ("alert",), hidden),
        Topic("dispatches.v1", "none", "area", owners, delete, SHORT_S,
              "vedette.requests.v1", ("alert", "gateway"), ("dispatch",), hidden),
        Topic("commands.v1", "target_id", "all", 1, delete, CASE_S, "vedette.command.v1", people, ("gateway",)),
        Topic("units.v1", "unit_id", "all", 1, delete, SHORT_S,
              "vedette.unit.v1", ("console", "unit"), ("gateway", "console")),
        # What anybody may follow.
        Topic("tracks.v1", "track_id", "sector", owners, both, CASE_S, "vedette.track.v1", ("surveil",), all_read),
        Topic("alerts.v1", "alert_id", "area", owners, compact, None,
              "vedette.alert.v1", ("alert",), ("share", *all_read), uncompacted_s=MENDED_WITHIN_S),
        Topic("tasks.v1", "task_id", "area", owners, compact, None, "vedette.task.v1", ("dispatch",), all_read,
              uncompacted_s=MENDED_WITHIN_S),
        Topic("notifications.v1", "task_id", "area", owners, delete, CASE_S,
              "vedette.notification.v1", ("dispatch",), ("delivery", "console")),
        *(
            Topic(f"share.{partner}.v1", "alert_id", "all", 1, delete, CASE_S,
                  "vedette.shared-alert.v1", ("share",), (f"partner {partner}",))
            for partner in settings.partners
        ),
        # What the system says of itself.
        Topic("health.v1", "stage/topic/partition", "all", 1, both, SHORT_S, "vedette.health.v1", every, all_read),
        Topic(dead_letters.TOPIC, "topic/partition/offset/item", "hash", dead_letters.PARTITIONS, both, SHORT_S,
              dead_letters.SCHEMA, every, ("vendor", "platform engineer")),
        Topic("snapshots.v1", "[group:]stage/topic/partition/writer/slot/chunk", "hash", SNAPSHOT_PARTITIONS, compact,
              None, "vedette.snapshot.v1", every, every, hidden, SNAPSHOT_SEGMENT_BYTES),
    )
    # fmt: on
