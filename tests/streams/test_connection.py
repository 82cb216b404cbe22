"""What the security settings say, and the combinations that are refused before anything connects."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from streams.connection import FILE, PASSWORD, VARIABLES, BadConnection, client_options, security_of, servers_of

CA, CERTIFICATE, KEY, KEY_PASSWORD, MECHANISM, USER, PASSWORD_FILE = VARIABLES.values()


def test_nothing_said_is_a_connection_in_the_clear() -> None:
    """Only the brokers are named, and an empty variable says nothing."""
    assert client_options("a:1, b:2", {CA: ""}) == {"bootstrap_servers": ["a:1", "b:2"]}
    assert servers_of(" a:1,") == ["a:1"]


@pytest.mark.parametrize(
    "environment, key",
    [
        ({USER: "u", PASSWORD: "p"}, "tls_ca"),
        ({CA: "ca.pem", USER: "u"}, "sasl_password_file"),
        ({CA: "ca.pem", MECHANISM: "PLAIN"}, "sasl_username"),
        ({CA: "ca.pem", PASSWORD_FILE: "p"}, "sasl_username"),
        ({CA: "ca.pem", USER: "u", PASSWORD: "p", MECHANISM: "GSSAPI"}, "sasl_mechanism"),
        ({CERTIFICATE: "c.pem"}, "tls_ca"),
        ({CA: "ca.pem", KEY: "k.pem"}, "tls_certificate"),
        ({CA: "ca.pem", KEY_PASSWORD: "k"}, "tls_certificate"),
        ({FILE: "no-such-file"}, FILE),
    ],
)
def test_what_could_not_work_is_refused_by_name(environment: Mapping[str, str], key: str) -> None:
    """A password without TLS would cross in the clear; the others would fail with a cause nobody sees."""
    with pytest.raises(BadConnection) as found:
        security_of(environment)
    assert str(found.value).startswith(key)


def test_a_file_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    """No certificates in it, or not there."""
    empty = tmp_path / "empty.pem"
    empty.write_text("")
    for file in (empty, tmp_path / "absent.pem"):
        with pytest.raises(BadConnection, match="tls_ca"):
            client_options("a:1", {CA: str(file)})


def test_variables_win_over_the_file(tmp_path: Path) -> None:
    """The file is what a deployment shares, a variable is what one process says; an unknown key is refused."""
    file = tmp_path / "security.toml"
    file.write_text('tls_ca = "a.pem"\ntls_certificate = "c.pem"\n')
    found = security_of({FILE: str(file), CA: "b.pem"})
    assert (found.tls_ca, found.tls_certificate) == ("b.pem", "c.pem")
    file.write_text('tls_cat = "a.pem"\n')
    with pytest.raises(BadConnection, match="tls_cat"):
        security_of({FILE: str(file)})
