"""The broker's server properties, its ports and its JVM options."""

import random
import socket
from pathlib import Path
from typing import NamedTuple

from streams.embedded.secure import SecureListeners, secured

_HOST = "127.0.0.1"
_LOWEST = 15_000


class Ports(NamedTuple):
    """The client's and the controller's port on loopback."""

    client: int
    controller: int


def free_ports() -> Ports:
    """Two ports nobody listens on now.

    Taken below the range the kernel gives to outgoing connections: there a port could be lent to a client of somebody
    else while the broker is down for a restart.
    """
    low = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    found: list[int] = []
    while len(found) < 2:
        port = random.SystemRandom().randrange(_LOWEST, max(low, _LOWEST + 1_000))
        with socket.socket() as probe:
            try:
                probe.bind((_HOST, port))
            except OSError:
                continue
        if port not in found:
            found.append(port)
    return Ports(*found)


def server_properties(data: Path, ports: Ports, listeners: SecureListeners | None = None) -> str:
    """One combined broker and controller on loopback; the numbers' reasons stand beside them."""
    lines = {
        "process.roles": "broker,controller",
        "node.id": "1",
        # A static voter: the data does not hold the port, so it can be started on another one.
        "controller.quorum.voters": f"1@{_HOST}:{ports.controller}",
        "controller.listener.names": "CONTROLLER",
        "listeners": f"PLAINTEXT://{_HOST}:{ports.client},CONTROLLER://{_HOST}:{ports.controller}",
        "advertised.listeners": f"PLAINTEXT://{_HOST}:{ports.client}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name": "PLAINTEXT",
        "log.dirs": str(data / "log"),
        "auto.create.topics.enable": "false",
        # Every judgement of lateness and patience reads the broker's append time.
        "log.message.timestamp.type": "LogAppendTime",
        "offsets.topic.num.partitions": "4",
        "offsets.topic.replication.factor": "1",
        "transaction.state.log.num.partitions": "1",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "share.coordinator.state.topic.num.partitions": "1",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        "group.initial.rebalance.delay.ms": "0",
        "group.min.session.timeout.ms": "3000",  # a lost worker is noticed in 3 s where a test asks for it
        # After kill -9 the old registration must time out before the port opens: 6 s instead of 10 s.
        "broker.session.timeout.ms": "3000",
        "broker.heartbeat.interval.ms": "500",
        "num.network.threads": "2",
        "num.io.threads": "2",
        "background.threads": "2",
        "num.recovery.threads.per.data.dir": "2",
        "log.cleaner.dedupe.buffer.size": str(8 << 20),  # the default of 128 MiB is half of the heap
        "log.index.size.max.bytes": str(1 << 20),
    }
    if listeners is not None:
        lines = secured(lines, listeners)
    return "".join(f"{key}={value}\n" for key, value in lines.items())


def jvm_options(archive: Path | None, *, for_load: bool) -> list[str]:
    """A small heap that starts fast; ``for_load`` lets the compiler optimise and gives the heap 512 MiB."""
    options = ["-Xms64m", f"-Xmx{512 if for_load else 256}m", "-XX:+UseSerialGC", "-XX:-UsePerfData"]
    options += ["-XX:+ExitOnOutOfMemoryError", "-Djava.awt.headless=true", "-Dlog4j2.disableJmx=true"]
    if not for_load:
        options.append("-XX:TieredStopAtLevel=1")
    if archive is not None:
        options += [f"-XX:SharedArchiveFile={archive}", "-Xshare:auto"]
    return options
