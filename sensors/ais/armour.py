"""Six-bit armour to bits. The armour is base 64 with another alphabet, so the C decoder of base 64 does the work.

(ITU-R M.1371-5 has the messages, IEC 61162-1 the armour: value 0-39 is chr(48 + v), 40-63 is chr(56 + v).)
"""

import binascii
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_ARMOUR = bytes(48 + value if value < 40 else 56 + value for value in range(64))
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_TO_BASE64 = bytes.maketrans(_ARMOUR, _BASE64)
_TEXT = "@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_ !\"#$%&'()*+,-./0123456789:;<=>?"
_CHARACTERS = 32  # 192 bits, three words: the longest layout of a position ends at bit 137

TYPE_OF = {bytes([character]): value for value, character in enumerate(_ARMOUR)}  # first character -> message type


class Bits:
    """The bits of one whole message, for the fields of rare messages."""

    def __init__(self, payload: bytes, fill: int) -> None:
        padded = payload.translate(_TO_BASE64) + b"A" * (-len(payload) % 4)
        self._value = int.from_bytes(binascii.a2b_base64(padded), "big")
        self._length = len(padded) * 6
        self.length = len(payload) * 6 - fill

    def unsigned(self, start: int, width: int) -> int:
        """``width`` bits from bit ``start``, which must lie within :attr:`length`."""
        return (self._value >> (self._length - start - width)) & ((1 << width) - 1)

    def text(self, start: int, width: int) -> str | None:
        """Six-bit text up to the first ``@``, without spaces at its ends; None where nothing is left."""
        width = min(width, self.length - start) // 6 * 6
        codes = (self.unsigned(at, 6) for at in range(start, start + width, 6))
        return "".join(_TEXT[code] for code in codes).partition("@")[0].strip() or None


def words(payloads: Sequence[bytes]) -> NDArray[np.uint64]:
    """The first 192 bits of each of ``n`` payloads, zeros where shorter, shape ``(n, 3)``, first bit highest."""
    joined = b"".join([payload[:_CHARACTERS].ljust(_CHARACTERS, b"0") for payload in payloads])
    packed = np.frombuffer(binascii.a2b_base64(joined.translate(_TO_BASE64)), ">u8")
    return packed.astype(np.uint64).reshape(-1, 3)


def unsigned(message: NDArray[np.uint64], start: int, width: int) -> NDArray[np.int64]:
    """``width`` (< 64) bits from bit ``start`` of each message, shape ``(n,)``; ``message`` as of :func:`words`."""
    word, offset = divmod(start, 64)
    mask = np.uint64((1 << width) - 1)
    spare = 64 - offset - width
    if spare >= 0:
        return ((message[:, word] >> np.uint64(spare)) & mask).astype(np.int64)
    high = message[:, word] << np.uint64(-spare)
    return ((high | (message[:, word + 1] >> np.uint64(64 + spare))) & mask).astype(np.int64)


def signed(message: NDArray[np.uint64], start: int, width: int) -> NDArray[np.int64]:
    """As :func:`unsigned`, two's complement."""
    value = unsigned(message, start, width)
    return value - ((value >> (width - 1)) << width)
