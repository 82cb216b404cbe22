"""What the engine is told, and the combinations it refuses. Sources of the defaults: ``docs/reference/engine.md``."""

import re

import msgspec

from streams.connection import ClientOptions, client_options, servers_of

_INSTANCE = re.compile(r"[A-Za-z0-9._-]{1,64}")


class BadEngineSettings(ValueError):
    """Settings under which the engine would hang or lose something; the message names the setting."""


class EngineSettings(msgspec.Struct, frozen=True, kw_only=True):
    """One worker's connection, timeouts and sizes. Times are seconds."""

    broker: str  # host:port, several separated by commas
    instance: str  # unique among all workers alive; static member id, and writer of the snapshots
    group: str = "vedette"  # a stage's consumer group is <group>-<stage>
    static_member: bool = True  # a restart in place keeps its partitions without a rebalance

    session_timeout_s: float = 6.0  # the broker's default floor: a worker lost with its host is replaced after this
    heartbeat_s: float = 0.5  # how soon the others learn that partitions are free
    rebalance_timeout_s: float = 30.0
    request_timeout_s: float = 30.0
    max_poll_interval_s: float = 120.0
    commit_every_s: float = 1.0
    stream_wait_empty: bool = True  # must stay so: False loses the batch in hand on SIGTERM

    batch_records: int = 1000  # records in one Faust event
    batch_bytes: int = 4 * 1024 * 1024  # … and bytes of their values
    buffered_batches: int = 8
    in_flight_batches: int = 16  # batches whose outputs are sent and not yet confirmed
    fetch_wait_s: float = 0.05
    fetch_min_bytes: int = 1
    fetch_partition_bytes: int = 4 * 1024 * 1024
    compression: str | None = None  # lz4 pays over a WAN; on a local network it doubles the producer's CPU

    tick_every_s: float = 1.0
    quiet_s: float = 0.05  # at the end of the log for this long: idle
    snapshot_every_s: float = 5.0
    snapshot_chunk_bytes: int = 512 * 1024
    health_every_s: float = 1.0
    snapshot_topic: str = "snapshots.v1"
    health_topic: str = "health.v1"
    holes_topic: str = "holes.v1"

    retry_after_s: float = 0.2  # after a fault of ours; doubled each time
    retries: int = 2  # before the record is isolated and buried

    assignment_patience_s: float = 60.0
    stall_s: float = 30.0
    drain_s: float = 20.0  # how long a rebalance waits for outputs to be confirmed

    metrics_port: int = 0  # 0 is off
    metrics_host: str = "127.0.0.1"
    lock_directory: str | None = None  # None: the system's temporary directory

    @property
    def servers(self) -> list[str]:
        """The brokers as a list of ``host:port``."""
        return servers_of(self.broker)

    @property
    def client(self) -> ClientOptions:
        """What every Kafka client of this worker is given: the brokers, and how to be let in."""
        return client_options(self.broker)

    def group_of(self, stage: str) -> str:
        """The consumer group of a stage."""
        return f"{self.group}-{stage}"


def check(settings: EngineSettings, broker_session_floor_s: float | None = None) -> None:
    """Raise :class:`BadEngineSettings` for settings that make Faust hang or lose; the floor is the broker's
    ``group.min.session.timeout.ms`` where it could be read."""
    if not settings.servers:
        raise BadEngineSettings("broker: expected host:port")
    if not _INSTANCE.fullmatch(settings.instance):
        raise BadEngineSettings("instance: expected 1 to 64 of A-Z a-z 0-9 . _ -")
    if not settings.stream_wait_empty:
        raise BadEngineSettings("stream_wait_empty: must be true; otherwise SIGTERM acknowledges a batch not processed")
    if settings.session_timeout_s > settings.request_timeout_s:
        raise BadEngineSettings("session_timeout_s: must not exceed request_timeout_s")
    if settings.heartbeat_s * 3 > settings.session_timeout_s:
        raise BadEngineSettings("heartbeat_s: must be at most a third of session_timeout_s")
    if broker_session_floor_s is not None and settings.session_timeout_s < broker_session_floor_s:
        raise BadEngineSettings(
            f"session_timeout_s: {settings.session_timeout_s} is below the broker's floor of {broker_session_floor_s}; "
            "the group could never be joined"
        )
    if not 1 <= settings.buffered_batches <= 8:
        raise BadEngineSettings("buffered_batches: expected 1 to 8; each is a whole batch of records")
    if not 1 <= settings.in_flight_batches <= 64:
        raise BadEngineSettings("in_flight_batches: expected 1 to 64")
    if settings.tick_every_s > 1.0:
        raise BadEngineSettings("tick_every_s: must be at most 1; owners take a silent source for a stalled one")
