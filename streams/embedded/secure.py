"""Listeners with TLS beside the plain one, for trying secured connections on a real broker.

One wants a client certificate (principal: its common name), one a SCRAM password over TLS. Nobody may do anything but
who is named in an ACL, and whoever is on the plain loopback port (``ANONYMOUS``), where ACLs and users are made.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

_MAPPING = "RULE:^CN=([^,]+).*$/$1/"


class SecureListeners(NamedTuple):
    """Ports on loopback, and PEM files: the broker's key and certificate in one, and whom it trusts."""

    mtls: int
    scram: int
    key_and_certificate: Path
    authorities: Path


def secured(properties: Mapping[str, str], listeners: SecureListeners) -> dict[str, str]:
    """Server properties with the two listeners added and everything closed that no ACL opens."""
    more = f",MTLS://127.0.0.1:{listeners.mtls},SCRAM://127.0.0.1:{listeners.scram}"
    return {
        **properties,
        "listeners": properties["listeners"] + more,
        "advertised.listeners": properties["advertised.listeners"] + more,
        "listener.security.protocol.map": properties["listener.security.protocol.map"] + ",MTLS:SSL,SCRAM:SASL_SSL",
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(listeners.key_and_certificate),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(listeners.authorities),
        "ssl.principal.mapping.rules": _MAPPING.replace("\\", "\\\\"),
        "listener.name.mtls.ssl.client.auth": "required",
        "sasl.enabled.mechanisms": "SCRAM-SHA-512",
        "listener.name.scram.scram-sha-512.sasl.jaas.config": (
            "org.apache.kafka.common.security.scram.ScramLoginModule required;"
        ),
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "allow.everyone.if.no.acl.found": "false",
        "super.users": "User:ANONYMOUS",
    }
