"""A core of numbers for tests without a broker: records hold ``"1 2 x 4"``, and ``x`` is a row that raises."""

from collections.abc import Sequence

import msgspec

from streams.core import Hole, NeedsVersion
from streams.log import Output, Record


def record(offset: int, text: str | None) -> Record:
    """A record of rows separated by blanks."""
    return Record(offset, offset * 1_000, None, None if text is None else text.encode())


class ToyCore:
    """Sums numbers. State: the sum, the rows seen, the rows buried. Broken on purpose by a row that raises."""

    def __init__(self, bury_raises: bool = False) -> None:
        self.total = 0
        self.rows: list[str] = []
        self.buried: list[str] = []
        self.known: set[str] = set()
        self.bury_raises = bury_raises

    def apply(self, records: Sequence[Record]) -> list[Output]:
        for one in records:
            for row in (one.value or b"").decode().split():
                if row == "hole":
                    raise Hole("toy/0: rows after (0, 0) up to (1, 0) are missing")
                if row == "needs":
                    raise NeedsVersion("toy", 1)
        for one in records:
            for row in (one.value or b"").decode().split():
                self.rows.append(row)
                self.total += int(row)  # "x" raises here, with the row already noted: a state not to be trusted
        return [Output("out", 0, None, one.value) for one in records]

    def tick(self, log_time_us: int, *, idle: bool) -> list[Output]:
        return [Output("tick", 0, None, b"idle" if idle else b"busy")]

    def cut(self, one: Record, rows: range) -> Record | None:
        if one.value is None:
            return None
        kept = one.value.decode().split()[rows.start : rows.stop]
        return one._replace(value=" ".join(kept).encode()) if kept else None

    def bury(self, one: Record, reason: str) -> list[Output]:
        if self.bury_raises:
            raise RuntimeError("cannot")
        text = (one.value or b"").decode()
        self.buried.append(text)
        return [Output("dead", 0, None, text.encode(), (("reason", reason.encode()),))]

    def dump(self) -> bytes:
        return msgspec.msgpack.encode((self.total, self.rows, self.buried))

    def load(self, state: bytes) -> None:
        self.total, self.rows, self.buried = msgspec.msgpack.decode(state, type=tuple[int, list[str], list[str]])

    def counts(self) -> dict[str, int]:
        return {"in": len(self.rows) + len(self.buried)}

    def gauges(self) -> dict[str, float]:
        return {"total": float(self.total)}
