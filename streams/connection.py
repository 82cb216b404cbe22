"""How every client of ours reaches the brokers: in the clear, over TLS, with a certificate of its own, with a password.

What to use is said by ``VEDETTE_SECURITY``, a TOML file (:class:`Security`), and by one variable per key, which wins:
``VEDETTE_TLS_CA``, ``VEDETTE_SASL_USERNAME``, … Workers, verbs and the processes they start read the same environment.
Passwords stand in files of their own, or in ``VEDETTE_SASL_PASSWORD``: never in a configuration or on a command line.
"""

import os
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import TypedDict

import msgspec

FILE = "VEDETTE_SECURITY"
PASSWORD = "VEDETTE_SASL_PASSWORD"
MECHANISMS = ("SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN")
VARIABLES: Mapping[str, str] = {
    "tls_ca": "VEDETTE_TLS_CA",
    "tls_certificate": "VEDETTE_TLS_CERTIFICATE",
    "tls_key": "VEDETTE_TLS_KEY",
    "tls_key_password_file": "VEDETTE_TLS_KEY_PASSWORD_FILE",
    "sasl_mechanism": "VEDETTE_SASL_MECHANISM",
    "sasl_username": "VEDETTE_SASL_USERNAME",
    "sasl_password_file": "VEDETTE_SASL_PASSWORD_FILE",
}


class BadConnection(ValueError):
    """The security settings cannot be used; the message names the key and what was expected."""


class Security(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the file ``VEDETTE_SECURITY`` may hold; nothing is a connection in the clear. Paths are PEM files."""

    tls_ca: str | None = None  # authorities the broker's certificate must come from
    tls_certificate: str | None = None  # our own, for a broker that asks for one
    tls_key: str | None = None  # its key; None: it stands in the certificate's file
    tls_key_password_file: str | None = None
    sasl_mechanism: str | None = None  # SCRAM-SHA-512 where only a name is given
    sasl_username: str | None = None
    sasl_password_file: str | None = None


class ClientOptions(TypedDict, total=False):
    """The arguments that kafka-python and aiokafka have in common."""

    bootstrap_servers: list[str]
    security_protocol: str
    ssl_context: ssl.SSLContext
    sasl_mechanism: str
    sasl_plain_username: str
    sasl_plain_password: str


def servers_of(bootstrap: str) -> list[str]:
    """``host:port,host:port`` as a list."""
    return [server.strip() for server in bootstrap.split(",") if server.strip()]


def security_of(environment: Mapping[str, str]) -> Security:
    """The security settings of an environment; raises :class:`BadConnection`."""
    security = Security()
    if file := environment.get(FILE):
        try:
            security = msgspec.toml.decode(Path(file).read_bytes(), type=Security)
        except (msgspec.MsgspecError, OSError) as problem:
            raise BadConnection(f"{FILE}={file}: {problem}") from problem
    given = {key: environment[variable] for key, variable in VARIABLES.items() if environment.get(variable)}
    security = msgspec.structs.replace(security, **given)
    _check(security, has_password=PASSWORD in environment)
    return security


def client_options(bootstrap: str, environment: Mapping[str, str] | None = None) -> ClientOptions:
    """What to give a kafka-python or aiokafka client; raises :class:`BadConnection` for settings it could not use."""
    environment = os.environ if environment is None else environment
    security = security_of(environment)
    options: ClientOptions = {"bootstrap_servers": servers_of(bootstrap)}
    if security.tls_ca is None:
        return options
    options["ssl_context"] = _context(security)
    options["security_protocol"] = "SSL"
    if security.sasl_username is not None:
        options["security_protocol"] = "SASL_SSL"
        options["sasl_mechanism"] = security.sasl_mechanism or MECHANISMS[0]
        options["sasl_plain_username"] = security.sasl_username
        file = security.sasl_password_file
        options["sasl_plain_password"] = _secret("sasl_password_file", file) if file else environment[PASSWORD]
    return options


def _check(security: Security, *, has_password: bool) -> None:
    sasl = security.sasl_username is not None
    if not sasl and (security.sasl_mechanism or security.sasl_password_file):
        raise BadConnection("sasl_username: expected beside sasl_mechanism or sasl_password_file")
    if sasl and security.tls_ca is None:
        raise BadConnection("tls_ca: expected beside sasl_username; without TLS the password would cross in the clear")
    if sasl and (security.sasl_mechanism or MECHANISMS[0]) not in MECHANISMS:
        raise BadConnection(f"sasl_mechanism: {security.sasl_mechanism!r}, expected one of {', '.join(MECHANISMS)}")
    if sasl and not security.sasl_password_file and not has_password:
        raise BadConnection(f"sasl_password_file: expected beside sasl_username (or {PASSWORD})")
    if security.tls_certificate is not None and security.tls_ca is None:
        raise BadConnection("tls_ca: expected beside tls_certificate")
    if security.tls_certificate is None and (security.tls_key or security.tls_key_password_file):
        raise BadConnection("tls_certificate: expected beside tls_key")


def _context(security: Security) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=security.tls_ca)
    except (OSError, ssl.SSLError) as problem:
        raise BadConnection(f"tls_ca: {security.tls_ca}: no certificates could be read: {problem}") from problem
    if security.tls_certificate is not None:
        file = security.tls_key_password_file
        password = _secret("tls_key_password_file", file) if file else ""  # a string: openssl must not ask at a prompt
        try:
            context.load_cert_chain(security.tls_certificate, security.tls_key, password)
        except (OSError, ssl.SSLError) as problem:
            raise BadConnection(f"tls_certificate, tls_key: cannot be used together: {problem}") from problem
    return context


def _secret(key: str, file: str) -> str:
    try:
        return Path(file).read_text().strip()
    except (OSError, UnicodeDecodeError) as problem:
        raise BadConnection(f"{key}: {file}: {problem}") from problem
