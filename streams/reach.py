"""Whether the brokers let us in, and if not, why: asked before a client is made, because clients hide the cause.

kafka-python retries a refused password or certificate for 30 s and then only says that it could not bootstrap.
"""

import asyncio
import ssl
import time

from streams.connection import ClientOptions

_PAUSE_S = 0.2


class Refused(Exception):
    """A broker answers, and does not let us in, or is not who it should be; the message says what to look at."""


def reach(options: ClientOptions, timeout_s: float) -> bool:
    """Whether one of the brokers lets us in within ``timeout_s``; raises :class:`Refused` as soon as that is clear."""
    return asyncio.run(_reach(options, timeout_s))


async def _reach(options: ClientOptions, timeout_s: float) -> bool:
    deadline = time.monotonic() + timeout_s
    while True:
        closed = ""
        for server in options["bootstrap_servers"]:
            found = await _lets_in(server, options, max(deadline - time.monotonic(), 0.1))
            if found is True:
                return True
            closed = server if found is None else closed
        if closed and time.monotonic() >= deadline:
            raise Refused(
                f"{closed}: it closes the connection: does it want a certificate, another one than ours"
                " (tls_certificate), or a password (sasl_username)?"
            )
        if time.monotonic() >= deadline:
            return False
        await asyncio.sleep(_PAUSE_S)


async def _lets_in(server: str, options: ClientOptions, timeout_s: float) -> bool | None:
    """Whether it lets us in; None where it took the connection and closed it without a word."""
    from aiokafka.conn import create_conn
    from aiokafka.errors import KafkaError
    from aiokafka.protocol.metadata import MetadataRequest

    from streams.tls_close import close_promptly

    close_promptly()

    host, _, port = server.rpartition(":")
    rest = {key: value for key, value in options.items() if key != "bootstrap_servers"}
    try:
        connection = await create_conn(host.strip("[]"), int(port), request_timeout_ms=int(timeout_s * 1000), **rest)
        try:
            await connection.send(MetadataRequest([]))  # a port that wants a password answers nothing before it has one
        finally:
            await connection.close()
    except ssl.SSLCertVerificationError as problem:
        raise Refused(f"{server}: its certificate is not trusted: {problem.verify_message} (tls_ca)") from problem
    except ssl.SSLError as problem:
        raise Refused(
            f"{server}: TLS failed ({problem.reason}): is it a TLS port, is our certificate known?"
        ) from problem
    except KafkaError as problem:
        if _names(problem) & {"SaslAuthenticationFailed", "AuthenticationFailedError"}:
            raise Refused(f"{server}: user or password refused (sasl_username, sasl_password_file)") from problem
        if _names(problem) & {"UnsupportedSaslMechanismError", "IllegalSaslStateError"}:
            raise Refused(f"{server}: not the way this port authenticates (sasl_mechanism)") from problem
        return None
    except (OSError, TimeoutError):
        return False
    return True


def _names(problem: BaseException) -> set[str]:
    """The types of an error and of what caused it."""
    found: list[BaseException] = [problem]
    while (cause := found[-1].__cause__ or found[-1].__context__) is not None:
        found.append(cause)
    return {type(error).__name__ for error in found}
