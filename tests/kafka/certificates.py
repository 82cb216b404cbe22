"""Certificates from openssl for tests of secured connections: an authority, what it signed, and a foreign one."""

import shutil
import subprocess
from pathlib import Path

import pytest


class Authority:
    """A certificate authority in a directory of its own."""

    def __init__(self, directory: Path, name: str) -> None:
        if shutil.which("openssl") is None:
            pytest.skip("openssl is not installed: no certificates can be made")
        directory.mkdir()
        self._directory, self.certificate = directory, directory / "ca.pem"
        self._key = directory / "ca.key"
        self._new_key(self._key)
        _openssl(
            *("req", "-x509", "-new", "-key", str(self._key), "-days", "2", "-subj", f"/CN={name}"),
            *("-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign"),
            *("-out", str(self.certificate)),
        )

    def issue(self, name: str) -> tuple[Path, Path]:
        """Certificate and key of a principal; good for a server on 127.0.0.1 and for a client."""
        key, request, certificate = (self._directory / f"{name}.{end}" for end in ("key", "csr", "pem"))
        extensions = self._directory / f"{name}.ext"
        extensions.write_text("subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n")
        self._new_key(key)
        _openssl("req", "-new", "-key", str(key), "-subj", f"/CN={name}", "-out", str(request))
        _openssl(
            *("x509", "-req", "-in", str(request), "-CA", str(self.certificate), "-CAkey", str(self._key)),
            *("-days", "2", "-extfile", str(extensions), "-out", str(certificate)),
        )
        return certificate, key

    def issue_in_one_file(self, name: str) -> Path:
        """Key and certificate in one file, as Kafka takes them."""
        certificate, key = self.issue(name)
        both = self._directory / f"{name}.both.pem"
        both.write_text(key.read_text() + certificate.read_text())
        return both

    def _new_key(self, path: Path) -> None:
        _openssl(
            *("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", str(path)),
        )


def _openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)
