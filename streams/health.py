"""What a stage says about each of its partitions once a second, and a last time when it stops. Information only."""

import msgspec


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """One record of ``health.v1``, JSON, keyed ``stage/topic/partition``. No identifiers, no coordinates."""

    stage: str
    instance: str
    topic: str
    partition: int
    offset: int  # the last input offset applied; -1 for none
    end_offset: int | None  # end of the log as the last fetch told it
    lag: int | None  # records not yet applied
    counts: dict[str, int]  # the ledger
    gauges: dict[str, float]
    snapshot_age_s: float | None  # since the last snapshot was confirmed by this worker
    rates: dict[str, float]  # records and batches per second since the last record of this kind
    state: str
    at: float  # seconds since 1970 UTC
    idle: bool = False
    repeats: int = 0  # input records skipped because they were in the state
    restarts: int = 0  # times the state was taken back after a fault of ours
    buried: int = 0  # records dead-lettered because of a fault of ours
    holes: int = 0  # offsets the log no longer holds, accepted
    gap: bool = False
    sends: int = 0  # not yet confirmed, of the whole stage
    final: bool = False

    @property
    def key(self) -> str:
        """The record's key."""
        return f"{self.stage}/{self.topic}/{self.partition}"


encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(Health).decode
