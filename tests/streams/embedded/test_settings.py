"""Ports, server properties and readiness, without a broker."""

import socket
import struct
from pathlib import Path

import pytest

from streams.embedded.ready import answers_metadata, wait_for_broker
from streams.embedded.settings import Ports, free_ports, jvm_options, server_properties


def test_ports_are_free_and_not_lent_out() -> None:
    """Law: two different ports that can be bound, below the range the kernel lends to outgoing connections."""
    ports = free_ports()
    low = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert ports.client != ports.controller
    for port in ports:
        assert port < max(low, 16_000)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", port))


def test_only_loopback_is_listened_on() -> None:
    """Law: no listener of the embedded broker is reachable from outside, and no topic is ever made by itself."""
    text = server_properties(Path("data"), Ports(1, 2))
    properties = dict(line.split("=", 1) for line in text.splitlines())
    for listener in f"{properties['listeners']},{properties['advertised.listeners']}".split(","):
        assert listener.split("://")[1].startswith("127.0.0.1:")
    assert properties["auto.create.topics.enable"] == "false"
    assert properties["log.message.timestamp.type"] == "LogAppendTime"


@pytest.mark.parametrize("for_load, heap, tiered", [(False, "-Xmx256m", True), (True, "-Xmx512m", False)])
def test_heap_and_compiler(for_load: bool, heap: str, tiered: bool) -> None:
    """Law: for load the compiler may optimise and the heap is larger; otherwise the start is short."""
    options = jvm_options(Path("classes.jsa"), for_load=for_load)
    assert heap in options
    assert ("-XX:TieredStopAtLevel=1" in options) is tiered
    assert "-XX:SharedArchiveFile=classes.jsa" in options


def _answer(brokers: int, controller: int) -> bytes:
    body = struct.pack(">ii", 1, brokers)
    for node in range(brokers):
        body += struct.pack(">ih9sih", node, 9, b"127.0.0.1", 9092, -1)
    body += struct.pack(">ii", controller, 0)
    return struct.pack(">i", len(body)) + body


@pytest.mark.parametrize(
    "said, ready",
    [
        (_answer(1, 1), True),
        (_answer(3, 2), True),
        (_answer(0, -1), False),
        (_answer(1, -1), False),
    ],
)
def test_readiness_is_a_broker_and_a_controller(said: bytes, ready: bool) -> None:
    """Law: only metadata that names a broker and a controller is readiness; an open port is none."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(said)
        assert answers_metadata(ours) is ready


def test_answer_cut_short() -> None:
    """Law: a peer that closes in the middle of its answer is not ready, and says so as a connection error."""
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            theirs.sendall(_answer(1, 1)[:9])
        with pytest.raises(ConnectionError):
            answers_metadata(ours)


def test_waiting_ends_when_the_process_ended() -> None:
    """Law: nobody waits for a broker whose process is gone."""
    answers = iter([True, False])
    assert not wait_for_broker("127.0.0.1", free_ports().client, 600.0, alive=lambda: next(answers))


def test_waiting_ends_in_time() -> None:
    """Law: a port that accepts and never answers is given up when the time is up."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert not wait_for_broker("127.0.0.1", silent.getsockname()[1], 0.2)
