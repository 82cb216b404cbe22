"""Resolves the broker's jars once, with Maven, into a cache of the user."""

import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path

from streams.cache import cache_dir, locked
from streams.embedded.errors import EmbeddedError, ToolMissing


def recipe_dir() -> Path:
    """Where ``pom.xml`` and ``log4j2.properties`` are: beside this module when installed, else ``deploy/kafka``."""
    installed = Path(__file__).with_name("kafka")
    return installed if installed.is_dir() else Path(__file__).parents[2] / "deploy" / "kafka"


def kafka_dir() -> Path:
    """The cache of this ``pom.xml``: another Kafka version never meets the files of this one."""
    recipe = (recipe_dir() / "pom.xml").read_bytes()
    return cache_dir() / f"kafka-{hashlib.blake2b(recipe, digest_size=6).hexdigest()}"


def resolve_jars() -> tuple[Path, ...]:
    """The broker's jars in one fixed order (a class-data archive is bound to it); Maven runs the first time only."""
    jars = kafka_dir() / "jars"
    if not jars.is_dir():
        with locked(kafka_dir()):
            if not jars.is_dir():
                _download(jars)
    return tuple(sorted(jars.glob("*.jar")))


def _download(jars: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise ToolMissing("no Maven found (`mvn`); install it to fetch Kafka once, or run `make setup`")
    with tempfile.TemporaryDirectory(dir=jars.parent, prefix=".jars-") as fresh:
        target = Path(fresh) / "jars"
        command = [maven, "-q", "-B", "-f", str(recipe_dir() / "pom.xml"), "dependency:copy-dependencies"]
        command += ["-DincludeScope=runtime", f"-DoutputDirectory={target}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode or not any(target.glob("kafka_*.jar")):
            reason = "\n".join((done.stdout + done.stderr).strip().splitlines()[-8:])
            raise EmbeddedError(f"Maven could not fetch Kafka; is its repository reachable?\n{reason}")
        target.rename(jars)
