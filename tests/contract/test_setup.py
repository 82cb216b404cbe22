"""`make setup` without a Java runtime or Maven: installed where that is allowed, else one message that names them."""

import shutil
import subprocess
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_SCRIPT, _BROWSER = _ROOT / "deploy" / "install-system.sh", _ROOT / "deploy" / "install-browser.sh"


def _program(directory: Path, name: str, script: str) -> None:
    file = directory / name
    file.write_text(f"#!{shutil.which('bash')}\n{script}\n")
    file.chmod(0o755)


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A directory of programs that is the whole search path: neither Java nor Maven nor a package manager."""
    for tool in ("sed", "head", "cat"):
        found = shutil.which(tool)
        assert found is not None
        (tmp_path / tool).symlink_to(found)
    _program(tmp_path, "id", "echo 1000")
    return tmp_path


def _run(machine: Path, script: Path = _SCRIPT, **environment: str) -> "subprocess.CompletedProcess[str]":
    bash = shutil.which("bash")
    assert bash is not None
    return subprocess.run(
        [bash, str(script)], env={"PATH": str(machine), **environment}, capture_output=True, text=True, check=False
    )


def _with_apt(machine: Path, *, java_17: bool) -> Path:
    log = machine / "apt.log"
    _program(machine, "id", "echo 0")
    _program(machine, "apt-get", f'echo "$@" >> {log}')
    _program(machine, "apt-cache", f"exit {0 if java_17 else 100}")
    return log


def test_one_message_names_what_is_missing(machine: Path) -> None:
    """Law: who may not install is told everything that is missing at once, and the set-up stops."""
    done = _run(machine)
    assert (done.returncode, done.stdout) == (1, "")
    assert "Missing here: openjdk-17-jre-headless maven" in done.stderr


@pytest.mark.parametrize("version, missing", [("17.0.9", False), ("25", False), ("11.0.2", True), ("1.8.0_392", True)])
def test_an_old_java_is_missing(machine: Path, version: str, missing: bool) -> None:
    """Law: a Java runtime below 17 is as good as none; one from 17 on is enough."""
    _program(machine, "java", f"echo 'openjdk version \"{version}\"' >&2")
    _program(machine, "mvn", "exit 0")
    done = _run(machine)
    assert done.returncode == (1 if missing else 0)
    assert ("Missing here: openjdk-17-jre-headless\n" in done.stderr) is missing


@pytest.mark.parametrize("java_17, package", [(True, "openjdk-17-jre-headless"), (False, "default-jre-headless")])
def test_root_installs_from_the_systems_packages(machine: Path, java_17: bool, package: str) -> None:
    """Law: root gets a runtime and Maven from the system's packages, the default runtime where 17 is not offered."""
    log = _with_apt(machine, java_17=java_17)
    done = _run(machine)
    assert done.returncode == 0, done.stderr
    assert log.read_text().splitlines()[-1].endswith(f"{package} maven")


def test_nothing_is_needed_for_a_given_broker(machine: Path) -> None:
    """Law: with VEDETTE_BROKER there is nothing to install and nothing is said."""
    done = _run(machine, VEDETTE_BROKER="kafka:9092")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_browser_is_installed_where_it_may_be(machine: Path) -> None:
    """Law: root gets one, who may not install is told, one that is there is left alone; the tests go on in any case."""
    done = _run(machine, _BROWSER)
    assert (done.returncode, "are skipped" in done.stderr) == (0, True)
    log = _with_apt(machine, java_17=True)
    assert _run(machine, _BROWSER).returncode == 0
    assert log.read_text().splitlines()[-1].endswith(" chromium")
    log.unlink()
    _program(machine, "chromium", "exit 0")
    done = _run(machine, _BROWSER)
    assert (done.returncode, done.stdout, done.stderr, log.exists()) == (0, "", "", False)


def test_make_help_names_every_target() -> None:
    """Law: `make help` lists the commands a newcomer needs, each with what it does."""
    shown = subprocess.run(["make", "help"], cwd=_ROOT, capture_output=True, text=True, check=True).stdout
    listed = {line.split()[1] for line in shown.splitlines()}
    wanted = {"setup", "up", "test", "test-fast", "fault", "bench", "check", "broker-up", "broker-down", "clean"}
    assert wanted <= listed
