"""Dead letters of ingest: the original bytes of every item that could not be used.

Items are told apart by their number within the record, and each letter holds the whole record, since only the whole
can be published again. Where one record holds so many dead items that its copies would exceed a MiB (a vendor's batch
of thousands, every event refused), the further ones refer to the first by :data:`SAME_AS` and carry no bytes: one
vendor's fault must not multiply itself on our disk.
"""

from collections.abc import Iterable
from typing import NamedTuple

from streams.dead_letters import Origin, dead_letter
from streams.log import Output

STAGE = "ingest"
SAME_AS = "vedette-same-as"  # key of the dead letter that holds the bytes
COPIES_BYTES = 1 << 20


class Dead(NamedTuple):
    """An item that is to be kept, and why."""

    origin: Origin
    reason: str
    detail: str
    value: bytes | None


def bury(dead: Iterable[Dead]) -> list[Output]:
    """One output an item, in the order of (offset, item)."""
    outputs: list[Output] = []
    holder, copied = Output("", 0, None, None), 0
    offset = -1
    for origin, reason, detail, value in sorted(dead, key=lambda item: item.origin[2:4]):
        letter = dead_letter(STAGE, reason, origin, value, detail)
        copied = copied + len(value or b"") if origin.offset == offset else 0
        if origin.offset != offset:
            offset, holder = origin.offset, letter
        elif copied > COPIES_BYTES and (value or b"") == holder.value:
            letter = letter._replace(value=b"", headers=(*letter.headers, (SAME_AS, holder.key or b"")))
        outputs.append(letter)
    return outputs
