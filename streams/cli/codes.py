"""The exit codes of ``vedette``, and how a verb says that no broker answers."""

from typing import Final

DONE: Final = 0
INPUT_ERRORS: Final = 1  # it ran, and with --strict some of the input was bad
USAGE: Final = 2
BROKER_UNREACHABLE: Final = 3


class BrokerUnreachable(Exception):
    """No broker answers at the address; the message names the next step."""

    def __init__(self, bootstrap: str) -> None:
        super().__init__(bootstrap)
        self.bootstrap = bootstrap

    def __str__(self) -> str:
        return (
            f"no Kafka broker answers at {self.bootstrap}; start one with `vedette broker start`, "
            "or name another with --broker or VEDETTE_BROKER"
        )


class BrokerRefuses(BrokerUnreachable):
    """A broker answers and does not let us in; the message says why."""

    def __str__(self) -> str:
        return self.bootstrap
