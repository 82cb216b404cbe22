"""A formatted KRaft data directory, copied from one that was formatted once."""

import base64
import re
import shutil
import subprocess
import tempfile
import uuid
from pathlib import Path

from streams.cache import locked
from streams.embedded.classpath import kafka_dir, recipe_dir, resolve_jars
from streams.embedded.errors import BrokerFailed
from streams.embedded.java import find_java
from streams.embedded.settings import Ports, server_properties


def java_command(jars: tuple[Path, ...], options: list[str]) -> list[str]:
    """The launcher with the class path and the log configuration, before the main class."""
    log4j = f"-Dlog4j2.configurationFile={recipe_dir() / 'log4j2.properties'}"
    return [str(find_java().launcher), *options, log4j, "-cp", ":".join(map(str, jars))]


def format_storage(data: Path) -> None:
    """Make ``data/log`` a formatted directory with identities of its own.

    Kafka's own tool takes 0.6-0.9 s, so it runs once; afterwards its two files are copied and the cluster's and the
    directory's ids, which only have to be unlike any other, are drawn afresh.
    """
    if (data / "log" / "meta.properties").is_file():
        return
    template = storage_template()
    (data / "log").mkdir(parents=True, exist_ok=True)
    for file in sorted(template.iterdir()):
        shutil.copy(file, data / "log" / file.name)
    meta = data / "log" / "meta.properties"
    text = re.sub(r"(?m)^(cluster|directory)\.id=.*$", lambda found: f"{found[1]}.id={_uuid()}", meta.read_text())
    meta.write_text(text)


def storage_template() -> Path:
    """The directory formatted once, made where it is not there yet."""
    template = kafka_dir() / "storage"
    if not template.is_dir():
        jars = resolve_jars()
        with locked(kafka_dir()):
            if not template.is_dir():
                _format(template, jars)
    return template


def _format(template: Path, jars: tuple[Path, ...]) -> None:
    with tempfile.TemporaryDirectory(dir=template.parent, prefix=".storage-") as fresh:
        properties = Path(fresh) / "server.properties"
        properties.write_text(server_properties(Path(fresh), Ports(1, 2)))
        command = java_command(jars, ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"])
        command += ["kafka.tools.StorageTool", "format", "-t", _uuid(), "-c", str(properties)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise BrokerFailed(f"Kafka's StorageTool could not format a directory:\n{done.stdout}{done.stderr}")
        (Path(fresh) / "log").rename(template)


def _uuid() -> str:
    """A Kafka id: 16 random bytes in URL-safe base 64, not beginning with a dash (it would look like an option)."""
    while (text := base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")).startswith("-"):
        pass
    return text
