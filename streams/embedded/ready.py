"""Asks a broker for metadata over a bare socket: 10 ms after it answers we know, without a client's back-off."""

import socket
import struct
import time
from collections.abc import Callable

_METADATA = 3
_VERSION = 1
_CLIENT = b"vedette-ready"


def answers_metadata(link: socket.socket) -> bool:
    """Whether the peer answers Kafka's Metadata request with a broker and a controller."""
    request = struct.pack(f">hhih{len(_CLIENT)}si", _METADATA, _VERSION, 1, len(_CLIENT), _CLIENT, 0)
    link.sendall(struct.pack(">i", len(request)) + request)
    (size,) = struct.unpack(">i", _exactly(link, 4))
    answer = _exactly(link, size)
    (brokers,) = struct.unpack_from(">i", answer, 4)
    at = 8
    for _ in range(brokers):
        (host,) = struct.unpack_from(">h", answer, at + 4)
        at += 4 + 2 + host + 4
        (rack,) = struct.unpack_from(">h", answer, at)
        at += 2 + max(rack, 0)
    (controller,) = struct.unpack_from(">i", answer, at)
    return bool(brokers > 0 and controller >= 0)


def wait_for_broker(host: str, port: int, timeout_s: float, *, alive: Callable[[], bool] = lambda: True) -> bool:
    """Try every 10 ms until the broker answers; False when the time is up or it is not ``alive`` any more."""
    deadline = time.monotonic() + timeout_s
    while alive() and time.monotonic() < deadline:
        try:
            with socket.create_connection((host, port), timeout=min(2.0, timeout_s)) as link:
                if answers_metadata(link):
                    return True
        except OSError:
            pass
        time.sleep(0.01)
    return False


def _exactly(link: socket.socket, size: int) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        part = link.recv(size - len(parts))
        if not part:
            raise ConnectionError("the peer closed the connection in the middle of an answer")
        parts += part
    return bytes(parts)
