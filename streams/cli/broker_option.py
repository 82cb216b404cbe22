"""Which broker a verb talks to: ``--broker``, ``VEDETTE_BROKER``, the one ``vedette broker start`` runs, port 9092."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from streams.cli.codes import BrokerRefuses, BrokerUnreachable
from streams.connection import BadConnection, ClientOptions, client_options
from streams.embedded.ready import wait_for_broker
from streams.embedded.standing import Standing

_DEFAULT = "127.0.0.1:9092"
_F = TypeVar("_F", bound=Callable[..., Any])


def default_broker() -> str:
    """The standing broker of this directory, where one runs, else Kafka's usual port on loopback."""
    standing = Standing.read()
    return standing.bootstrap if standing is not None and standing.alive() else _DEFAULT


def broker_option(function: _F) -> _F:
    """Add ``--broker`` to a verb; the parameter is ``bootstrap``, ``host:port[,host:port]``."""
    return click.option(
        "--broker",
        "bootstrap",
        envvar="VEDETTE_BROKER",
        default=default_broker,
        metavar="HOST:PORT",
        help="Kafka broker; else VEDETTE_BROKER, else the one `vedette broker start` runs, else port 9092 here.",
    )(function)


def require_broker(bootstrap: str, timeout_s: float = 3.0) -> None:
    """Return when one of the brokers answers; :class:`BrokerUnreachable` (exit code 3) when none does in time.

    Asked before a client is made: clients retry for 30 s and hide the cause.
    """
    try:
        options = client_options(bootstrap)
    except BadConnection as bad:
        raise click.ClickException(str(bad)) from bad
    for address in bootstrap.split(","):
        host, _, port = address.strip().rpartition(":")
        if not host or not port.isdigit():
            raise click.BadParameter(f"{address!r}: expected HOST:PORT", param_hint="--broker")
        if "ssl_context" not in options and wait_for_broker(host.strip("[]"), int(port), timeout_s):
            return
    if "ssl_context" in options and _let_in(options, timeout_s):
        return
    raise BrokerUnreachable(bootstrap)


def _let_in(options: ClientOptions, timeout_s: float) -> bool:
    from streams.reach import Refused, reach

    try:
        return reach(options, timeout_s)
    except Refused as why:
        raise BrokerRefuses(str(why)) from why
